// Multiscale minor cycles against the oracle (Cornwell's algorithm as it is written down), and whole CLEANs of a model sky whose
// major cycles are exact convolutions: extended sources keep their flux, points are left alone, noise is not fitted.
#include "stages/image/multiscale.hpp"
#include "kernels/statistics.hpp"
#include "stages/image/cleaner.hpp"

#include "tests/oracle/multiscale.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <random>

namespace nocturne {
namespace {

/// Fringes of baselines all over a disc of the uv plane: a PSF made of them is that of data, and so is noise. The main lobe is `beam`
/// pixels wide.
struct Baselines {
    std::vector<std::array<double, 2>> uv;

    explicit Baselines(double beam)
    {
        std::mt19937 random(4);
        std::uniform_real_distribution<double> turn(0, 2 * pi), radius(0.06, 1);
        for (int b = 0; b < 160; ++b) {
            double const angle = turn(random), length = 2.2 / beam * radius(random);
            uv.push_back({length * std::cos(angle), length * std::sin(angle)});
        }
    }

    /// Mean over baselines of re cos − im sin around the middle of [n × n].
    std::vector<double> image(Index n, std::vector<std::array<double, 2>> const& vis) const
    {
        std::vector<double> pixels(static_cast<std::size_t>(n * n), 0.0);
        for (std::size_t b = 0; b < uv.size(); ++b)
            for (Index y = 0; y < n; ++y)
                for (Index x = 0; x < n; ++x) {
                    double const phase =
                        uv[b][0] * static_cast<double>(x - n / 2) + uv[b][1] * static_cast<double>(y - n / 2);
                    pixels[static_cast<std::size_t>(y * n + x)] +=
                        (vis[b][0] * std::cos(phase) - vis[b][1] * std::sin(phase)) / static_cast<double>(uv.size());
                }
        return pixels;
    }
    std::vector<double> psf(Index n) const
    {
        return image(2 * n, std::vector<std::array<double, 2>>(uv.size(), {1, 0}));
    }
    std::vector<double> noise(Index n, double rms) const
    {
        std::mt19937 random(9);
        std::normal_distribution<double> normal(0, rms * std::sqrt(static_cast<double>(uv.size())));
        std::vector<std::array<double, 2>> vis;
        for (std::size_t b = 0; b < uv.size(); ++b) vis.push_back({normal(random), normal(random)});
        return image(n, vis);
    }
};

std::vector<float> narrowed(std::vector<double> const& values) { return {values.begin(), values.end()}; }

/// Σ components ⊛ psf, exactly.
std::vector<double> seen(std::vector<ScaledComponent> const& model, oracle::Plane const& psf, Index n)
{
    std::vector<float> pixels(static_cast<std::size_t>(n * n), 0.0F);
    for (auto const& c : model) add_component(c, n, pixels);
    std::vector<double> image(pixels.size(), 0.0);
    for (Index v = 0; v < n; ++v)
        for (Index u = 0; u < n; ++u) {
            double const flux = pixels[static_cast<std::size_t>(v * n + u)];
            if (std::abs(flux) < 1e-9) continue;
            for (Index y = 0; y < n; ++y)
                for (Index x = 0; x < n; ++x)
                    image[static_cast<std::size_t>(y * n + x)] += flux * psf.at(y - v + n, x - u + n);
        }
    return image;
}

struct Sky {
    Index n;
    oracle::Plane psf;
    std::vector<ScaledComponent> truth;
    std::vector<double> dirty;

    Sky(Index pixels, double beam, std::vector<ScaledComponent> sources, double noise)
        : n(pixels), psf{2 * pixels, Baselines(beam).psf(pixels)}, truth(std::move(sources)), dirty(seen(truth, psf, n))
    {
        if (!(noise > 0)) return;
        auto const scatter = Baselines(beam).noise(n, noise);
        for (std::size_t i = 0; i < dirty.size(); ++i) dirty[i] += scatter[i];
    }

    Multiscale minor(std::vector<double> const& widths, std::vector<float> const& beam) const
    {
        return Multiscale({make_device("kokkos"), n, beam, 2 * n, widths, 1, 10000});
    }

