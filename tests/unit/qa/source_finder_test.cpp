// Sources found in noise that changes over the field, across RA 0 h, near edges and beside pixels that are not finite.
#include "qa/source_finder.hpp"

#include "nocturne/error.hpp"
#include "nocturne/gaussian.hpp"
#include "qa/describe.hpp"
#include "qa/wcs.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace nocturne {
namespace {

constexpr Index n = 512;

/// Noise of 1 mJy on the left that grows to 3 mJy on the right.
Image noisy_field()
{
    Image image;
    image.product = Product::image;
    image.geometry = {n, 3 * arcsec_rad, {degrees(0.05), degrees(37)}};
    image.beam = {15 * arcsec_rad, 12 * arcsec_rad, 0.5};
    std::mt19937 random(8);
    std::normal_distribution<float> normal(0, 1e-3F);
    for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x) image.pixels.push_back(normal(random) * (1 + 2 * static_cast<float>(x) / n));
    return image;
}

void add_source(Image& image, double x, double y, double peak)
{
    auto g = gaussian_of({5, 4, 0.5});
    g.peak = peak;
    g.x = x;
    g.y = y;
    Gaussian::Parameters d;
    for (Index row = 0; row < n; ++row)
        for (Index column = 0; column < n; ++column)
            image.pixels[static_cast<std::size_t>(row * n + column)] +=
                static_cast<float>(g.value(static_cast<double>(column), static_cast<double>(row), d));
}

TEST(NoiseMap, follows_the_noise_and_not_the_sources)
{
    auto image = noisy_field();
    for (int i = 0; i < 40; ++i) add_source(image, 30 + 11.3 * i, 40 + 10.7 * i, 0.5);
    NoiseMap const map(make_view(image.pixels.data(), n, n), 128);
    for (double x : {64.0, 128.0, 200.0, 320.0, 448.0})
        EXPECT_NEAR(map.rms(x, 250), 1e-3 * (1 + 2 * x / n), 0.1e-3) << x;
    EXPECT_NEAR(map.level(100, 100), 0, 2e-4);
    EXPECT_EQ(map.rms(-50, 10), map.rms(0, 10));
}

TEST(SourceFinder, finds_what_is_there_and_nothing_else)
{
    auto image = noisy_field();
    double const xs[] = {40.3, 255.8, 300.5, 470.2, 120.0}, ys[] = {60.1, 256.4, 430.7, 90.9, 400.5};
    double const peaks[] = {0.05, 0.9, 0.2, 0.08, 0.03};
    for (int i = 0; i < 5; ++i) add_source(image, xs[i], ys[i], peaks[i]);
    auto const found = find_sources(image, {.threshold_sigma = 6});
    ASSERT_EQ(found.size(), 5U);
    int const order[] = {1, 2, 3, 0, 4};  // by falling peak
    for (std::size_t k = 0; k < 5; ++k) {
        int const i = order[k];
        auto const& s = found[k];
        EXPECT_NEAR(s.x, xs[i], 4 * std::max(s.position_err_rad / image.geometry.cell_rad, 1e-3));
        EXPECT_NEAR(s.peak_jy, peaks[i], 4 * s.peak_err_jy + 1e-4);
        EXPECT_NEAR(s.flux_jy, peaks[i], 4 * s.flux_err_jy + 1e-4);
        auto const sky = pixel_to_sky(image.geometry, {xs[i], ys[i]});
        EXPECT_LT(separation_rad(s.position, *sky), 5 * std::max(s.position_err_rad, 0.01 * arcsec_rad));
        EXPECT_NEAR(s.snr, peaks[i] / s.rms_jy, 5);
    }
}

TEST(SourceFinder, finds_negative_sources_in_stokes_q_u_and_v)
{
    auto image = noisy_field();
    add_source(image, 255.8, 256.4, -0.9);
    add_source(image, 120.3, 400.5, 0.2);
    EXPECT_EQ(find_sources(image, {.threshold_sigma = 6}).size(), 1U);
    image.stokes = "U";
    auto const found = find_sources(image, {.threshold_sigma = 6});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_NEAR(found[0].peak_jy, -0.9, 4 * found[0].peak_err_jy + 1e-4);
    EXPECT_NEAR(found[0].flux_jy, -0.9, 4 * found[0].flux_err_jy + 1e-4);
    EXPECT_NEAR(found[0].x, 255.8, 0.02);
    EXPECT_GT(found[0].snr, 100);
    EXPECT_NEAR(found[1].peak_jy, 0.2, 4 * found[1].peak_err_jy + 1e-4);
    GroupReport report;
    describe_image(report, image, nullptr, [](Index, Index, std::vector<std::uint8_t> const&) { return ""; });
    EXPECT_NEAR(report.peak_jy, -0.9, 0.05);
    EXPECT_LT(report.sources.front().peak_jy, -0.8);
    EXPECT_NEAR(report.pictures.front().picture.low_jy, -report.pictures.front().picture.high_jy, 2e-3);
}

TEST(SourceFinder, keeps_the_floor_and_the_number)
{
    auto image = noisy_field();
    for (int i = 0; i < 8; ++i) add_source(image, 60 + 50 * i, 200, 0.1 + 0.1 * i);
    EXPECT_EQ(find_sources(image, {.threshold_sigma = 6, .floor_jy = 0.45}).size(), 4U);
    auto const two = find_sources(image, {.threshold_sigma = 6, .max_sources = 2});
    ASSERT_EQ(two.size(), 2U);
    EXPECT_NEAR(two[0].peak_jy, 0.8, 0.02);
}

TEST(SourceFinder, lists_a_source_at_the_edge_and_one_beside_a_hole)
{
    auto image = noisy_field();
    add_source(image, 2, 100, 0.3);
    add_source(image, 300, 300, 0.3);
    image.pixels[300 * n + 303] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(find_sources(image, {.threshold_sigma = 7}).size(), 2U);
}

TEST(SourceFinder, refuses_images_without_pixels)
{
    auto image = noisy_field();
    for (float& p : image.pixels) p = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(find_sources(image), Error);
    image.pixels.resize(5);
    EXPECT_THROW(find_sources(image), Error);
}

}  // namespace
}  // namespace nocturne
