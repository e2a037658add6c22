// `amplitudes` on every device against its oracle: a power on the edge of a bin may fall on either side.
#include "kernels/amplitudes.hpp"

#include "tests/oracle/amplitudes.hpp"
#include "tests/support/devices.hpp"

#include <numeric>
#include <random>

namespace nocturne {
namespace {

class Amplitudes : public test::OnEveryDevice {};

TEST_P(Amplitudes, equals_the_oracle)
{
    Index const nt = 7, nb = 5, nc = 41, np = 2, step = 3;
    std::mt19937 random(4);
    std::normal_distribution<float> normal;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    for (Index i = 0; i < nt * nb * nc * np; ++i) {
        float const scale = std::ldexp(1.F, static_cast<int>(random() % 60) - 30);
        vis.push_back({scale * normal(random), scale * normal(random)});
        flag.push_back(random() % 4 == 0 ? flag_rfi : 0);
    }
    auto const d_vis = to_device(device(), vis);
    auto const d_flag = to_device(device(), flag);
    Buffer<std::int64_t> count(device(), np * AmplitudesArgs::bins);
    count.clear();
    run(device(), AmplitudesArgs{d_vis.view(nt, nb, nc, np), d_flag.view(nt, nb, nc, np),
                                 count.view(np, AmplitudesArgs::bins), step});
    finish(device());
    auto const got = count.to_host();
    std::vector<std::int64_t> want(got.size());
    std::int64_t total = 0, differ = 0;
    for (std::size_t i = 0; i < vis.size(); ++i) {
        auto const k = static_cast<Index>(i);
        if (flag[i] || k / (np * nc * nb) % step != 0) continue;
        want[static_cast<std::size_t>(k % np * AmplitudesArgs::bins + oracle::amplitude_bin({vis[i].re, vis[i].im}))] +=
            1;
        ++total;
    }
    for (std::size_t i = 0; i < got.size(); ++i) differ += std::abs(got[i] - want[i]);
    EXPECT_GT(total, 300);
    EXPECT_LE(differ, 4);
    EXPECT_EQ(std::accumulate(got.begin(), got.end(), std::int64_t(0)), total);
}

TEST_P(Amplitudes, refuses_shapes_that_differ)
{
    Buffer<Vis> vis(device(), 24);
    Buffer<std::uint8_t> flag(device(), 24);
    Buffer<std::int64_t> count(device(), 2 * AmplitudesArgs::bins);
    AmplitudesArgs const args{vis.view(1, 3, 4, 2), flag.view(1, 3, 4, 2), count.view(1, 2 * AmplitudesArgs::bins), 1};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Amplitudes, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