    /// A whole CLEAN, its major cycles by exact convolution.
    Cleaner cleaned(CleanSettings const& settings, std::vector<double> const& widths) const
    {
        Cleaner cleaner(make_device("kokkos"), settings, narrowed(dirty), narrowed(psf.pixels), {{}, widths});
        auto const remake = [&] {
            auto residual = dirty;
            auto const model = seen(cleaner.components(), psf, n);
            for (std::size_t i = 0; i < residual.size(); ++i) residual[i] -= model[i];
            cleaner.residual().upload(narrowed(residual).data());
        };
        for (int cycles = 0; cleaner.step() && cycles < 60; ++cycles) remake();
        remake();
        cleaner.look();
        return cleaner;
    }
};

double flux_within(std::vector<ScaledComponent> const& model, Index y, Index x, double radius)
{
    double flux = 0;
    for (auto const& c : model)
        if (std::hypot(c.point.x - x, c.point.y - y) <= radius) flux += c.point.flux_jy;
    return flux;
}

TEST(Scales, double_from_the_beam_to_a_part_of_the_image)
{
    EXPECT_EQ(choose_scales({true, {}, 0.9}, 1, 4, 256), (std::vector<double>{0, 4, 8, 16, 32}));
    EXPECT_EQ(choose_scales({true, {}, 0.9}, 1, 1.5, 64), (std::vector<double>{0, 2.5, 5}));
    EXPECT_EQ(choose_scales({true, {{15, 0}, {0, 0}, {5, 0}, {0, 10}}, 0.9}, 2, 4, 256),
              (std::vector<double>{0, 5, 15}));
    EXPECT_EQ(choose_scales({true, {}, 0.9}, 1, 0, 256), (std::vector<double>{0})) << "no beam could be fitted";
}

TEST(Scales, kernels_have_unit_flux)
{
    for (double width : {2.5, 4.0, 13.7, 32.0}) {
        auto const taps = gaussian_taps(width);
        EXPECT_NEAR(2 * std::accumulate(taps.begin() + 1, taps.end(), 0.0) + taps[0], 1, 1e-6);
        std::vector<float> pixels(200 * 200, 0.0F);
        add_component({{100, 90, 2}, static_cast<float>(width)}, 200, pixels);
        EXPECT_NEAR(std::accumulate(pixels.begin(), pixels.end(), 0.0), 2, 1e-5);
        EXPECT_LE(scale_step(width) * 4, width < 8 ? 4 : width);
    }
}

TEST(Scales, on_the_sky_keep_their_flux_and_lean_with_the_plane)
{
    ImageGeometry const grid{1000, 10 * arcsec_rad, {}};
    auto const flat = on_the_sky({{600, 420, 3}, 12}, grid, {});
    EXPECT_DOUBLE_EQ(flat.apparent_jy, 3);
    EXPECT_NEAR(flat.major_rad, 120 * arcsec_rad, 1e-12);
    EXPECT_NEAR(flat.minor_rad, 120 * arcsec_rad, 1e-12);
    auto const leaning = on_the_sky({{600, 920, 3}, 12}, grid, {0, 0.5});
    // m = m' − β q, q ≈ −m'² / 2: stretched by 1 + β m' along m.
    EXPECT_NEAR(leaning.major_rad / (120 * arcsec_rad), 1 + 0.5 * 420 * 10 * arcsec_rad, 1e-3);
    EXPECT_NEAR(leaning.minor_rad / (120 * arcsec_rad), 1, 1e-3);
    EXPECT_LT(std::abs(std::sin(leaning.pa_rad)), 0.3);
    EXPECT_EQ(on_the_sky({{600, 920, 3}, 0}, grid, {0, 0.5}).major_rad, 0);
}

TEST(Multiscale, takes_what_the_oracle_takes)
{
    Sky const sky(72, 4, {{{36, 34, 5}, 9}, {{20, 50, 1}, 0}, {{52, 20, 0.7F}, 0}}, 0.002);
    std::vector<double> const widths{0, 5, 10};
    auto const beam = narrowed(sky.psf.pixels);
    auto minor = sky.minor(widths, beam);
    auto residual = to_device(make_device("kokkos"), narrowed(sky.dirty));
    double const first = minor.look(residual);
    double const stop = 0.1 * first;
    auto const found = minor.run(residual, {0.2, stop, 500});
    auto const right = oracle::multiscale({sky.n, sky.dirty}, sky.psf, widths, 0.2, stop, 500);
    ASSERT_GT(right.steps.size(), 10U);
    // The subminor loop stays on a scale a little longer, and coarse grids round places: totals by scale are compared.
    EXPECT_NEAR(static_cast<double>(found.size()), static_cast<double>(right.steps.size()),
                0.35 * static_cast<double>(right.steps.size()));
    double ours = 0, theirs = 0;
    for (auto const& c : found) ours += c.point.flux_jy;
    for (auto const& step : right.steps) theirs += step.flux;
    EXPECT_NEAR(ours, theirs, 0.05 * theirs);
    auto const left = residual.to_host();
    auto const model = seen(found, sky.psf, sky.n);
    for (Index y = 0; y < sky.n; ++y)
        for (Index x = 0; x < sky.n; ++x) {
            auto const i = static_cast<std::size_t>(y * sky.n + x);
            ASSERT_NEAR(left[i], sky.dirty[i] - model[i], 2e-4 * first)
                << "the residual is without them: " << y << " " << x;
        }
    EXPECT_LE(minor.look(residual), 1.02 * stop);
}

TEST(Multiscale, its_first_component_is_the_oracles)
{
    for (double width : {0.0, 5.0, 10.0}) {
        Sky const sky(72, 4, {{{36, 32, 2}, static_cast<float>(width)}}, 0);
        auto const beam = narrowed(sky.psf.pixels);
        auto minor = sky.minor({0, 5, 10}, beam);
        auto residual = to_device(make_device("kokkos"), narrowed(sky.dirty));
        double const first = minor.look(residual);
        auto const found = minor.run(residual, {0.5, 0.5 * first, 1});
        auto const right = oracle::multiscale({sky.n, sky.dirty}, sky.psf, {0, 5, 10}, 0.5, 0, 1);
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(found[0].width_px, static_cast<float>(right.steps[0].width)) << width;
        EXPECT_EQ(found[0].point.x, right.steps[0].x);
        EXPECT_EQ(found[0].point.y, right.steps[0].y);
        EXPECT_NEAR(found[0].point.flux_jy, right.steps[0].flux, 1e-4) << width;
        EXPECT_NEAR(found[0].point.flux_jy, 1, 2e-3) << "half of the source, at its own scale";
    }
}

TEST(Multiscale, keeps_to_where_components_may_lie)
{
    Sky const sky(96, 4, {{{30, 60, 4}, 9}, {{70, 30, 1}, 0}}, 0);
    std::vector<std::uint8_t> allowed(static_cast<std::size_t>(sky.n * sky.n), 0);
    for (Index y = 50; y < 70; ++y)
        for (Index x = 20; x < 40; ++x) allowed[static_cast<std::size_t>(y * sky.n + x)] = 1;
    auto const beam = narrowed(sky.psf.pixels);
    Multiscale minor({make_device("kokkos"), sky.n, beam, 2 * sky.n, {0, 5, 10}, 0.9, 1000, &allowed});
    auto residual = to_device(make_device("kokkos"), narrowed(sky.dirty));
    double const first = minor.look(residual);
    auto const found = minor.run(residual, {0.1, 0.2 * first, 300});
    ASSERT_FALSE(found.empty());
    for (auto const& c : found) EXPECT_TRUE(c.point.x >= 20 && c.point.x < 40 && c.point.y >= 50 && c.point.y < 70);
    minor.mask({found.front()});
    minor.look(residual);
    for (auto const& c : minor.run(residual, {0.1, 0.01 * first, 100})) {
        EXPECT_EQ(c.width_px, found.front().width_px);
        EXPECT_EQ(c.point.x, found.front().point.x);
    }
}

TEST(Multiscale, leaves_out_scales_that_no_baseline_sees)
{
    Index const n = 96;
    std::vector<float> psf(static_cast<std::size_t>(4 * n * n), 0.0F);
    // Baselines of one length alone: fringes of 6 pixels.
    for (Index y = 0; y < 2 * n; ++y)
        for (Index x = 0; x < 2 * n; ++x)
            psf[static_cast<std::size_t>(y * 2 * n + x)] = static_cast<float>(
                0.5 * std::cos(static_cast<double>(x - n)) + 0.5 * std::cos(static_cast<double>(y - n)));
    Multiscale const minor({make_device("kokkos"), n, psf, 2 * n, {0, 3, 6, 12}, 0.9, 100});
    EXPECT_EQ(minor.widths_px(), (std::vector<double>{0, 3})) << "what is smoothed over two fringes is gone";
}

TEST(MultiscaleClean, an_extended_source_keeps_its_flux_and_points_theirs)
{
    Sky const sky(128, 4, {{{64, 60, 20}, 20}, {{30, 100, 1}, 0}, {{100, 26, 0.5F}, 0}, {{70, 56, 0.6F}, 0}}, 0.003);
    CleanSettings settings;
    settings.iterations = 20000;
    auto const multi = sky.cleaned(settings, {0, 4, 8, 16});
    auto const model = multi.components();
    EXPECT_NEAR(flux_within(model, 60, 64, 30), 20.6, 0.05 * 20.6);
    EXPECT_NEAR(flux_within(model, 100, 30, 3), 1, 0.02 + 4 * 0.003);
    EXPECT_NEAR(flux_within(model, 26, 100, 3), 0.5, 0.01 + 4 * 0.003);
    EXPECT_LT(multi.state().noise_jy, 1.5 * 0.003) << "0.43 before";
    EXPECT_NE(multi.state().end, CleanEnd::divergence);
}

TEST(MultiscaleClean, does_not_fit_noise)
{
    Sky const sky(128, 4, {}, 0.01);
    CleanSettings settings;
    settings.iterations = 5000;
    for (double mask : {5.0, 0.0}) {
        settings.auto_mask = mask;
        settings.auto_threshold = mask > 0 ? 1 : 3;
        auto const cleaner = sky.cleaned(settings, {0, 4, 8, 16});
        double flux = 0;
        for (auto const& c : cleaner.components()) flux += std::abs(static_cast<double>(c.point.flux_jy));
        EXPECT_LE(cleaner.state().noise_jy, 1.02 * 0.01);
        EXPECT_LE(cleaner.state().peak_jy, 0.055);
        if (mask > 0) {
            EXPECT_EQ(flux, 0);
        }
    }
}

TEST(MultiscaleClean, a_patch_of_the_psf_comes_to_the_same)
{
    Sky const sky(160, 4, {{{80, 70, 8}, 12}, {{30, 130, 1}, 0}}, 0.002);
    CleanSettings settings;
    settings.iterations = 20000;
    settings.deconvolver = Deconvolver::clark;
    auto const clark = sky.cleaned(settings, {0, 4, 8, 16});
    EXPECT_NEAR(flux_within(clark.components(), 70, 80, 30), 8, 0.4);
    EXPECT_NEAR(flux_within(clark.components(), 130, 30, 3), 1, 0.03);
    EXPECT_LT(clark.state().noise_jy, 1.5 * 0.002);
}

/// Few baselines repeat the peak far out: minor cycles that stop before it would take the repetitions for sources.
TEST(PointClean, the_patch_grows_to_the_sidelobes)
{
    Index const n = 1000;
    auto const patch = [&](Index sidelobe_at, float sidelobe, Index all) {
        std::vector<float> psf(static_cast<std::size_t>(all * all), 0.0F);
        psf[static_cast<std::size_t>(all / 2 * all + all / 2)] = 1;
        psf[static_cast<std::size_t>(all / 2 * all + all / 2 - sidelobe_at)] = -sidelobe;
        return clark_patch(make_view(std::as_const(psf).data(), all, all), n);
    };
    EXPECT_EQ(patch(200, 0.19F, n), 256);
    EXPECT_EQ(patch(200, 0.21F, n), 400);
    EXPECT_EQ(patch(100, 0.9F, n), 256);
    EXPECT_EQ(patch(230, 0.7F, n), 460);
    EXPECT_EQ(patch(400, 0.7F, n), n) << "then the whole PSF is made";
    EXPECT_EQ(patch(400, 0.7F, 2 * n), 2 * n);
    EXPECT_EQ(patch(600, 0.7F, 2 * n), 2 * n);
}

/// The mask closes over the brightest when the rest is no higher than five times the noise that their sidelobes make.
TEST(PointClean, finds_what_the_sidelobes_of_cleaned_sources_hid)
{
    std::mt19937 random(11);
    std::uniform_int_distribution<std::int32_t> place(4, 123);
    std::vector<ScaledComponent> sources;
    for (int s = 0; s < 12; ++s)
        sources.push_back({{place(random), place(random), static_cast<float>(std::pow(10, -1.5 * s / 11.0))}, 0});
    Sky const sky(128, 4, sources, 0.003);
    CleanSettings settings;
    settings.iterations = 20000;
    auto const cleaner = sky.cleaned(settings, {});
    EXPECT_LT(cleaner.state().noise_jy, 2 * 0.003);
    EXPECT_LT(cleaner.state().peak_jy, 0.03) << "the faintest source";
}

/// However many iterations it may take: what does not stand out of the noise is none of its business.
TEST(PointClean, leaves_noise_alone)
{
    Sky const sky(128, 4, {}, 0.003);
    CleanSettings settings;
    settings.iterations = 20000;
    auto const cleaner = sky.cleaned(settings, {});
    auto const before = measure_statistics(make_device("kokkos"),
                                           to_device(make_device("kokkos"), narrowed(sky.dirty)).view(sky.n, sky.n));
    EXPECT_GT(cleaner.state().noise_jy, 0.95 * before.robust_noise);
    EXPECT_LT(cleaner.state().iterations, 100);
}

}  // namespace
}  // namespace nocturne
