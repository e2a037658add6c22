// Oracle of `apply_gains`: V = conj(g1) g2 sky solved for the sky, one sample at a time, in double precision.
#pragma once

#include <complex>

namespace nocturne::oracle {

struct Corrected {
    std::complex<double> sky;
    double weight = 0;
    bool lost = false;  ///< an antenna has no solution
};

/// A gain of 0 stands for no solution.
inline Corrected apply_gains(std::complex<double> v, double weight, std::complex<double> g1, std::complex<double> g2)
{
    if (g1 == 0.0 || g2 == 0.0) return {v, 0, true};
    return {v / (std::conj(g1) * g2), weight * std::norm(g1) * std::norm(g2), false};
}

}  // namespace nocturne::oracle
