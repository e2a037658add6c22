// `rotate` on every device against its oracle: long and short paths, uniform and irregular frequencies, strided views.
#include "kernels/rotate.hpp"

#include "tests/oracle/rotate.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <random>

namespace nocturne {
namespace {

struct Problem {
    Index nt = 3, na = 5, nb = 10, nc = 77, np = 2;
    std::vector<Vis> vis;
    std::vector<double> antenna_uvw, old_w, freq;
    std::vector<Baseline> baselines;

    explicit Problem(Index correlations, double path_m)
        : np(correlations), vis(nt * nb * nc * np), antenna_uvw(nt * na * 3), old_w(nt * na), freq(nc)
    {
        std::mt19937_64 random(11);
        std::uniform_real_distribution<double> even(-1, 1);
        for (auto& v : vis) v = {static_cast<float>(even(random)), static_cast<float>(even(random))};
        for (auto& x : antenna_uvw) x = even(random) * path_m;
        for (auto& x : old_w) x = even(random) * path_m;
        for (Index c = 0; c < nc; ++c) freq[c] = 1.3e9 + 2.5e6 * static_cast<double>(c) + 1e6 * even(random);
        for (std::int32_t a = 0; a < na; ++a)
            for (std::int32_t b = a; b < na && std::ssize(baselines) < nb; ++b) baselines.push_back({a, b});
    }

    std::complex<double> expected(Index t, Index b, Index c, Index p) const
    {
        auto const [a1, a2] = baselines[b];
        auto const& v = vis[((t * nb + b) * nc + c) * np + p];
        double const new_w = antenna_uvw[(t * na + a2) * 3 + 2] - antenna_uvw[(t * na + a1) * 3 + 2];
        return oracle::rotate({v.re, v.im}, freq[c], new_w, old_w[t * na + a2] - old_w[t * na + a1]);
    }

    double worst(std::vector<Vis> const& got) const
    {
        double most = 0;
        for (Index i = 0; i < std::ssize(got); ++i) {
            auto const e = expected(i / (nb * nc * np), i / (nc * np) % nb, i / np % nc, i % np);
            most = std::max(most, std::abs(std::complex<double>(got[i].re, got[i].im) - e));
        }
        return most;
    }
};

class Rotate : public test::OnEveryDevice {};

TEST_P(Rotate, equals_the_oracle_to_1e_6_over_millions_of_turns)
{
    for (Index correlations : {1, 2, 3, 4})
        for (double path_m : {0.5, 2600.0, 1e6}) {
            Problem const p(correlations, path_m);
            auto vis = to_device(device(), p.vis);
            auto uvw = to_device(device(), p.antenna_uvw), old_w = to_device(device(), p.old_w),
                 freq = to_device(device(), p.freq);
            auto baselines = to_device(device(), p.baselines);
            Buffer<double> out(device(), p.nt * p.nb * 3);
            run(device(), RotateArgs{vis.view(p.nt, p.nb, p.nc, p.np), out.view(p.nt, p.nb, 3), uvw.view(p.nt, p.na, 3),
                                     old_w.view(p.nt, p.na), baselines.view(p.nb), freq.view(p.nc)});
            finish(device());
            EXPECT_LT(p.worst(vis.to_host()), path_m < 1e5 ? 1e-6 : 3e-6)
                << path_m << " m, " << correlations << " correlations";
            auto const got = out.to_host();
            auto const [a1, a2] = p.baselines[7];
            EXPECT_EQ(got[(2 * p.nb + 7) * 3 + 1],
                      p.antenna_uvw[(2 * p.na + a2) * 3 + 1] - p.antenna_uvw[(2 * p.na + a1) * 3 + 1]);
        }
}

TEST_P(Rotate, keeps_autocorrelations_bit_by_bit)
{
    Problem const p(2, 2600);
    auto vis = to_device(device(), p.vis);
    auto uvw = to_device(device(), p.antenna_uvw), old_w = to_device(device(), p.old_w),
         freq = to_device(device(), p.freq);
    auto baselines = to_device(device(), p.baselines);
    Buffer<double> out(device(), p.nt * p.nb * 3);
    run(device(), RotateArgs{vis.view(p.nt, p.nb, p.nc, p.np), out.view(p.nt, p.nb, 3), uvw.view(p.nt, p.na, 3),
                             old_w.view(p.nt, p.na), baselines.view(p.nb), freq.view(p.nc)});
    finish(device());
    auto const got = vis.to_host();
    for (Index i = 0; i < p.nc * p.np; ++i) ASSERT_EQ(got[i].re, p.vis[i].re);  // baseline 0 is 0-0
}

TEST_P(Rotate, refuses_shapes_that_differ)
{
    Problem const p(2, 1);
    auto vis = to_device(device(), p.vis);
    auto uvw = to_device(device(), p.antenna_uvw), old_w = to_device(device(), p.old_w),
         freq = to_device(device(), p.freq);
    auto baselines = to_device(device(), p.baselines);
    Buffer<double> out(device(), p.nt * p.nb * 3);
    EXPECT_THROW(
        run(device(), RotateArgs{vis.view(p.nt, p.nb, p.nc, p.np), out.view(p.nt, p.nb, 3), uvw.view(p.nt, p.na, 3),
                                 old_w.view(p.nt, p.na), baselines.view(p.nb), freq.view(p.nc - 1)}),
        Error);
}

TEST(RotateTeam, SharedBodyHasNoRaces)
{
    Problem p(2, 2600);
    auto vis = p.vis;
    std::vector<double> out(p.nt * p.nb * 3);
    RotateArgs const args{make_view(vis.data(), p.nt, p.nb, p.nc, p.np),
                          make_view(out.data(), p.nt, p.nb, 3),
                          make_view<double const>(p.antenna_uvw.data(), p.nt, p.na, 3),
                          make_view<double const>(p.old_w.data(), p.nt, p.na),
                          make_view<Baseline const>(p.baselines.data(), p.nb),
                          make_view<double const>(p.freq.data(), p.nc)};
    test::for_each_tile_threaded(p.nt * p.nb, 4, 0, RotateTile{RotateCell{args}});
    EXPECT_LT(p.worst(vis), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(devices, Rotate, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
