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
    std::vector<std::uint8_t> observes(header.antennas.size(), header.baselines.empty());
    for (auto const& baseline : header.baselines)
        for (auto const antenna : {baseline.ant1, baseline.ant2}) observes[static_cast<std::size_t>(antenna)] = 1;
    double diameter = 0;
    for (std::size_t a = 0; a < observes.size(); ++a) {
        double const own = header.antennas[a].diameter_m;
        if (!observes[a] || !(own > 0)) continue;
        if (diameter == 0) diameter = own;
        if (std::abs(own - diameter) > same_dish * diameter) return std::nullopt;
    }
    return diameter;
}

}  // namespace nocturne
