// `level` on every device, and by real threads, against its oracle.
#include "kernels/level.hpp"

#include "tests/oracle/level.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <random>

namespace nocturne {
namespace {

struct Case {
    Index nt = 5, nb = 4, nc = 37, np = 2, step = 2, lag = 3;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;

    Case()
    {
        std::mt19937 random(3);
        std::normal_distribution<float> normal;
        for (Index t = 0; t < nt; ++t)
            for (Index b = 0; b < nb; ++b)
                for (Index i = 0; i < nc * np; ++i) {
                    float const scale = std::ldexp(1.F, static_cast<int>(11 * b - 9));
                    vis.push_back({scale * (1 + normal(random)), scale * normal(random)});
                    flag.push_back(b == 2 || random() % 5 == 0 ? flag_file : 0);  // baseline 2: nothing is good
                    if (flag.back() && i % 2) vis.back() = {3e37F, -3e37F};
                    if (!flag.back() && random() % 20 == 0) vis.back() = {50 * scale, scale};  // interference
                }
    }

    static void expect_in_a_bin(float have, double want)
    {
        EXPECT_NEAR(static_cast<double>(have), want, want / LevelTile::bins_of_exponent);
    }

    void expect(std::vector<Level> const& got) const
    {
        for (Index b = 0; b < nb; ++b)
            for (Index p = 0; p < np; ++p) {
                std::vector<std::vector<std::complex<float>>> plane;
                std::vector<std::vector<bool>> good;
                for (Index t = 0; t < nt; t += step) {
                    plane.emplace_back();
                    good.emplace_back();
                    for (Index c = 0; c < nc; ++c) {
                        auto const i = static_cast<std::size_t>(((t * nb + b) * nc + c) * np + p);
                        plane.back().emplace_back(vis[i].re, vis[i].im);
                        good.back().push_back(flag[i] == 0);
                    }
                }
                auto const want = oracle::level(plane, good, static_cast<std::size_t>(lag));
                auto const& have = got[static_cast<std::size_t>(b * np + p)];
                EXPECT_EQ(have.count, want.count);
                EXPECT_EQ(have.pairs, want.pairs);
                EXPECT_NEAR(have.power, want.power, 1e-6 * want.power);
                EXPECT_NEAR(have.lag_re, want.lag_re, 1e-6 * want.power);
                EXPECT_NEAR(have.lag_im, want.lag_im, 1e-6 * want.power);
                EXPECT_NEAR(have.lag_power, want.lag_power, 1e-6 * want.lag_power);
                EXPECT_EQ(have.exponent, want.exponent) << "baseline " << b;
                expect_in_a_bin(have.median, want.median);
                expect_in_a_bin(have.quartile, want.quartile);
            }
    }
};

class LevelKernel : public test::OnEveryDevice {};

TEST_P(LevelKernel, equals_the_oracle)
{
    Case const c;
    auto const vis = to_device(device(), c.vis);
    auto const flag = to_device(device(), c.flag);
    Buffer<Level> level(device(), c.nb * c.np);
    run(device(), LevelArgs{vis.view(c.nt, c.nb, c.nc, c.np), flag.view(c.nt, c.nb, c.nc, c.np), level.view(c.nb, c.np),
                            c.step, c.lag});
    finish(device());
    c.expect(level.to_host());
}

TEST_P(LevelKernel, quantiles_lie_within_their_bins)
{
    Index const n = 4000;  // |V|² from 1 to 5, evenly
    std::vector<Vis> host;
    for (Index i = 0; i < n; ++i) host.push_back({std::sqrt(1 + 4 * static_cast<float>(i) / static_cast<float>(n)), 0});
    auto const vis = to_device(device(), host);
    Buffer<std::uint8_t> flag(device(), n);
    flag.clear();
    Buffer<Level> level(device(), 1);
    run(device(), LevelArgs{vis.view(1, 1, n, 1), flag.view(1, 1, n, 1), level.view(1, 1), 1, 1});
    finish(device());
    EXPECT_NEAR(level.to_host()[0].median, 3, 0.03);
    EXPECT_NEAR(level.to_host()[0].quartile, 4, 0.04);
}

TEST_P(LevelKernel, refuses_shapes_that_differ)
{
    Buffer<Vis> vis(device(), 24);
    Buffer<std::uint8_t> flag(device(), 24);
    Buffer<Level> level(device(), 6);
    LevelArgs const args{vis.view(1, 3, 4, 2), flag.view(1, 3, 4, 2), level.view(2, 3), 1};
    EXPECT_THROW(run(device(), args), Error);
}

TEST(LevelTeam, threads_agree_with_the_oracle)
{
    Case const c;
    std::vector<Level> level(static_cast<std::size_t>(c.nb * c.np));
    LevelArgs const args{make_view(c.vis.data(), c.nt, c.nb, c.nc, c.np),
                         make_view(c.flag.data(), c.nt, c.nb, c.nc, c.np), make_view(level.data(), c.nb, c.np), c.step,
                         c.lag};
    test::for_each_tile_threaded(c.nb * c.np, 5, level_scratch_bytes(5), LevelTile{args});
    c.expect(level);
}

INSTANTIATE_TEST_SUITE_P(devices, LevelKernel, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
