// The second Taylor term against visibilities of a model sky, made and imaged by sums as they are written down: spectral indices of
// points and of an extended source, none where there is none.
#include "stages/image/slopes.hpp"
#include "stages/image/cleaner.hpp"

#include <gtest/gtest.h>

#include <array>
#include <complex>
#include <random>

namespace nocturne {
namespace {

using Complex = std::complex<double>;
constexpr Index n = 72;
constexpr std::array<double, 5> bends{-0.1, -0.05, 0, 0.05, 0.1};

/// Baselines at five frequencies, and what they see: cosines and sines around the middle of the image.
struct Array {
    std::vector<std::array<double, 3>> points;  ///< u, v in radians per pixel, t

    Array()
    {
        std::mt19937 random(4);
        std::uniform_real_distribution<double> turn(0, 2 * pi), radius(0.06, 1);
        for (int b = 0; b < 120; ++b) {
            double const angle = turn(random), length = 0.55 * radius(random);
            for (double t : bends)
                points.push_back({length * std::cos(angle) * (1 + t), length * std::sin(angle) * (1 + t), t});
        }
    }

    /// Mean of Re w V e^(−i phase) over the points, [side × side].
    template<class Weight>
    std::vector<double> image(Index side, std::vector<Complex> const& vis, Weight const& weight) const
    {
        std::vector<double> pixels(static_cast<std::size_t>(side * side), 0.0);
        for (std::size_t p = 0; p < points.size(); ++p) {
            Complex const value = vis[p] * weight(points[p][2]) / static_cast<double>(points.size());
            Complex const step = std::polar(1.0, -points[p][0]);
            for (Index y = 0; y < side; ++y) {
                Complex fringe = value * std::polar(1.0, -points[p][1] * static_cast<double>(y - side / 2) +
                                                             points[p][0] * static_cast<double>(side / 2));
                for (Index x = 0; x < side; ++x, fringe *= step)
                    pixels[static_cast<std::size_t>(y * side + x)] += fringe.real();
            }
        }
        return pixels;
    }

