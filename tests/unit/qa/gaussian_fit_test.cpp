// Fits of sources: exact Gaussians, pulls in correlated noise, dirty images of point sources, refusals.
#include "qa/gaussian_fit.hpp"

#include "nocturne/error.hpp"
#include "nocturne/lobe.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace nocturne {
namespace {

using Pixels = std::vector<float>;

void add_gaussian(Pixels& pixels, Index n, Gaussian const& g)
{
    Gaussian::Parameters d;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        auto const at = static_cast<Index>(i);
        pixels[i] += static_cast<float>(g.value(static_cast<double>(at % n), static_cast<double>(at / n), d));
    }
}

Gaussian source(double peak, double x, double y, Ellipse const& shape)
{
    Gaussian g = gaussian_of(shape);
    g.peak = peak;
    g.x = x;
    g.y = y;
    return g;
}

/// Noise of unit rms whose autocorrelation is the beam: white noise smoothed by a Gaussian narrower by sqrt(2).
Pixels correlated_noise(Index n, Ellipse const& full, std::mt19937& random)
{
    Ellipse const beam{full.major / std::sqrt(2), full.minor / std::sqrt(2), full.pa_rad};
    std::normal_distribution<double> normal;
    Index const reach = static_cast<Index>(1.5 * beam.major) + 1, wide = n + 2 * reach;
    std::vector<double> white(static_cast<std::size_t>(wide * wide)), kernel;
    for (double& w : white) w = normal(random);
    Gaussian::Parameters d;
    double squares = 0;
    for (Index j = -reach; j <= reach; ++j)
        for (Index i = -reach; i <= reach; ++i) {
            kernel.push_back(gaussian_of(beam).value(static_cast<double>(i), static_cast<double>(j), d));
            squares += kernel.back() * kernel.back();
        }
    Pixels pixels;
    for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x) {
            double sum = 0;
            std::size_t k = 0;
            for (Index j = 0; j <= 2 * reach; ++j)
                for (Index i = 0; i <= 2 * reach; ++i)
                    sum += kernel[k++] * white[static_cast<std::size_t>((y + j) * wide + x + i)];
            pixels.push_back(static_cast<float>(sum / std::sqrt(squares)));
        }
    return pixels;
}

TEST(SourceFit, recovers_exact_gaussians_on_a_level)
{
    Index const n = 64;
    for (double pa : {0.0, 0.7, 1.6, 2.9})
        for (double x : {20.0, 30.37, 41.5}) {
            Pixels pixels(static_cast<std::size_t>(n * n), 0.25F);
            Ellipse const shape{6, 4, pa};
            add_gaussian(pixels, n, source(2, x, 33.3, shape));
            SourceFitArgs args{make_view(pixels.data(), n, n), x + 2, 32, 0, {5, 5, 0}, 0, FitMethod::gaussian};
            auto const fit = fit_source(args);
            EXPECT_NEAR(fit.x, x, 1e-4);
            EXPECT_NEAR(fit.y, 33.3, 1e-4);
            EXPECT_NEAR(fit.peak_jy, 2, 1e-4);
            EXPECT_NEAR(fit.constant_jy, 0.25, 1e-4);
            EXPECT_NEAR(fit.flux_jy, 2 * 24.0 / 25, 1e-3);
            EXPECT_NEAR(std::sin(fit.shape.pa_rad - pa), 0, 1e-3);
            EXPECT_EQ(fit.peak_err_jy, 0);
        }
}

TEST(SourceFit, of_either_sign_measures_negative_sources)
{
    Index const n = 64;
    Pixels pixels(static_cast<std::size_t>(n * n), 0.0F);
    add_gaussian(pixels, n, source(-2, 30.37, 33.3, {6, 4, 0.7}));
    add_gaussian(pixels, n, source(0.5, 10, 10, {6, 4, 0.7}));
    for (auto method : {FitMethod::gaussian, FitMethod::peak}) {
        SourceFitArgs args{make_view(pixels.data(), n, n), 30, 33, 13, {6, 4, 0.7}, 0, method};
        EXPECT_GT(fit_source(args).peak_jy, 0);
        args.either_sign = true;
        auto const fit = fit_source(args);
        EXPECT_NEAR(fit.x, 30.37, 0.03);
        EXPECT_NEAR(fit.peak_jy, -2, 0.03);
        EXPECT_NEAR(fit.flux_jy, -2, 0.06);
    }
}

