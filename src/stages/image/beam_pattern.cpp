#include "stages/image/beam_pattern.hpp"

#include "sky/beam.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Width at half maximum of the Airy pattern, in λ / D: 2 · 1.616340 / π.
constexpr double airy_width = 1.0289939;

Vec3 cross(Vec3 const& a, Vec3 const& b)
{
    return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

}  // namespace

double sine_between(Vec3 const& a, Vec3 const& b)
{
    double const chord2 = (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]);
    return chord2 >= 2 ? 1 : std::sqrt(chord2 * (1 - chord2 / 4));
}

double common_dish_m(GroupHeader const& header)
{
    double common = -1;
    for (auto const& baseline : header.baselines)
        for (auto antenna : {baseline.ant1, baseline.ant2}) {
            double const d = header.antennas[static_cast<std::size_t>(antenna)].diameter_m;
            if (common >= 0 && d != common) return 0;
            common = d;
        }
    return std::max(common, 0.0);
}

BeamPattern::BeamPattern(ModelBeam shape, double dish_m)
    : shape_(shape), dish_m_(dish_m), radians_per_hz_(pi * dish_m / speed_of_light_m_s)
{
    NOCT_CHECK(dish_m > 0, "a beam of no dish");
}

BeamPattern::BeamPattern(std::shared_ptr<BeamMap const> map, double centre_dec_rad)
    : shape_(ModelBeam::file), map_(std::move(map)), pole_{0, std::cos(centre_dec_rad), std::sin(centre_dec_rad)}
{}

double BeamPattern::of(double x) const
{
    if (shape_ != ModelBeam::gaussian) return airy_power_of(x);
    double const widths = x / (pi * airy_width);
    return std::exp(-4 * std::log(2.0) * widths * widths);
}

double BeamPattern::power(Vec3 const& source, Vec3 const& toward, double freq_hz) const
{
    if (round()) return of(radians_per_hz_ * freq_hz * sine_between(source, toward));
    if (dot(source, toward) <= 0) return 0;
    auto east = cross(pole_, toward);
    double const length = std::sqrt(dot(east, east));
    if (length > 0)
        for (double& part : east) part /= length;
    return map_->at(dot(source, east), dot(source, cross(toward, east)), freq_hz);
}

double BeamPattern::width_rad(double freq_hz) const
{
    if (round()) return speed_of_light_m_s / (freq_hz * dish_m_);
    // A map is smooth over its pixels: a hundred of these may be taken as a width.
    return 100 * std::min(std::abs(map_->step_l), std::abs(map_->step_m)) * std::min(1.0, map_->freq_hz / freq_hz);
}

char const* BeamPattern::name() const { return map_ ? "FITS" : shape_ == ModelBeam::gaussian ? "GAUSSIAN" : "AIRY"; }

std::optional<BeamPattern> find_pattern(GroupState const& state, CleanSettings const& settings)
{
    if (state.pointings.empty()) return std::nullopt;
    if (settings.beam == ModelBeam::file) {
        NOCT_CHECK(state.beam_map, "a beam's file that nobody read");
        return BeamPattern(state.beam_map, state.centre.dec.value());
    }
    double const dish_m = common_dish_m(state.header);
    if (!(dish_m > 0)) return std::nullopt;
    return BeamPattern(settings.beam, dish_m);
}

}  // namespace nocturne
