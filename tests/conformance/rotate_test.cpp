// `rotate` on every device against its oracle: long and short paths, uniform and irregular frequencies, strided views.
#include "kernels/rotate.hpp"

#include "tests/oracle/rotate.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <random>

namespace nocturne {
namespace {

struct Problem {
    Index nt = 3, nb = 10, nc = 77, np = 2;
    std::vector<Vis> vis;
    std::vector<double> uvw, shift, freq;

    explicit Problem(Index correlations, double path_m)
        : np(correlations), vis(nt * nb * nc * np), uvw(nt * nb * 3), shift(nt * nb), freq(nc)
    {
        std::mt19937_64 random(11);
        std::uniform_real_distribution<double> even(-1, 1);
        for (auto& v : vis) v = {static_cast<float>(even(random)), static_cast<float>(even(random))};
        for (auto& x : uvw) x = even(random) * path_m;
        for (auto& x : shift) x = even(random) * path_m;
        for (Index t = 0; t < nt; ++t) shift[t * nb] = 0;
        for (Index c = 0; c < nc; ++c) freq[c] = 1.3e9 + 2.5e6 * static_cast<double>(c) + 1e6 * even(random);
    }

    std::complex<double> expected(Index row, Index c, Index p) const
    {
        auto const& v = vis[(row * nc + c) * np + p];
        return oracle::rotate({v.re, v.im}, freq[c], shift[row], 0);
    }

    double worst(std::vector<Vis> const& got) const
    {
        double most = 0;
        for (Index i = 0; i < std::ssize(got); ++i) {
            auto const e = expected(i / (nc * np), i / np % nc, i % np);
            most = std::max(most, std::abs(std::complex<double>(got[i].re, got[i].im) - e));
        }
        return most;
    }
};

/// A problem in a device's memory.
struct OnDevice {
    Buffer<Vis> vis;
    Buffer<double> uvw, shift, freq, out;

    OnDevice(Device const& device, Problem const& p)
        : vis(to_device(device, p.vis)),
          uvw(to_device(device, p.uvw)),
          shift(to_device(device, p.shift)),
          freq(to_device(device, p.freq)),
          out(device, p.nt * p.nb * 3)
    {}

    RotateArgs args(Problem const& p, Index channels) const
    {
        return {vis.view(p.nt, p.nb, p.nc, p.np), out.view(p.nt, p.nb, 3), uvw.view(p.nt, p.nb, 3),
                shift.view(p.nt, p.nb), freq.view(channels)};
    }
};

class Rotate : public test::OnEveryDevice {};

TEST_P(Rotate, equals_the_oracle_to_1e_6_over_millions_of_turns)
{
    for (Index correlations : {1, 2, 3, 4})
        for (double path_m : {0.5, 2600.0, 1e6}) {
            Problem const p(correlations, path_m);
            OnDevice const here(device(), p);
            run(device(), here.args(p, p.nc));
            finish(device());
            EXPECT_LT(p.worst(here.vis.to_host()), path_m < 1e5 ? 1e-6 : 3e-6)
                << path_m << " m, " << correlations << " correlations";
            EXPECT_EQ(here.out.to_host(), p.uvw);
        }
}

TEST_P(Rotate, keeps_rows_without_a_shift_bit_by_bit)
{
    Problem const p(2, 2600);
    OnDevice const here(device(), p);
    run(device(), here.args(p, p.nc));
    finish(device());
    auto const got = here.vis.to_host();
    for (Index i = 0; i < p.nc * p.np; ++i) {  // baseline 0 of the first integration
        ASSERT_EQ(got[i].re, p.vis[i].re);
        ASSERT_EQ(got[i].im, p.vis[i].im);
    }
}

TEST_P(Rotate, refuses_shapes_that_differ)
{
    Problem const p(2, 1);
    OnDevice const here(device(), p);
    EXPECT_THROW(run(device(), here.args(p, p.nc - 1)), Error);
}

TEST(RotateTeam, SharedBodyHasNoRaces)
{
    Problem p(2, 2600);
    auto vis = p.vis;
    std::vector<double> out(p.nt * p.nb * 3);
    RotateArgs const args{make_view(vis.data(), p.nt, p.nb, p.nc, p.np), make_view(out.data(), p.nt, p.nb, 3),
                          make_view<double const>(p.uvw.data(), p.nt, p.nb, 3),
                          make_view<double const>(p.shift.data(), p.nt, p.nb),
                          make_view<double const>(p.freq.data(), p.nc)};
    test::for_each_tile_threaded(p.nt * p.nb, 4, 0, RotateTile{RotateCell{args}});
    EXPECT_LT(p.worst(vis), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(devices, Rotate, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
