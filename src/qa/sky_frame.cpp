// Enters: a Picture. Leaves: its graticule and the ticks of its colour bar.
#include "qa/sky_frame.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace nocturne {
namespace {

constexpr double second_of_time_rad = 15 * arcsec_rad;
constexpr int samples_per_line = 160;

/// Round steps: seconds of time for right ascension, seconds of arc for declination.
constexpr std::array<double, 20> ra_steps_s{0.1, 0.2, 0.5, 1,   2,   5,    10,   15,   20,   30,
                                            60,  120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800};
constexpr std::array<double, 20> dec_steps_arcsec{0.5, 1,   2,   5,    10,   15,   20,   30,    60,    120,
                                                  300, 600, 900, 1200, 1800, 3600, 7200, 18000, 36000, 54000};

template<std::size_t N>
double step_for(double range, std::array<double, N> const& steps, double unit)
{
    for (double step : steps)
        if (range / (step * unit) <= 6) return step * unit;
    return steps.back() * unit;
}

struct Extent {
    double ra_middle = 0, ra_half = 0, dec_low = 0, dec_high = 0;
    bool pole = false;
};

struct Edges {
    double left, right, bottom, top;
    bool holds(PixelPosition p) const { return p.x >= left && p.x <= right && p.y >= bottom && p.y <= top; }
};

Edges edges_of(Picture const& p)
{
    double const x = static_cast<double>(p.first_x) - 0.5, y = static_cast<double>(p.first_y) - 0.5;
    double const span = static_cast<double>(p.span);
    return {x, x + span, y, y + span};
}

/// Ranges of right ascension and declination over the edges and, where a pole is inside, up to it.
Extent extent_of(Picture const& picture, Edges const& e)
{
    Extent extent;
    auto const& centre = picture.geometry.centre;
    extent.ra_middle = centre.ra.value();
    extent.dec_low = extent.dec_high = centre.dec.value();
    for (int i = 0; i <= samples_per_line; ++i) {
        double const t = i / static_cast<double>(samples_per_line);
        double const x = e.left + t * (e.right - e.left), y = e.bottom + t * (e.top - e.bottom);
        for (auto const& p : {PixelPosition{x, e.bottom}, {x, e.top}, {e.left, y}, {e.right, y}}) {
            auto const sky = pixel_to_sky(picture.geometry, p);
            if (!sky) continue;
            extent.dec_low = std::min(extent.dec_low, sky->dec.value());
            extent.dec_high = std::max(extent.dec_high, sky->dec.value());
            double const dra = std::remainder(sky->ra.value() - extent.ra_middle, 2 * pi);
            extent.ra_half = std::max(extent.ra_half, std::abs(dra));
        }
    }
    for (double sign : {-1.0, 1.0}) {
        auto const pole = sky_to_pixel(picture.geometry, {centre.ra, Radians(sign * pi / 2)});
        if (!pole || !e.holds(*pole)) continue;
        extent.pole = true;
        extent.ra_half = pi;
        (sign > 0 ? extent.dec_high : extent.dec_low) = sign * pi / 2;
    }
    return extent;
}

/// The pieces inside the picture of the curve `at(t)`, t in [0, 1]; where a piece crosses the wanted edge, the label.
template<class Curve, class Crossing>
GraticuleLine trace(Picture const& picture, Edges const& e, Curve const& at, Crossing const& crossing)
{
    GraticuleLine line;
    std::optional<PixelPosition> before;
    bool inside_before = false;
    for (int i = 0; i <= samples_per_line; ++i) {
        auto const p = sky_to_pixel(picture.geometry, at(i / static_cast<double>(samples_per_line)));
        if (p && before && !line.labelled) {
            auto const met = crossing(*before, *p);
            if (met && e.holds(*met)) {
                line.labelled = true;
                line.at = *met;
            }
        }
        bool const inside = p && e.holds(*p);
        if (inside || inside_before) {
            if (!inside_before) {
                line.pieces.emplace_back();
                if (before) line.pieces.back().push_back(*before);
            }
            if (p) line.pieces.back().push_back(*p);
        }
        inside_before = inside;
        before = p;
    }
    return line;
}

}  // namespace

