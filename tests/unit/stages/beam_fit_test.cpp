// Beams of PSFs that are Gaussians, jinc-like lobes with sidelobes, and planes that have no beam.
#include "stages/image/beam_fit.hpp"

#include "nocturne/gaussian.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace nocturne {
namespace {

std::vector<float> gaussian_plane(Index n, Ellipse const& e)
{
    auto const g = gaussian_of(e);
    Gaussian::Parameters d;
    std::vector<float> pixels;
    for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x)
            pixels.push_back(
                static_cast<float>(g.value(static_cast<double>(x - n / 2), static_cast<double>(y - n / 2), d)));
    return pixels;
}

TEST(BeamFit, recovers_gaussians_of_all_angles_and_sizes)
{
    Index const n = 64;
    for (double major : {1.8, 3.5, 7.0, 12.0})
        for (double ratio : {1.05, 1.6})
            for (double pa : {0.0, 0.4, 1.5, 2.0, 3.1}) {
                auto const pixels = gaussian_plane(n, {major, major / ratio, pa});
                auto const beam = fit_beam(make_view(pixels.data(), n, n), arcsec_rad);
                EXPECT_NEAR(beam.major_rad / arcsec_rad, major, 1e-5 * major);
                EXPECT_NEAR(beam.minor_rad / arcsec_rad, major / ratio, 1e-5 * major);
                EXPECT_NEAR(std::sin(beam.pa_rad - pa), 0, 1e-4)
                    << "major " << major << " ratio " << ratio << " pa " << pa;
            }
}

TEST(BeamFit, of_a_filled_aperture_is_near_its_half_width)
{
    Index const n = 128;
    std::vector<float> pixels;
    for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x) {
            double const r = 0.4 * std::hypot(static_cast<double>(x - n / 2), static_cast<double>(y - n / 2));
            pixels.push_back(r == 0 ? 1.F : static_cast<float>(2 * std::cyl_bessel_j(1.0, r) / r));
        }
    double const half_width = 2 * 2.215077 / 0.4;  // 2 J1(r) / r = 1/2 at r = 2.215
    auto const beam = fit_beam(make_view(pixels.data(), n, n), 1);
    EXPECT_NEAR(beam.major_rad / half_width, 1, 0.03);
    EXPECT_NEAR(beam.minor_rad / beam.major_rad, 1, 1e-3);
}

TEST(BeamFit, of_planes_without_a_beam_is_zero)
{
    Index const n = 16;
    std::vector<float> const flat(static_cast<std::size_t>(n * n), 1.F), zero(static_cast<std::size_t>(n * n), 0.F);
    std::vector<float> const nan(static_cast<std::size_t>(n * n), std::numeric_limits<float>::quiet_NaN());
    for (auto const* pixels : {&flat, &zero, &nan}) {
        auto const beam = fit_beam(make_view(pixels->data(), n, n), 1);
        EXPECT_EQ(beam.major_rad, 0);
        EXPECT_EQ(beam.minor_rad, 0);
    }
}

}  // namespace
}  // namespace nocturne
