// The filter that doubles an image's resolution. Enters: the band that holds the image's structure and the error allowed.
// Leaves: taps, or none where no filter of the kernel's length is good enough.
#pragma once

#include "kernels/upsample.hpp"

#include <optional>

namespace nocturne {

/// The shortest half-band filter with |Σ_j 2 h_j cos(2π ν (j + ½)) − 1| ≤ error for |ν| ≤ band/2 cycles per coarse pixel
/// (band 1: up to Nyquist), by least squares on Chebyshev-spaced frequencies.
std::optional<HalfBand> design_half_band(double band, double error);

}  // namespace nocturne
