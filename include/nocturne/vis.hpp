// A visibility, the correlations, and the reasons for which a sample is not used.
#pragma once

#include "nocturne/check.hpp"

#include <cstdint>

namespace nocturne {

/// One complex visibility in Jy (single precision). Sign convention, here and everywhere: V = ⟨A* B⟩ with baseline
/// b = r2 − r1 and ant1 < ant2, so a source at (l, m) has phase exp(+2πi f/c (u l + v m + w (n − 1))).
struct Vis {
    float re = 0, im = 0;
};

/// Correlations by their UVFITS code (AIPS memo 117, table 9).
enum class Correlation : int {
    I = 1,
    Q = 2,
    U = 3,
    V = 4,
    RR = -1,
    LL = -2,
    RL = -3,
    LR = -4,
    XX = -5,
    YY = -6,
    XY = -7,
    YX = -8
};

/// Why a sample is not used; a flag byte is the OR of these, 0 = good. A sample is accounted to its lowest set bit.
enum FlagReason : std::uint8_t {
    flag_missing = 1,    ///< subband or baseline absent from the files
    flag_file = 2,       ///< flagged in the file, or nsamples = 0
    flag_nonfinite = 4,  ///< NaN, infinite, or beyond 1e18 in magnitude
    flag_zero = 8,       ///< exactly zero in the file
    flag_auto = 16,      ///< autocorrelation
    flag_static = 32,    ///< a static mask or a range asked for by the user
    flag_rfi = 64,       ///< found to be interference
    flag_scale = 128,    ///< beyond the scale of the integer grid
};

}  // namespace nocturne
