// `power` on every device against its oracle; the sums do not depend on how baselines are cut into blocks.
#include "kernels/power.hpp"

#include "tests/oracle/power.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

class Power : public test::OnEveryDevice {
protected:
    static constexpr Index nt = 3, na = 4, nb = 10, nc = 53;

    void make(Index np)
    {
        std::mt19937 random(11);
        std::normal_distribution<float> normal;
        vis.resize(static_cast<std::size_t>(nt * nb * nc * np));
        flag.assign(vis.size(), 0);
        for (auto& v : vis) v = {normal(random), normal(random)};
        for (std::size_t i = 0; i < vis.size(); i += 7) vis[i].re *= 1e4F;  // reaches the limit
        for (std::size_t i = 0; i < flag.size(); ++i) flag[i] = random() % 9 == 0 ? flag_file : 0;
        for (Index i = 0; i < nc * np; ++i) flag[static_cast<std::size_t>(nc * np + i)] = flag_missing;
        antennas.clear();
        for (std::int32_t a = 0; a < na; ++a)
            for (std::int32_t b = 0; b <= a; ++b) antennas.insert(antennas.end(), {b, a});
        scale.clear();
        median.clear();
        stray_scale.clear();
        for (Index b = 0; b < nb * np; ++b) {
            scale.push_back(std::ldexp(1.F, static_cast<int>(8 + b % 5)));
            median.push_back(0.5F + 0.1F * static_cast<float>(b % 7));
            stray_scale.push_back(b == 3 ? 0.F : 60 + static_cast<float>(b % 3));
        }
    }

    struct Sums {
        std::vector<std::int32_t> sum, strays, lost;
        bool operator==(Sums const&) const = default;
    };

    /// After blocks of `block` baselines.
    Sums sums(Index np, Index block)
    {
        auto const d_vis = to_device(device(), vis);
        auto const d_flag = to_device(device(), flag);
        auto const d_scale = to_device(device(), scale);
        auto const d_median = to_device(device(), median);
        auto const d_stray = to_device(device(), stray_scale);
        auto const d_antennas = to_device(device(), antennas);
        Buffer<std::int32_t> sum(device(), na * nt * nc), strays(device(), na * nt * nc), lost(device(), na * nt * nc);
        for (auto* each : {&sum, &strays, &lost}) each->clear();
        for (Index b = 0; b < nb; b += block)
            run(device(),
                PowerArgs{d_vis.view(nt, nb, nc, np).slice(1, b, block), d_flag.view(nt, nb, nc, np).slice(1, b, block),
                          d_scale.view(nb, np).slice(0, b, block), d_median.view(nb, np).slice(0, b, block),
                          d_stray.view(nb, np).slice(0, b, block), d_antennas.view(nb, 2).slice(0, b, block),
                          sum.view(na, nt, nc), strays.view(na, nt, nc), lost.view(na, nt, nc), limit});
        finish(device());
        return {sum.to_host(), strays.to_host(), lost.to_host()};
    }

    void expect_oracle(Index np)
    {
        make(np);
        auto const all = sums(np, nb);
        EXPECT_EQ(sums(np, 5), all);
        std::vector<double> want(all.sum.size()), strays(want), gone(want), samples(want);
        for (Index t = 0; t < nt; ++t)
            for (Index b = 0; b < nb; ++b)
                for (Index i = 0; i < nc * np; ++i)
                    for (int side = 0; side < 2 && antennas[2 * b] != antennas[2 * b + 1]; ++side) {
                        auto const k = static_cast<std::size_t>((t * nb + b) * nc * np + i);
                        auto const cell = static_cast<std::size_t>((antennas[2 * b + side] * nt + t) * nc + i / np);
                        samples[cell] += 1;
                        if (flag[k]) {
                            gone[cell] += 1;
                            continue;
                        }
                        auto const of = static_cast<std::size_t>(b * np + i % np);
                        want[cell] += oracle::power_units({vis[k].re, vis[k].im}, scale[of], limit);
                        strays[cell] += oracle::stray_units({vis[k].re, vis[k].im}, median[of], stray_scale[of],
                                                            PowerArgs::most_stray);
                    }
        for (std::size_t i = 0; i < want.size(); ++i) {
            ASSERT_NEAR(all.sum[i], want[i], 0.5 * samples[i] + 1e-6 * want[i]) << i;
            ASSERT_NEAR(all.strays[i], strays[i], 0.5 * samples[i] + 1e-3) << i;
            ASSERT_EQ(all.lost[i], gone[i]) << i;
        }
    }

    static constexpr float limit = 1 << 20;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> scale, median, stray_scale;
    std::vector<std::int32_t> antennas;
};

TEST_P(Power, of_two_correlations_equals_the_oracle) { expect_oracle(2); }
TEST_P(Power, of_one_and_four_correlations_equals_the_oracle)
{
    expect_oracle(1);
    expect_oracle(4);
}

TEST_P(Power, refuses_a_limit_that_could_overflow)
{
    make(2);
    Buffer<std::int32_t> sum(device(), na * nt * nc);
    auto const d_vis = to_device(device(), vis);
    auto const d_flag = to_device(device(), flag);
    auto const d_scale = to_device(device(), scale);
    auto const d_antennas = to_device(device(), antennas);
    PowerArgs const args{d_vis.view(nt, nb, nc, 2), d_flag.view(nt, nb, nc, 2),
                         d_scale.view(nb, 2),       d_scale.view(nb, 2),
                         d_scale.view(nb, 2),       d_antennas.view(nb, 2),
                         sum.view(na, nt, nc),      sum.view(na, nt, nc),
                         sum.view(na, nt, nc),      1e9F};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Power, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