Graticule make_graticule(Picture const& picture)
{
    Graticule graticule;
    auto const e = edges_of(picture);
    auto const extent = extent_of(picture, e);
    double const dec_range = extent.dec_high - extent.dec_low;
    auto const on_bottom = [&](PixelPosition a, PixelPosition b) -> std::optional<PixelPosition> {
        if ((a.y - e.bottom) * (b.y - e.bottom) > 0 || a.y == b.y) return std::nullopt;
        return PixelPosition{a.x + (b.x - a.x) * (e.bottom - a.y) / (b.y - a.y), e.bottom};
    };
    auto const on_left = [&](PixelPosition a, PixelPosition b) -> std::optional<PixelPosition> {
        if ((a.x - e.left) * (b.x - e.left) > 0 || a.x == b.x) return std::nullopt;
        return PixelPosition{e.left, a.y + (b.y - a.y) * (e.left - a.x) / (b.x - a.x)};
    };
    double const ra_step = step_for(2 * extent.ra_half, ra_steps_s, second_of_time_rad);
    double const dec_step = step_for(dec_range, dec_steps_arcsec, arcsec_rad);
    double const margin = 0.02 * dec_range, lowest = std::max(-pi / 2, extent.dec_low - margin);
    double const highest = std::min(pi / 2, extent.dec_high + margin);
    double const ra_end = extent.ra_middle + extent.ra_half * (extent.pole ? 1 - 1e-9 : 1);
    for (double k = std::ceil((extent.ra_middle - extent.ra_half) / ra_step); k * ra_step <= ra_end; ++k) {
        double const ra = k * ra_step;
        auto line = trace(
            picture, e,
            [&](double t) {
                return Direction{Radians(ra), Radians(lowest + t * (highest - lowest))};
            },
            on_bottom);
        line.label = format_ra(ra, ra_step < second_of_time_rad ? 1 : 0);
        graticule.ra.push_back(std::move(line));
    }
    for (double k = std::ceil(lowest / dec_step); k * dec_step <= highest; ++k) {
        double const dec = k * dec_step;
        auto line = trace(
            picture, e,
            [&](double t) {
                return Direction{Radians(extent.ra_middle + (2 * t - 1) * std::min(pi, 1.02 * extent.ra_half)),
                                 Radians(dec)};
            },
            on_left);
        line.label = format_dec(dec, dec_step < arcsec_rad ? 1 : 0);
        graticule.dec.push_back(std::move(line));
    }
    return graticule;
}

std::vector<double> colour_ticks(Picture const& picture, double min_gap)
{
    std::vector<double> candidates{0};
    for (int decade = -12; decade <= 9; ++decade)
        for (double digit : {1.0, 2.0, 5.0})
            for (double sign : {-1.0, 1.0}) candidates.push_back(sign * digit * std::pow(10.0, decade));
    // Round numbers of few digits first: 0, then powers of ten from the largest, then 2 and 5.
    auto const rank = [](double v) {
        if (v == 0) return -100.0;
        double const decade = std::floor(std::log10(std::abs(v)) + 1e-9);
        bool const one = std::abs(std::abs(v) / std::pow(10.0, decade) - 1) < 1e-6;
        return (one ? 0 : 50) - decade;
    };
    std::sort(candidates.begin(), candidates.end(), [&](double a, double b) { return rank(a) < rank(b); });
    std::vector<double> ticks, places;
    for (double value : candidates) {
        if (value < picture.low_jy || value > picture.high_jy) continue;
        double const place = stretched(picture, value);
        if (std::any_of(places.begin(), places.end(), [&](double q) { return std::abs(q - place) < min_gap; }))
            continue;
        ticks.push_back(value);
        places.push_back(place);
    }
    std::sort(ticks.begin(), ticks.end());
    return ticks;
}

}  // namespace nocturne
