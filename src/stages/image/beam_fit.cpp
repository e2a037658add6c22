// Enters: the pixels of a PSF, or its samples. Leaves: its beam.
#include "stages/image/beam_fit.hpp"

#include "nocturne/lobe.hpp"
#include "nocturne/short_number.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

constexpr double least_width_px = 2, longest_shape = 100;

/// Calls add(u, v, weight), in wavelengths.
template<class Add>
void for_samples(NodeSet const& nodes, Add const& add)
{
    for (auto const& line : nodes.geometry.lines)
        for (int p = 0; p < line.n; ++p) {
            double const per_m =
                nodes.geometry.freq_hz[static_cast<std::size_t>(line.first_freq + p)] / speed_of_light_m_s;
            add(line.uvw_m[0] * per_m, line.uvw_m[1] * per_m,
                static_cast<double>(nodes.psf[static_cast<std::size_t>(line.first_value + p)].re));
        }
}

struct Moments {
    double sum = 0, uu = 0, uv = 0, vv = 0;
    void add(double u, double v, double weight)
    {
        sum += weight, uu += weight * u * u, uv += weight * u * v, vv += weight * v * v;
    }
};

/// Twice the distance at which the PSF falls to half, at an angle from north through east; `start` is a width to begin with.
double width_along(NodeSet const& nodes, double angle, double start, double most)
{
    auto const above_half = [&](double width) {
        double const l = 0.5 * width * std::sin(angle), m = 0.5 * width * std::cos(angle);
        double sum = 0, whole = 0;
        for_samples(nodes, [&](double u, double v, double weight) {
            sum += weight * std::cos(2 * pi * (u * l + v * m));
            whole += weight;
        });
        return sum > 0.5 * whole;
    };
    double low = 0, high = 0.5 * start;
    for (; above_half(high); low = high, high *= 1.2)
        if (high >= most) return most;
    for (int k = 0; k < 12; ++k) {
        double const middle = 0.5 * (low + high);
        (above_half(middle) ? low : high) = middle;
    }
    return std::min(0.5 * (low + high), most);
}

}  // namespace

Beam fit_beam(View<float const, 2> psf, double cell_rad)
{
    if (psf.extent[0] < 3 || psf.extent[1] < 3) return {};
    auto const widths = widths_of_peak(psf, psf.extent[0] / 2, psf.extent[1] / 2);
    return {widths.major * cell_rad, widths.minor * cell_rad, widths.pa_rad};
}

double swelling_of_beam(View<float const, 2> psf, Beam const& beam, double cell_rad)
{
    constexpr std::size_t fewest = 9;
    if (!(beam.major_rad > 0)) return 1;
    auto const y = psf.extent[0] / 2, x = psf.extent[1] / 2;
    auto const lobe = lobe_above(psf, y, x, 0.5 * static_cast<double>(psf(y, x)));
    if (lobe.at_edge || lobe.samples.size() < fewest) return 1;
    double const pixels = 0.25 * pi * beam.major_rad * beam.minor_rad / (cell_rad * cell_rad);
    return pixels / static_cast<double>(lobe.samples.size());
}

std::string note_of_swelling(double swelling)
{
    constexpr double most = 1.5;
    if (swelling <= most && swelling >= 1 / most) return "";
    return "the restoring beam has " + short_number(std::round(10 * swelling) / 10) +
           " times the area of the PSF's main lobe: sidelobes above half the peak touch it (few baselines); what CLEAN "
           "found has its flux with any beam, what it left is measured by the beam's area: clean deeper";
}

Beam beam_of_weights(NodeSet const& nodes, double cell_rad)
{
    Moments moments;
    for_samples(nodes, [&](double u, double v, double weight) { moments.add(u, v, weight); });
    // The PSF is 1 − 2 π² (uu l² + 2 uv l m + vv m²) / sum at its peak, with l to the left: x = −l. Some more of either keeps a line an ellipse.
    double const factor = 4 * pi * pi / moments.sum, lift = 1e-9 * (moments.uu + moments.vv);
    auto const bend =
        ellipse_of({1, 0, 0, factor * (moments.uu + lift), -factor * moments.uv, factor * (moments.vv + lift)});
    double const most_minor = longest_shape * bend.minor;
    double const minor =
        std::max(least_width_px * cell_rad, width_along(nodes, bend.pa_rad + pi / 2, bend.minor, most_minor));
    double const major = width_along(nodes, bend.pa_rad, std::min(bend.major, most_minor), longest_shape * minor);
    if (major >= minor) return {major, minor, bend.pa_rad};
    double const across = bend.pa_rad < pi / 2 ? bend.pa_rad + pi / 2 : bend.pa_rad - pi / 2;
    return {minor, std::max(major, least_width_px * cell_rad), across};
}

std::string note_of_beam(Beam const& beam)
{
    char text[240];
    std::snprintf(
        text, sizeof text,
        "no Gaussian could be fitted to the PSF: the restoring beam, %.3g × %.3g arcsec, is where the samples' "
        "own sum falls to half; take pixels of a tenth of it, and an image of ten or more",
        beam.major_rad / arcsec_rad, beam.minor_rad / arcsec_rad);
    return text;
}

}  // namespace nocturne
