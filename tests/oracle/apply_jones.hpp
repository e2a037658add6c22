// Oracle of `apply_jones`: V = J1 M J2ᴴ solved for M, four correlations at a time, in double precision.
#pragma once

#include "tests/oracle/jones.hpp"

namespace nocturne::oracle {

struct CorrectedMatrix {
    Matrix sky{};
    double weight[4] = {};
};

/// `weight` of each correlation, all positive; noise of the four is independent.
inline CorrectedMatrix apply_jones(Matrix const& v, double const (&weight)[4], Matrix const& one, Matrix const& two)
{
    auto const a = inverse(one), b = inverse(two);
    CorrectedMatrix corrected;
    corrected.sky = product(product(a, v), adjoint(b));
    for (std::size_t e = 0; e < 4; ++e) {
        double variance = 0;
        for (std::size_t k = 0; k < 4; ++k) {  // how far one correlation's noise reaches
            Matrix unit{};
            unit[k] = 1;
            variance += std::norm(product(product(a, unit), adjoint(b))[e]) / weight[k];
        }
        corrected.weight[e] = 1 / variance;
    }
    return corrected;
}

}  // namespace nocturne::oracle
