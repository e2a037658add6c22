// Oracle of `power`: one sample's share of the sums of its two antennas.
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>

namespace nocturne::oracle {

/// Units that a good sample adds; to one unit, as the caller's scale may round.
inline double power_units(std::complex<double> v, double scale, double limit)
{
    return std::min(std::norm(v) * scale, limit);
}

/// Units by which a good sample strays from its baseline's median; to one unit.
inline double stray_units(std::complex<double> v, double median, double scale, double most)
{
    return std::min(std::abs(std::norm(v) - median) * scale, most);
}

}  // namespace nocturne::oracle
