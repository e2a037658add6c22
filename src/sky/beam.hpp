// The primary beam. Enters: dish diameter, angle from the axis, frequency. Leaves: the power beam of a uniformly lit dish.
#pragma once

#include "nocturne/group.hpp"

#include <optional>

namespace nocturne {

/// (2 J1(x)/x)², x = π D sinθ f/c: the Airy pattern (Born & Wolf 1999, 8.5.2). 1 on the axis, 1 everywhere for a
/// diameter of 0 (unknown). `sin_theta` ≥ 0.
double airy_power(double diameter_m, double sin_theta, double freq_hz);

/// A lobe of the pattern with x from π D sinθ/c at hand: airy_power(x = radians_per_hz · freq_hz).
double airy_power_of(double x);

/// The diameter that all antennas have, 0 where it is unknown; nullopt where they differ.
std::optional<double> common_dish_diameter_m(GroupHeader const& header);

}  // namespace nocturne
