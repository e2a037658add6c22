// `statistics` on every device against its oracle: noise with sources, constants, steps, values that are not finite.
#include "kernels/statistics.hpp"

#include "tests/oracle/statistics.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <limits>
#include <random>

namespace nocturne {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> noise(Index n, unsigned seed, float level)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(level, 1e-3F);
    std::vector<float> pixels(static_cast<std::size_t>(n));
    for (float& p : pixels) p = normal(random);
    return pixels;
}

class Statistics : public test::OnEveryDevice {
protected:
    /// `tolerance` of median and robust noise; 0 = as the oracle's, to single precision.
    void expect_oracle(std::vector<float> const& pixels, Index ny, Index nx, double tolerance)
    {
        auto const expected = oracle::statistics(pixels);
        auto const memory = to_device(device(), pixels);
        auto const got = measure_statistics(device(), memory.view(ny, nx));
        ASSERT_EQ(got.n_finite, static_cast<Index>(expected.n));
        ASSERT_EQ(got.n_nonfinite, ny * nx - got.n_finite);
        EXPECT_EQ(got.min, pixels[expected.at_min]);
        EXPECT_EQ(got.max, pixels[expected.at_max]);
        EXPECT_EQ(got.min_y * nx + got.min_x, static_cast<Index>(expected.at_min));
        EXPECT_EQ(got.max_y * nx + got.max_x, static_cast<Index>(expected.at_max));
        EXPECT_NEAR(got.mean, expected.mean, 1e-12 * expected.rms);
        EXPECT_NEAR(got.rms, expected.rms, 1e-12 * expected.rms);
        double const exact = 1e-6 * std::abs(expected.median);
        EXPECT_NEAR(got.median, expected.median, tolerance + exact);
        EXPECT_NEAR(got.robust_noise, 1.4826022185056018 * expected.deviation, tolerance + exact);
    }
};

TEST_P(Statistics, of_small_images_are_exact)
{
    for (Index nx : {1, 5, 16, 31, 64, 127, 200}) expect_oracle(noise(7 * nx, 1, 0.01F), 7, nx, 0);
    expect_oracle({0, 1, 1000}, 1, 3, 0);
    expect_oracle(std::vector<float>(35, -2.5F), 5, 7, 0);
    expect_oracle(std::vector<float>(12, 0.F), 3, 4, 0);
}

TEST_P(Statistics, of_a_large_image_with_bright_sources)
{
    Index const ny = 400, nx = 500;
    auto pixels = noise(ny * nx, 2, -2e-3F);
    for (std::size_t i = 0; i < 40; ++i) pixels[(i * 4999) % pixels.size()] = 100.F * static_cast<float>(i + 1);
    expect_oracle(pixels, ny, nx, 1e-3 * 5e-4);
}

TEST_P(Statistics, leave_out_what_is_not_finite)
{
    Index const ny = 300, nx = 301;
    auto pixels = noise(ny * nx, 3, 0);
    float const bad[] = {nan, inf, -inf};
    for (std::size_t i = 0; i < pixels.size(); i += 4) pixels[i] = bad[i / 4 % 3];
    expect_oracle(pixels, ny, nx, 1e-3 * 5e-4);
    expect_oracle({nan, -inf, inf, 3.F}, 2, 2, 0);
    auto const none = to_device(device(), std::vector<float>(9, nan));
    auto const got = measure_statistics(device(), none.view(3, 3));
    EXPECT_EQ(got.n_finite, 0);
    EXPECT_EQ(got.n_nonfinite, 9);
    EXPECT_EQ(got.robust_noise, 0);
}

TEST_P(Statistics, of_two_levels_and_of_rows_unlike_the_others)
{
    Index const ny = 512, nx = 256;
    std::vector<float> pixels(static_cast<std::size_t>(ny * nx));
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = i % 3 ? 1.F : 7.F;
    expect_oracle(pixels, ny, nx, 0);
    for (std::size_t i = 0; i < pixels.size(); ++i)  // the rows that are sampled hold other values
        pixels[i] = i / static_cast<std::size_t>(nx) % 8 == 0 ? 1e6F + static_cast<float>(i) : static_cast<float>(i);
    expect_oracle(pixels, ny, nx, 1e-3 * static_cast<double>(ny * nx));
}

TEST_P(Statistics, of_a_strided_view)
{
    Index const ny = 20, nx = 30;
    auto const all = noise(2 * ny * 3 * nx, 5, 0);
    std::vector<float> seen;
    for (Index y = 0; y < ny; ++y)
        for (Index x = 0; x < nx; ++x) seen.push_back(all[static_cast<std::size_t>(2 * y * 3 * nx + 3 * x)]);
    auto const memory = to_device(device(), all);
    View<float const, 2> view{memory.data(), {ny, nx}, {2 * 3 * nx, 3}};
    auto const got = measure_statistics(device(), view);
    auto const expected = oracle::statistics(seen);
    EXPECT_NEAR(got.rms, expected.rms, 1e-12 * expected.rms);
    EXPECT_NEAR(got.median, expected.median, 1e-9);
    EXPECT_EQ(got.max_y * nx + got.max_x, static_cast<Index>(expected.at_max));
}

TEST_P(Statistics, refuse_shapes_that_differ)
{
    Buffer<float> image(device(), 12);
    Buffer<RowMoments> rows(device(), 3);
    Buffer<std::int32_t> below(device(), 64);
    EXPECT_THROW(run(device(), StatisticsArgs{image.view(4, 3), rows.view(3)}), Error);
    EXPECT_THROW(run(device(), CountArgs{image.view(4, 3), below.view(3, 16)}), Error);
}

TEST(StatisticsTeam, of_threads_gives_what_one_thread_gives)
{
    Index const ny = 9, nx = 333;
    auto const pixels = noise(ny * nx, 6, 0);
    std::vector<RowMoments> rows(static_cast<std::size_t>(ny));
    std::vector<std::int32_t> below(static_cast<std::size_t>(ny) * CountArgs::n_thresholds);
    auto const image = make_view(pixels.data(), ny, nx);
    CountArgs counts{image, make_view(below.data(), ny, Index(CountArgs::n_thresholds)), CountArgs::Of::deviation,
                     1e-4F};
    for (int k = 0; k < CountArgs::n_thresholds; ++k) counts.threshold[k] = 2e-4F * static_cast<float>(k);
    test::for_each_tile_threaded(ny, 4, statistics_scratch_bytes(4),
                                 StatisticsTile{{image, make_view(rows.data(), ny)}});
    test::for_each_tile_threaded(ny, 4, count_scratch_bytes(4), CountTile{counts});
    for (Index y = 0; y < ny; ++y) {
        std::vector<float> const row(pixels.begin() + y * nx, pixels.begin() + (y + 1) * nx);
        auto const expected = oracle::statistics(row);
        auto const& got = rows[static_cast<std::size_t>(y)];
        EXPECT_EQ(got.n_finite, nx);
        EXPECT_EQ(got.max, row[expected.at_max]);
        EXPECT_NEAR(got.sum, expected.mean * static_cast<double>(nx), 1e-12);
        for (int k = 0; k < CountArgs::n_thresholds; ++k) {
            auto const n = std::count_if(row.begin(), row.end(), [&](float x) {
                return (x < 1e-4F ? 1e-4F - x : x - 1e-4F) < 2e-4F * static_cast<float>(k);
            });
            EXPECT_EQ(counts.below(y, k), n);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(devices, Statistics, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
