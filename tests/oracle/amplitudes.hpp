// Oracle of `amplitudes`: the bin of a sample, from the logarithm of its power.
#pragma once

#include <cmath>
#include <complex>

namespace nocturne::oracle {

/// 32 bins an octave, linear within it; bin 0 at 2^−127 (where single precision ends).
inline long amplitude_bin(std::complex<double> v)
{
    double const power = std::norm(v);
    if (power < std::ldexp(1.0, -126)) return static_cast<long>(power / std::ldexp(1.0, -126) * 32);
    int const octave = std::ilogb(power);
    return 32L * (octave + 127) + static_cast<long>((power / std::ldexp(1.0, octave) - 1) * 32);
}

}  // namespace nocturne::oracle
