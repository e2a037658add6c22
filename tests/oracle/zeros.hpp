// Oracle of `zeros`: the sentence of its contract, one sample at a time, with the standard library's classification.
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>

namespace nocturne::oracle {

/// The bits that a sample gains: 8 for an exact zero, 4 for a value that is not finite or beyond 1e18, 16 on an
/// autocorrelation.
inline std::uint8_t zeros(std::complex<double> v, std::uint8_t before, bool autocorrelation)
{
    std::uint8_t bits = before;
    bool const finite = std::isfinite(v.real()) && std::isfinite(v.imag());
    if (!finite || std::abs(v.real()) > 1e18 || std::abs(v.imag()) > 1e18)
        bits |= 4;
    else if (v == std::complex<double>(0, 0) && (before & (4 | 1)) == 0)
        bits |= 8;
    if (autocorrelation) bits |= 16;
    return bits;
}

}  // namespace nocturne::oracle