/// Mean and standard deviation of (measured − true) / error.
struct Pull {
    double sum = 0, squares = 0, n = 0;
    void add(double value)
    {
        sum += value;
        squares += value * value;
        ++n;
    }
    double mean() const { return sum / n; }
    double deviation() const { return std::sqrt(squares / n - mean() * mean()); }
};

class Pulls : public ::testing::TestWithParam<FitMethod> {};

TEST_P(Pulls, are_near_one_in_noise_correlated_by_the_beam)
{
    Index const n = 41;
    Ellipse const beam{5, 4, 0.6};
    std::mt19937 random(11);
    std::uniform_real_distribution<double> offset(-0.5, 0.5);
    Pull x, y, peak, flux;
    for (int trial = 0; trial < 400; ++trial) {
        auto pixels = correlated_noise(n, beam, random);
        double const at_x = 20 + offset(random), at_y = 20 + offset(random);
        add_gaussian(pixels, n, source(25, at_x, at_y, beam));
        auto const fit = fit_source({make_view(pixels.data(), n, n), 20, 20, 15, beam, 1, GetParam()});
        x.add((fit.x - at_x) / fit.x_err);
        y.add((fit.y - at_y) / fit.y_err);
        peak.add((fit.peak_jy - 25) / fit.peak_err_jy);
        flux.add((fit.flux_jy - 25) / fit.flux_err_jy);
    }
    for (auto const* pull : {&x, &y}) {
        EXPECT_NEAR(pull->mean(), 0, 0.2);
        EXPECT_GT(pull->deviation(), 0.85);
        EXPECT_LT(pull->deviation(), 1.15);
    }
    for (auto const* pull : {&peak, &flux}) {
        EXPECT_NEAR(pull->mean(), 0, 0.3);
        EXPECT_GT(pull->deviation(), 0.85);
        EXPECT_LT(pull->deviation(), 1.15);
    }
}

INSTANTIATE_TEST_SUITE_P(methods, Pulls, ::testing::Values(FitMethod::gaussian, FitMethod::beam, FitMethod::peak));

TEST(SourceFit, has_larger_errors_where_the_source_is_no_gaussian)
{
    Index const n = 41;
    Ellipse const beam{5, 4, 0.6};
    Pixels pixels(static_cast<std::size_t>(n * n), 0);
    add_gaussian(pixels, n, source(1, 20, 20, beam));
    auto const fitted = [&] {
        return fit_source({make_view(pixels.data(), n, n), 20, 20, 15, beam, 1e-3, FitMethod::gaussian});
    };
    auto const good = fitted();
    EXPECT_EQ(good.misfit, 1);
    add_gaussian(pixels, n, source(0.5, 25, 22, beam));
    auto const bad = fitted();
    EXPECT_GT(bad.misfit, 5);
    EXPECT_GT(bad.flux_err_jy, 5 * good.flux_err_jy);
    EXPECT_GT(bad.x_err, 5 * good.x_err);
    pixels.assign(pixels.size(), 0);
    add_gaussian(pixels, n, source(1, 20, 20, beam));
    EXPECT_EQ(fitted().misfit, 1);
}

/// A plane of the exact dirty image, uniformly weighted random uv points of an array with w, around pixel `corner`.
struct Dirty {
    std::vector<std::array<double, 3>> uvw;  ///< wavelengths
    double cell = 3 * arcsec_rad;
    Index n = 48;

    explicit Dirty(double longest)
    {
        std::mt19937 random(3);
        std::normal_distribution<double> normal(0, longest / 2.5);
        while (uvw.size() < 1500) {
            std::array<double, 3> const p{normal(random), 0.7 * normal(random), 0.8 * normal(random)};
            if (std::hypot(p[0], p[1]) < longest) uvw.push_back(p);
        }
    }

    /// Of a source of `flux` at direction cosines (l0, m0) of pixel (x0, y0), the pixels seen from (l, m) of pixel (0, 0).
    Pixels image(double flux, double l, double m, double x0, double y0) const
    {
        auto const n_of = [](double a, double b) { return std::sqrt(1 - a * a - b * b); };
        double const l0 = l - x0 * cell, m0 = m + y0 * cell;
        Pixels pixels;
        for (Index y = 0; y < n; ++y)
            for (Index x = 0; x < n; ++x) {
                double const dl = (x0 - static_cast<double>(x)) * cell, dm = (static_cast<double>(y) - y0) * cell;
                double const dn = n_of(l0 + dl, m0 + dm) - n_of(l0, m0);
                double sum = 0;
                for (auto const& p : uvw) sum += std::cos(2 * pi * (p[0] * dl + p[1] * dm + p[2] * dn));
                pixels.push_back(static_cast<float>(flux * sum / static_cast<double>(uvw.size())));
            }
        return pixels;
    }
};

