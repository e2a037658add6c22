// Oracle of `rotate`: one sample in double precision, with the standard library's complex exponential.
#pragma once

#include <array>
#include <cmath>
#include <complex>

namespace nocturne::oracle {

/// V exp(−2πi f/c Δ), Δ the change of b·s of baseline r2 − r1 in metres.
inline std::complex<double> rotate(std::complex<double> v, double freq_hz, double new_w_m, double old_w_m)
{
    long double const pi = 3.141592653589793238462643383279L;
    long double const turns =
        static_cast<long double>(freq_hz) * (static_cast<long double>(new_w_m) - old_w_m) / 299792458.0L;
    long double const angle = -2 * pi * (turns - std::floor(turns));
    return v * std::complex<double>(static_cast<double>(std::cos(angle)), static_cast<double>(std::sin(angle)));
}

}  // namespace nocturne::oracle
