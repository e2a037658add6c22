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

/// Diameters within 1 % of each other are the same.
constexpr double same_dish = 0.01;
/// The diameter of the antennas that observe (those of baselines; all, where there are none), of the first whose is known; 0 where
/// none is; nullopt where they differ.
std::optional<double> common_dish_diameter_m(GroupHeader const& header);

}  // namespace nocturne
