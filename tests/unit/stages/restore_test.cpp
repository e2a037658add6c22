// CLEAN's components as images: Gaussians at exact places, and pixels that keep flux and place.
#include "stages/image/restore.hpp"

#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

constexpr Index n = 64;
ImageGeometry const geometry{n, 5 * arcsec_rad, {}};

/// A component at a place in pixels from 0.
ModelComponent at_pixel(double x, double y, double flux)
{
    return {-(x - n / 2) * geometry.cell_rad, (y - n / 2) * geometry.cell_rad, flux};
}

TEST(Restore, lays_a_gaussian_on_the_exact_place)
{
    Beam const beam{30 * arcsec_rad, 20 * arcsec_rad, 0.5};
    std::vector<float> const residual(n * n, 0.25F);
    auto const image = restore(residual, {at_pixel(30.3, 28.6, 2), at_pixel(63.9, -3, 1)}, beam, geometry);
    double const major = 6 / 2.3548200450309493, minor = 4 / 2.3548200450309493;
    for (Index y = 10; y < 50; ++y)
        for (Index x = 0; x < 50; ++x) {
            // The position angle runs from north (+y) through east (−x).
            double const dx = static_cast<double>(x) - 30.3, dy = static_cast<double>(y) - 28.6;
            double const along = -dx * std::sin(0.5) + dy * std::cos(0.5),
                         across = dx * std::cos(0.5) + dy * std::sin(0.5);
            double const value =
                2 * std::exp(-0.5 * (along * along / (major * major) + across * across / (minor * minor)));
            ASSERT_NEAR(image[y * n + x], 0.25 + value, 1e-6) << y << " " << x;
        }
    EXPECT_GT(image[63], 0.4F) << "a component outside reaches in";
}

/// A beam of an array along a line, between north and west: its corners lie hundreds of sigmas from the ellipse.
TEST(Restore, keeps_the_peak_of_a_long_oblique_beam)
{
    for (double const pa : {0.3, 0.785, 2.4, 3.0}) {
        Beam const beam{200 * arcsec_rad, 10 * arcsec_rad, pa};
        auto const image = restore(std::vector<float>(n * n, 0.0F), {at_pixel(30.3, 28.6, 2)}, beam, geometry);
        double const major = 40 / 2.3548200450309493, minor = 2 / 2.3548200450309493;
        for (Index y = 0; y < n; ++y)
            for (Index x = 0; x < n; ++x) {
                double const dx = static_cast<double>(x) - 30.3, dy = static_cast<double>(y) - 28.6;
                double const along = -dx * std::sin(pa) + dy * std::cos(pa),
                             across = dx * std::cos(pa) + dy * std::sin(pa);
                double const value =
                    2 * std::exp(-0.5 * (along * along / (major * major) + across * across / (minor * minor)));
                ASSERT_NEAR(image[y * n + x], value, 1e-6) << pa << " " << y << " " << x;
            }
    }
}

TEST(Restore, puts_a_beam_of_unit_peak_on_every_component)
{
    Beam const beam{40 * arcsec_rad, 20 * arcsec_rad, 0};  // 8 × 4 pixels, north
    auto const image =
        restore(std::vector<float>(n * n, 0.25F), {at_pixel(30, 20, 2), at_pixel(1, 63, -1)}, beam, geometry);
    EXPECT_FLOAT_EQ(image[20 * n + 30], 2.25F);
    EXPECT_NEAR(image[24 * n + 30], 1.25F, 1e-6) << "half of the peak half a major axis to the north";
    EXPECT_NEAR(image[20 * n + 32], 1.25F, 1e-6) << "and half a minor axis to the west";
    EXPECT_FLOAT_EQ(image[63 * n + 1], -0.75F);
    EXPECT_FLOAT_EQ(image[40 * n + 60], 0.25F);
}

TEST(Restore, convolves_gaussians_with_the_beam)
{
    Beam const beam{30 * arcsec_rad, 30 * arcsec_rad, 0};  // 6 pixels
    auto wide = at_pixel(32, 30, 3);
    wide.major_rad = 40 * arcsec_rad, wide.minor_rad = 20 * arcsec_rad, wide.pa_rad = 0;  // 8 × 4 pixels, north
    auto const image = restore(std::vector<float>(n * n, 0.0F), {wide}, beam, geometry);
    double const major = std::hypot(8, 6), minor = std::hypot(4, 6), peak = 3 * 36 / (major * minor);
    EXPECT_NEAR(image[30 * n + 32], peak, 1e-5);
    EXPECT_NEAR(image[35 * n + 32], peak / 2, 1e-5) << "half a major axis of 10 pixels to the north";
    EXPECT_NEAR(image[30 * n + 38], peak * std::pow(2, -36 / 13.0), 1e-5) << "6 pixels to the west";
}

TEST(ModelImage, holds_gaussians)
{
    auto wide = at_pixel(31.4, 30.2, 3);
    wide.major_rad = 40 * arcsec_rad, wide.minor_rad = 20 * arcsec_rad, wide.pa_rad = 0.7;
    double sum = 0, x = 0;
    auto const image = model_image({wide}, geometry);
    for (Index i = 0; i < n * n; ++i) {
        sum += static_cast<double>(image[i]);
        x += static_cast<double>(image[i]) * static_cast<double>(i % n);
    }
    EXPECT_NEAR(sum, 3, 1e-4);
    EXPECT_NEAR(x / sum, 31.4, 1e-3);
}

TEST(Restore, needs_a_beam) { EXPECT_THROW(restore(std::vector<float>(n * n), {}, {}, geometry), Error); }

TEST(ModelImage, keeps_flux_and_place)
{
    auto const image = model_image({at_pixel(20.37, 41.81, 3), at_pixel(50, 9, -1)}, geometry);
    double sum = 0, x = 0, y = 0, xx = 0;
    for (Index row = 30; row < 60; ++row)
        for (Index column = 10; column < 40; ++column) {
            double const v = static_cast<double>(image[row * n + column]);
            sum += v;
            x += v * static_cast<double>(column);
            y += v * static_cast<double>(row);
            xx += v * static_cast<double>(column * column);
        }
    EXPECT_NEAR(sum, 3, 1e-6);
    EXPECT_NEAR(x / sum, 20.37, 1e-5);
    EXPECT_NEAR(y / sum, 41.81, 1e-5);
    EXPECT_NEAR(xx / sum, 20.37 * 20.37, 1e-3) << "no wider than a point";
    EXPECT_EQ(image[9 * n + 50], -1) << "on a pixel it is one pixel";
    EXPECT_EQ(image[9 * n + 51], 0);
}

TEST(ModelImage, loses_what_is_outside)
{
    for (float v : model_image({at_pixel(-2, 5, 1), at_pixel(70.5, 3, 1)}, geometry)) ASSERT_EQ(v, 0);
}

}  // namespace
}  // namespace nocturne
