// Beams of PSFs that are Gaussians, jinc-like lobes with sidelobes, and planes that have no beam; of samples in the uv plane.
#include "stages/image/beam_fit.hpp"

#include "nocturne/gaussian.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

/// Of one that looks like a Gaussian 1; where ridges above half the peak run out of it the ellipse is no likeness, and that is said.
TEST(BeamFit, sidelobes_that_touch_the_main_lobe_swell_it)
{
    Index const n = 64;
    auto pixels = gaussian_plane(n, {9, 6, 0.3});
    auto const swelling = [&] {
        auto const psf = make_view(static_cast<float const*>(pixels.data()), n, n);
        return swelling_of_beam(psf, fit_beam(psf, arcsec_rad), arcsec_rad);
    };
    EXPECT_NEAR(swelling(), 1, 0.1);
    EXPECT_EQ(note_of_swelling(swelling()), "");
    for (Index k = -8; k <= 8; ++k)
        for (Index at : {(n / 2 + k) * n + n / 2, n / 2 * n + n / 2 + k})
            pixels[static_cast<std::size_t>(at)] = std::max(pixels[static_cast<std::size_t>(at)], 0.6F);
    EXPECT_NEAR(swelling(), 2.15, 0.05);
    EXPECT_NE(note_of_swelling(swelling()).find(" times the area of the PSF's main lobe"), std::string::npos);
    pixels = gaussian_plane(n, {2, 2, 0});
    EXPECT_EQ(swelling(), 1) << "too few pixels to tell";
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

/// Samples at one frequency whose moments are those of a beam of these widths: at ± one sigma along both of its axes.
NodeSet samples_of(Beam const& beam)
{
    NodeSet nodes;
    nodes.geometry.freq_hz = {speed_of_light_m_s};
    auto const add = [&](double width_rad, double angle) {
        double const length = width_rad > 0 ? std::sqrt(2.0) * fwhm_per_sigma / (2 * pi * width_rad) : 0;
        for (double sign : {-1.0, 1.0}) {
            nodes.geometry.lines.push_back({{sign * length * std::sin(angle), sign * length * std::cos(angle), 0},
                                            nodes.geometry.n_points++,
                                            0,
                                            1});
            nodes.psf.push_back({1, 0});
        }
    };
    add(beam.major_rad, beam.pa_rad);
    add(beam.minor_rad, beam.pa_rad + pi / 2);
    return nodes;
}

/// Of the widths that their moments have: such a PSF, (1 + cos) / 2, is wider at its peak than at half of it.
double const at_half = pi / (std::sqrt(2.0) * fwhm_per_sigma);

TEST(BeamFit, of_samples_has_their_half_widths)
{
    for (double pa : {0.1, 1.0, 2.0, 3.0}) {
        auto const beam = beam_of_weights(samples_of({30 * arcsec_rad, 20 * arcsec_rad, pa}), 3 * arcsec_rad);
        EXPECT_NEAR(beam.major_rad / arcsec_rad, 30 * at_half, 0.01);
        EXPECT_NEAR(beam.minor_rad / arcsec_rad, 20 * at_half, 0.01);
        EXPECT_NEAR(std::sin(beam.pa_rad - pa), 0, 1e-6);
    }
}

TEST(BeamFit, of_samples_is_no_narrower_than_pixels_and_no_endless_line)
{
    auto const coarse = beam_of_weights(samples_of({30 * arcsec_rad, 20 * arcsec_rad, 1}), 600 * arcsec_rad);
    EXPECT_NEAR(coarse.major_rad / arcsec_rad, 1200, 1e-6);
    EXPECT_NEAR(coarse.minor_rad / arcsec_rad, 1200, 1e-6);
    auto const line = beam_of_weights(samples_of({0, 20 * arcsec_rad, 1}), 3 * arcsec_rad);
    EXPECT_NEAR(line.minor_rad / arcsec_rad, 20 * at_half, 0.01);
    EXPECT_NEAR(line.major_rad / line.minor_rad, 100, 1e-3);
    EXPECT_NEAR(line.pa_rad, 1, 1e-6);
}

}  // namespace
}  // namespace nocturne