    /// A component of flux · (1 + t)^index, or flux + slope t.
    void add(ScaledComponent const& c, std::vector<Complex>& vis, double index, bool linear) const
    {
        double const flux = c.point.flux_jy, slope = c.slope_jy;
        for (std::size_t p = 0; p < points.size(); ++p) {
            auto const [u, v, t] = points[p];
            double const width = static_cast<double>(c.width_px);
            double const shape = std::exp(-(u * u + v * v) * width * width / (16 * std::log(2.0)));
            double const amount = linear ? flux + slope * t : flux * std::pow(1 + t, index);
            vis[p] += amount * shape *
                      std::polar(
                          1.0, u * static_cast<double>(c.point.x - n / 2) + v * static_cast<double>(c.point.y - n / 2));
        }
    }
};

std::vector<float> narrowed(std::vector<double> const& values, double factor = 1)
{
    std::vector<float> out;
    for (double value : values) out.push_back(static_cast<float>(value * factor));
    return out;
}

struct Source {
    ScaledComponent shape;
    double index;
};

/// CLEAN of two terms to its end; the model.
std::vector<ScaledComponent> cleaned(std::vector<Source> const& sources, double noise,
                                     std::vector<double> const& widths)
{
    Array const array;
    std::vector<Complex> data(array.points.size());
    for (auto const& source : sources) array.add(source.shape, data, source.index, false);
    std::mt19937 random(3);
    std::normal_distribution<double> normal(0, noise * std::sqrt(static_cast<double>(data.size())));
    if (noise > 0)
        for (auto& value : data) value += Complex(normal(random), normal(random));
    double weight = 0;
    for (auto const& point : array.points) weight += point[2] * point[2] / static_cast<double>(array.points.size());
    std::vector<Complex> const ones(data.size(), 1);
    auto const even = [](double) { return 1.0; };
    auto const bent = [](double t) { return t; };
    auto const psf = narrowed(array.image(2 * n, ones, even));
    auto const psf_of_slopes = narrowed(array.image(2 * n, ones, [](double t) { return t * t; }), 1 / weight);
    CleanSettings settings;
    settings.iterations = 20000;
    auto const device = make_device("kokkos");
    Cleaner cleaner(device, settings, narrowed(array.image(n, data, even)), psf, {{}, widths});
    Slopes slopes(device, settings, n, psf_of_slopes, widths.empty() ? std::vector<double>{0} : widths);
    bool fluxes_go_on = true;
    for (int cycle = 0; cycle < 60; ++cycle) {
        fluxes_go_on = fluxes_go_on && cleaner.step();
        bool const slopes_go_on =
            cycle > 0 && slopes.step(cleaner.components(), cleaner.state().noise_jy / std::sqrt(weight), {});
        if (!fluxes_go_on && !slopes_go_on && cycle > 0) break;
        auto model = cleaner.components();
        slopes.add_to(model);
        auto residual = data;
        for (auto c : model) {
            c.point.flux_jy = -c.point.flux_jy, c.slope_jy = -c.slope_jy;
            array.add(c, residual, 0, true);
        }
        cleaner.residual().upload(narrowed(array.image(n, residual, even)).data());
        slopes.residual().upload(narrowed(array.image(n, residual, bent), 1 / weight).data());
    }
    auto model = cleaner.components();
    slopes.add_to(model);
    return model;
}

/// Slope over flux of what lies within some pixels.
double index_around(std::vector<ScaledComponent> const& model, Index x, Index y, double radius)
{
    double flux = 0, slope = 0;
    for (auto const& c : model) {
        if (std::hypot(c.point.x - x, c.point.y - y) > radius) continue;
        flux += static_cast<double>(c.point.flux_jy);
        slope += static_cast<double>(c.slope_jy);
    }
    return slope / flux;
}

TEST(Slopes, are_spectral_indices_of_points)
{
    auto const model = cleaned({{{{20, 50, 2}, 0}, -0.8}, {{{50, 20, 1}, 0}, 0.5}, {{{36, 36, 1.5F}, 0}, 0}}, 0, {});
    EXPECT_NEAR(index_around(model, 20, 50, 3), -0.8, 0.02);
    EXPECT_NEAR(index_around(model, 50, 20, 3), 0.5, 0.02);
    EXPECT_NEAR(index_around(model, 36, 36, 3), 0, 0.02);
}

TEST(Slopes, of_extended_sources_come_with_their_scale)
{
    auto const model = cleaned({{{{36, 34, 6}, 10}, -0.7}, {{{12, 60, 1}, 0}, 0.4}}, 0, {0, 5, 10});
    EXPECT_NEAR(index_around(model, 36, 34, 15), -0.7, 0.05);
    EXPECT_NEAR(index_around(model, 12, 60, 4), 0.4, 0.05);
}

TEST(Slopes, have_the_error_that_the_band_allows)
{
    // σ of the index = noise / (flux √(Σ w t² / Σ w)) = 0.002 / (1 · 0.0707): 0.028; where it is nothing, nothing is found.
    auto const model = cleaned({{{{20, 50, 1}, 0}, -0.8}, {{{50, 20, 1}, 0}, 0}}, 0.002, {});
    EXPECT_NEAR(index_around(model, 20, 50, 3), -0.8, 4 * 0.028);
    EXPECT_NEAR(index_around(model, 50, 20, 3), 0, 4 * 0.028);
}

TEST(Slopes, are_not_looked_for_where_nothing_is)
{
    CleanSettings settings;
    settings.iterations = 100;
    std::vector<float> psf(static_cast<std::size_t>(n * n), 0.0F);
    psf[static_cast<std::size_t>(n / 2 * n + n / 2)] = 1;
    Slopes slopes(make_device("kokkos"), settings, n, psf, {0});
    std::vector<float> residual(static_cast<std::size_t>(n * n), 0.0F);
    residual[static_cast<std::size_t>(30 * n + 40)] = 5;
    residual[static_cast<std::size_t>(10 * n + 15)] = 3;
    slopes.residual().upload(residual.data());
    EXPECT_FALSE(slopes.step({}, 1e-3, {}));
    ASSERT_TRUE(slopes.step({{{15, 10, 2}, 0}}, 1e-3, {}));
    std::vector<ScaledComponent> model{{{15, 10, 2}, 0}};
    slopes.add_to(model);
    ASSERT_EQ(model.size(), 1U);
    EXPECT_GT(model[0].slope_jy, 1);
    EXPECT_LE(model[0].slope_jy, 3);
    auto const image = slopes.image();
    EXPECT_EQ(image[static_cast<std::size_t>(10 * n + 15)], model[0].slope_jy);
    EXPECT_EQ(image[static_cast<std::size_t>(30 * n + 40)], 0);
}

}  // namespace
}  // namespace nocturne
