#include "stages/image/scales.hpp"

#include "nocturne/gaussian.hpp"
#include "nocturne/short_number.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// A Gaussian is cut so many σ from its middle.
constexpr double reach_sigmas = 5.5;
/// So many of the widest automatic scale, and of any, lie across the image.
constexpr double automatic_across = 8, least_across = 6;

}  // namespace

std::vector<double> choose_scales(ScaleSettings const& wish, double cell_rad, double beam_px, Index n)
{
    std::vector<double> scales{0};
    for (auto const& one : wish.sizes)
        if (double const px = one.pixels + one.rad / cell_rad; px > 0) scales.push_back(px);
    if (wish.sizes.empty() && beam_px > 0)
        for (double px = std::max(beam_px, least_scale_px); automatic_across * px <= static_cast<double>(n); px *= 2)
            scales.push_back(px);
    std::erase_if(scales, [&](double px) { return least_across * px > static_cast<double>(n); });
    std::sort(scales.begin(), scales.end());
    scales.erase(std::unique(scales.begin(), scales.end()), scales.end());
    return scales;
}

std::string note_of_scales(std::vector<double> const& widths_px)
{
    std::string text;
    for (double width : widths_px)
        if (width > 0) text += (text.empty() ? "" : ", ") + short_number(width);
    return text.empty() ? "multiscale CLEAN has points alone: the data know nothing of wider scales that fit the image"
                        : "multiscale CLEAN: points, and widths of " + text + " pixels";
}

std::vector<float> gaussian_taps(double width_px, double sum)
{
    double const sigma = width_px / fwhm_per_sigma;
    auto const reach = static_cast<Index>(std::ceil(reach_sigmas * sigma));
    std::vector<double> values;
    double total = 0;
    for (Index i = 0; i <= reach; ++i) {
        double const x = static_cast<double>(i) / sigma;
        values.push_back(std::exp(-0.5 * x * x));
        total += (i > 0 ? 2 : 1) * values.back();
    }
    std::vector<float> taps;
    for (double value : values) taps.push_back(static_cast<float>(value * sum / total));
    return taps;
}

Index scale_step(double width_px)
{
    Index step = 1;
    while (8 * static_cast<double>(step) <= width_px) step *= 2;
    return step;
}

void add_component(ScaledComponent const& component, Index n, std::vector<float>& pixels)
{
    auto const& c = component.point;
    if (component.width_px <= 0) {
        pixels[static_cast<std::size_t>(c.y * n + c.x)] += c.flux_jy;
        return;
    }
    auto const taps = gaussian_taps(static_cast<double>(component.width_px));
    Index const reach = std::ssize(taps) - 1;
    Index const low = std::max<Index>(0, c.x - reach), high = std::min<Index>(n - 1, c.x + reach);
    for (Index y = std::max<Index>(0, c.y - reach); y <= std::min<Index>(n - 1, c.y + reach); ++y) {
        float const row = c.flux_jy * taps[static_cast<std::size_t>(std::abs(y - c.y))];
        for (Index x = low; x <= high; ++x)
            pixels[static_cast<std::size_t>(y * n + x)] += row * taps[static_cast<std::size_t>(std::abs(x - c.x))];
    }
}

ModelComponent on_the_sky(ScaledComponent const& component, ImageGeometry const& grid, Slant const& slant)
{
    auto const place = [&](std::int32_t pixel) {
        return static_cast<double>(pixel - grid.n_pixels / 2) * grid.cell_rad;
    };
    double const l = -place(component.point.x), m = place(component.point.y);
    auto const at = plain_of(slant, {l, m});
    ModelComponent sky{at.l, at.m, static_cast<double>(component.point.flux_jy)};
    sky.slope_jy = static_cast<double>(component.slope_jy);
    if (component.width_px <= 0) return sky;
    // J = ∂(l, m) / ∂(l', m'); a circle of covariance σ² becomes an ellipse of σ² J Jᵀ.
    double const step = grid.cell_rad, width = static_cast<double>(component.width_px) * grid.cell_rad;
    auto const slope = [&](double dl, double dm) {
        auto const ahead = plain_of(slant, {l + dl, m + dm}), behind = plain_of(slant, {l - dl, m - dm});
        return PlaneCosines{(ahead.l - behind.l) / (2 * step), (ahead.m - behind.m) / (2 * step)};
    };
    auto const a = slope(step, 0), b = slope(0, step);
    double const ll = a.l * a.l + b.l * b.l, lm = a.l * a.m + b.l * b.m, mm = a.m * a.m + b.m * b.m;
    double const mean = 0.5 * (ll + mm), root = std::hypot(0.5 * (mm - ll), lm);
    sky.major_rad = width * std::sqrt(mean + root);
    sky.minor_rad = width * std::sqrt(mean - root);
    sky.pa_rad = 0.5 * std::atan2(2 * lm, mm - ll);
    if (sky.pa_rad < 0) sky.pa_rad += pi;
    return sky;
}

}  // namespace nocturne