TEST(SourceFit, of_dirty_images_finds_flux_and_place_of_a_point_source_anywhere_in_the_field)
{
    for (double longest : {13500.0, 24000.0}) {  // beams of 4.5 and 2.5 pixels
        Dirty const dirty(longest);
        auto const psf = dirty.image(1, 0, 0, 24, 24);
        auto const beam = widths_of_peak(make_view(psf.data(), dirty.n, dirty.n), 24, 24);
        for (double l : {0.0, 0.03})
            for (double offset : {0.0, 0.25, 0.5, 0.81}) {
                auto const pixels = dirty.image(0.3, l, -0.5 * l, 24 + offset, 23 - 0.7 * offset);
                auto const fit =
                    fit_source({make_view(pixels.data(), dirty.n, dirty.n), 25, 22, 0, beam, 1e-3, FitMethod::peak});
                EXPECT_NEAR(fit.x, 24 + offset, 0.003) << "beam " << beam.major << " l " << l;
                EXPECT_NEAR(fit.y, 23 - 0.7 * offset, 0.003);
                EXPECT_NEAR(fit.peak_jy / 0.3, 1, 5e-4);
                EXPECT_NEAR(fit.flux_jy / 0.3, 1, l == 0 ? 5e-3 : 0.1) << "l " << l;
            }
    }
}

TEST(SourceFit, of_wide_beams_finds_the_place_on_a_pixel_and_between_any)
{
    Index const n = 160;
    std::mt19937 random(8);
    std::uniform_real_distribution<double> anywhere(70, 90);
    for (double width : {12.0, 13.5, 16.0, 20.0, 25.0, 30.0})
        for (int trial = 0; trial < 12; ++trial) {
            double const x = trial < 3 ? 80 + 0.5 * (trial % 2) : anywhere(random),
                         y = trial < 3 ? 80 + 0.5 * (trial / 2) : anywhere(random);
            Pixels pixels(static_cast<std::size_t>(n * n), 0);
            Ellipse const beam{width, 0.8 * width, 0.4 * trial};
            add_gaussian(pixels, n, source(1, x, y, beam));
            for (Ellipse const& known : {beam, Ellipse{}}) {
                auto const fit = fit_source(
                    {make_view(pixels.data(), n, n), std::round(x), std::round(y), 0, known, 1e-3, FitMethod::peak});
                EXPECT_NEAR(fit.x, x, 2e-3) << width << " " << trial;
                EXPECT_NEAR(fit.y, y, 2e-3) << width << " " << trial;
                EXPECT_NEAR(fit.peak_jy, 1, 1e-5) << width << " " << trial;
            }
        }
}

TEST(SourceFit, of_wide_beams_finds_the_peak_near_an_edge)
{
    Index const n = 100;
    for (double width : {5.0, 12.0, 20.0, 30.0})
        for (double x : {4.0, 4.4, 5.0, 6.0, 6.5, 7.0}) {
            Pixels pixels(static_cast<std::size_t>(n * n), 0);
            Ellipse const beam{width, width, 0};
            add_gaussian(pixels, n, source(1, x, 50, beam));
            auto const fit = fit_source({make_view(pixels.data(), n, n), x, 50, 0, beam, 1e-3, FitMethod::peak});
            EXPECT_NEAR(fit.x, x, 0.1) << width;
            EXPECT_NEAR(fit.peak_jy, 1, 2e-3) << width;
        }
}

