// J1 is the standard library's; near the axis the quotient is its series, for 2 J1(x)/x loses nothing but digits there.
#include "sky/beam.hpp"

#include "nocturne/units.hpp"

#include <cmath>

namespace nocturne {

double airy_power_of(double x)
{
    if (x < 1e-3) return 1 - x * x / 4;  // next term x⁴/38: 3e-14
    double const voltage = 2 * std::cyl_bessel_j(1.0, x) / x;
    return voltage * voltage;
}

double airy_power(double diameter_m, double sin_theta, double freq_hz)
{
    return airy_power_of(pi * diameter_m * sin_theta * freq_hz / speed_of_light_m_s);
}

std::optional<double> common_dish_diameter_m(GroupHeader const& header)
{
    double const diameter = header.antennas.empty() ? 0 : header.antennas.front().diameter_m;
    for (auto const& antenna : header.antennas)
        if (std::abs(antenna.diameter_m - diameter) > 1e-6) return std::nullopt;
    return diameter;
}

}  // namespace nocturne
