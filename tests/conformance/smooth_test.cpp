// `smooth` and its transpose on every device against the oracle: steps, origins, kernels wider than the image, odd shapes.
#include "kernels/smooth.hpp"

#include "tests/oracle/smooth.hpp"
#include "tests/support/devices.hpp"

#include <cmath>
#include <random>

namespace nocturne {
namespace {

struct Case {
    Index coarse[2], fine[2];
    Index step, origin;
    int reach;
};

std::vector<Case> cases()
{
    return {{{40, 37}, {40, 37}, 1, 0, 6},  {{13, 11}, {50, 44}, 4, 0, 9}, {{9, 12}, {33, 50}, 4, -3, 7},
            {{6, 6}, {30, 30}, 8, 5, 40},   {{24, 24}, {24, 24}, 1, 0, 0}, {{30, 30}, {40, 28}, 1, -2, 3},
            {{3, 700}, {5, 1400}, 2, 1, 11}};
}

std::vector<float> noise(Index n, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> values(static_cast<std::size_t>(n));
    for (float& value : values) value = normal(random);
    return values;
}

oracle::Grid2 wide(Index const (&shape)[2], std::vector<float> const& values)
{
    return {shape[0], shape[1], {values.begin(), values.end()}};
}

class Smooth : public test::OnEveryDevice {
protected:
    void compare(Case const& c, bool to_coarse)
    {
        auto const taps = noise(c.reach + 1, 5);
        auto const coarse = noise(c.coarse[0] * c.coarse[1], 1), fine = noise(c.fine[0] * c.fine[1], 2);
        auto const on_taps = to_device(device(), taps);
        auto on_coarse = to_device(device(), coarse), on_fine = to_device(device(), fine);
        Buffer<float> work(device(), c.coarse[0] * c.fine[1]);
        Smoothing const smoothing{on_taps.view(c.reach + 1), c.step, c.origin};
        auto const narrow = on_coarse.view(c.coarse[0], c.coarse[1]), broad = on_fine.view(c.fine[0], c.fine[1]);
        auto const space = work.view(c.coarse[0], c.fine[1]);
        auto right_coarse = wide(c.coarse, coarse), right_fine = wide(c.fine, fine);
        if (to_coarse) {
            right_coarse.values.assign(right_coarse.values.size(), 0);
            run(device(), SmoothArgs{broad, narrow, space, smoothing});
        } else {
            run(device(), SpreadArgs{narrow, broad, space, smoothing});
        }
        finish(device());
        oracle::smooth({{taps.begin(), taps.end()}, c.step, c.origin}, right_coarse, right_fine, to_coarse);
        auto const found = (to_coarse ? on_coarse : on_fine).to_host();
        auto const& right = (to_coarse ? right_coarse : right_fine).values;
        double const scale = 1 + c.reach;
        for (std::size_t i = 0; i < right.size(); ++i) ASSERT_NEAR(found[i], right[i], 3e-6 * scale) << "pixel " << i;
    }
};

TEST_P(Smooth, equals_the_oracle)
{
    for (auto const& c : cases()) {
        SCOPED_TRACE("step " + std::to_string(c.step) + ", reach " + std::to_string(c.reach));
        compare(c, true);
    }
}

TEST_P(Smooth, its_transpose_equals_the_oracle)
{
    for (auto const& c : cases()) {
        SCOPED_TRACE("step " + std::to_string(c.step) + ", reach " + std::to_string(c.reach));
        compare(c, false);
    }
}

TEST_P(Smooth, refuses_shapes_that_differ)
{
    Buffer<float> in(device(), 64), out(device(), 16), work(device(), 32), taps(device(), 2);
    SmoothArgs args{in.view(8, 8), out.view(4, 4), work.view(8, 4), {taps.view(2), 2, 0}};
    EXPECT_THROW(run(device(), args), Error);
    args.work = work.view(4, 8);
    args.smoothing.step = 0;
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Smooth, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