TEST(SourceFit, interpolates_constants_and_slopes)
{
    Index const n = 24;
    Pixels pixels;
    for (Index y = 0; y < n; ++y)
        for (Index x = 0; x < n; ++x) pixels.push_back(static_cast<float>(100 + 2 * x - y));
    for (double width : {0.0, 4.0, 12.0})
        for (double x : {11.0, 11.25, 11.5, 12.0}) {
            auto const v = interpolate_image(make_view(pixels.data(), n, n), x, 12.3, {8, width});
            EXPECT_NEAR(v.value, 100 + 2 * x - 12.3, 2e-3) << width << " " << x;
            EXPECT_NEAR(v.dx, 2, 2e-2);
            EXPECT_NEAR(v.dy, -1, 2e-2);
            EXPECT_NEAR(v.dxx, 0, 5e-2);
            EXPECT_NEAR(v.dyy, 0, 5e-2);
        }
    Pixels const level(static_cast<std::size_t>(n * n), 1);
    auto const flat = interpolate_image(make_view(level.data(), n, n), 12, 11.7, {8, 4});
    for (double derivative : {flat.dx, flat.dy, flat.dxx, flat.dxy, flat.dyy}) EXPECT_NEAR(derivative, 0, 1e-6);
}

TEST(SourceFit, takes_the_source_meant_beside_a_brighter_one)
{
    Index const n = 64;
    Pixels pixels(static_cast<std::size_t>(n * n), 0);
    Ellipse const beam{4, 4, 0};
    add_gaussian(pixels, n, source(10, 38, 32, beam));
    add_gaussian(pixels, n, source(1, 26, 32, beam));
    auto const fit = fit_source({make_view(pixels.data(), n, n), 27, 32, 21, beam, 0, FitMethod::peak});
    EXPECT_NEAR(fit.x, 26, 0.05);
    EXPECT_NEAR(fit.peak_jy, 1, 0.01);
}

TEST(SourceFit, works_in_images_that_are_not_square_and_near_edges)
{
    Pixels pixels(static_cast<std::size_t>(30 * 80), 0);
    Ellipse const beam{4, 3.5, 1};
    add_gaussian(pixels, 80, source(1, 74.4, 5.3, beam));
    for (auto method : {FitMethod::gaussian, FitMethod::beam, FitMethod::peak}) {
        auto const fit = fit_source({make_view(pixels.data(), 30, 80), 74, 6, 0, beam, 0.01, method});
        EXPECT_NEAR(fit.x, 74.4, 0.02);
        EXPECT_NEAR(fit.y, 5.3, 0.02);
        EXPECT_NEAR(fit.peak_jy, 1, 0.01);
    }
}

TEST(SourceFit, refuses_what_it_cannot_measure)
{
    Index const n = 32;
    Pixels pixels(static_cast<std::size_t>(n * n), 0);
    auto const at = [&](double x, double y, FitMethod method) {
        return fit_source({make_view(pixels.data(), n, n), x, y, 0, {4, 4, 0}, 0, method});
    };
    EXPECT_THROW(at(16, 16, FitMethod::gaussian), Error);  // nothing positive
    EXPECT_THROW(at(-3, 16, FitMethod::peak), Error);      // outside
    add_gaussian(pixels, n, source(1, 1, 16, {4, 4, 0}));
    EXPECT_THROW(at(1, 16, FitMethod::peak), Error);  // at the edge
    pixels[16 * 32 + 14] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(at(16, 16, FitMethod::gaussian), Error);  // not finite
    pixels[16 * 32 + 14] = 0;
    pixels[16 * 32 + 24] = std::numeric_limits<float>::infinity();
    add_gaussian(pixels, n, source(1, 17, 16, {3, 3, 0}));
    EXPECT_THROW(at(17, 16, FitMethod::peak), Error);  // not finite where it interpolates
}

TEST(LocalNoise, is_robust_and_knows_its_error)
{
    Index const n = 200;
    std::mt19937 random(5);
    std::normal_distribution<float> normal(1e-3F, 2e-3F);
    Pull pull;
    for (int trial = 0; trial < 30; ++trial) {
        Pixels pixels;
        for (Index i = 0; i < n * n; ++i) pixels.push_back(normal(random));
        add_gaussian(pixels, n, source(5, 100, 100, {6, 6, 0}));
        pixels[5] = std::numeric_limits<float>::quiet_NaN();
        pixels[9000] = 1e9F;
        auto const noise = measure_local_noise(make_view(pixels.data(), n, n), {100, 100, 64, 20, 1});
        EXPECT_NEAR(noise.rms_jy, 2e-3, 1e-4);
        pull.add((noise.rms_jy - 2e-3) / noise.rms_err_jy);
    }
    EXPECT_LT(pull.deviation(), 1.6);
    EXPECT_GT(pull.deviation(), 0.5);
    Pixels const small(16, 1.F);
    EXPECT_THROW(measure_local_noise(make_view(small.data(), 4, 4), {2, 2}), Error);
}

}  // namespace
}  // namespace nocturne
