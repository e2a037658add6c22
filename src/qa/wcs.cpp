// Enters: pixels or directions. Leaves: directions or pixels, and sexagesimal text.
#include "qa/wcs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

/// Sign, whole and sixtieths of `value` ≥ 0, rounded to `decimals` of the last part before it is cut into parts.
std::string sexagesimal(double value, int decimals, double whole_circle)
{
    double const scale = std::pow(10.0, decimals);
    auto ticks = static_cast<long long>(std::llround(value * 3600 * scale));
    auto const per_unit = static_cast<long long>(3600 * scale);
    if (whole_circle > 0) ticks %= static_cast<long long>(whole_circle) * per_unit;
    double const seconds = static_cast<double>(ticks % (per_unit / 60)) / scale;
    char text[64];
    std::snprintf(text, sizeof text, "%02lld:%02lld:%0*.*f", ticks / per_unit, ticks % per_unit / (per_unit / 60),
                  decimals > 0 ? 3 + decimals : 2, decimals, seconds);
    return text;
}

double turn(double angle)
{
    double const wrapped = std::fmod(angle, 2 * pi);
    return wrapped < 0 ? wrapped + 2 * pi : wrapped;
}

}  // namespace

std::optional<std::array<double, 2>> plane_coordinates(Direction centre, Direction direction)
{
    double const da = direction.ra.value() - centre.ra.value();
    double const sin_d = std::sin(direction.dec.value()), cos_d = std::cos(direction.dec.value());
    double const sin_0 = std::sin(centre.dec.value()), cos_0 = std::cos(centre.dec.value());
    if (!(sin_d * sin_0 + cos_d * cos_0 * std::cos(da) > 0)) return std::nullopt;
    return std::array{cos_d * std::sin(da), sin_d * cos_0 - cos_d * sin_0 * std::cos(da)};
}

std::optional<PixelPosition> sky_to_pixel(ImageGeometry const& geometry, Direction direction)
{
    auto const lm = plane_coordinates(geometry.centre, direction);
    if (!lm) return std::nullopt;
    double const middle = static_cast<double>(geometry.n_pixels / 2);
    return PixelPosition{middle - (*lm)[0] / geometry.cell_rad, middle + (*lm)[1] / geometry.cell_rad};
}

std::optional<Direction> pixel_to_sky(ImageGeometry const& geometry, PixelPosition pixel)
{
    double const middle = static_cast<double>(geometry.n_pixels / 2);
    double const l = (middle - pixel.x) * geometry.cell_rad, m = (pixel.y - middle) * geometry.cell_rad;
    double const beyond = 1 - l * l - m * m;
    if (!(beyond >= 0)) return std::nullopt;
    double const n = std::sqrt(beyond);
    double const sin_0 = std::sin(geometry.centre.dec.value()), cos_0 = std::cos(geometry.centre.dec.value());
    double const towards_pole = n * sin_0 + m * cos_0, towards_centre = n * cos_0 - m * sin_0;
    double const ra = geometry.centre.ra.value() + std::atan2(l, towards_centre);
    return Direction{Radians(turn(ra)), Radians(std::atan2(towards_pole, std::hypot(l, towards_centre)))};
}

double separation_rad(Direction a, Direction b)
{
    double const da = b.ra.value() - a.ra.value();
    double const sin_a = std::sin(a.dec.value()), cos_a = std::cos(a.dec.value());
    double const sin_b = std::sin(b.dec.value()), cos_b = std::cos(b.dec.value());
    double const across = std::hypot(cos_b * std::sin(da), cos_a * sin_b - sin_a * cos_b * std::cos(da));
    return std::atan2(across, sin_a * sin_b + cos_a * cos_b * std::cos(da));
}

std::string format_ra(double ra_rad, int decimals) { return sexagesimal(turn(ra_rad) / degree_rad / 15, decimals, 24); }

std::string format_dec(double dec_rad, int decimals)
{
    return (std::signbit(dec_rad) ? "-" : "+") + sexagesimal(std::abs(dec_rad) / degree_rad, decimals, 0);
}

}  // namespace nocturne
