// The gridding kernel: Kaiser–Bessel, its polynomials by tap and its Fourier transform. Enters: support and oversampling.
// Leaves: what `grid` and `correct` need. Shapes
// are the table that perf/kernel_table.py makes.
#pragma once

#include "nocturne/view.hpp"

#include <vector>

namespace nocturne {

/// One line of the table: φ(x) = I0(b √(1 − x²)) / I0(b), x = 2 d / support for a distance of d cells, |x| ≤ 1.
struct KernelShape {
    int support;
    double oversampling;  ///< cells of the padded grid per pixel of the image, at least
    double b_per_support;
    double error;  ///< relative rms of one axis at the image's edge, points at random fractions of a cell

    double b() const { return b_per_support * support; }
};

/// The table, by support, then by oversampling.
std::vector<KernelShape> const& kernel_shapes();

/// φ at a distance of `cells`; 0 beyond support/2.
double kernel_value(KernelShape const& shape, double cells);

/// ∫ φ(d) cos(2π ν d) dd, ν in cycles per cell: (W / I0(b)) sinh(√(b² − z²)) / √(b² − z²), z = π W ν.
double kernel_transform(KernelShape const& shape, double nu);

/// Coefficients [degree + 1][8] of tap j in t ∈ [−1, 1): φ(j − support/2 + (t + 1)/2). Taps beyond the support are 0.
std::vector<float> kernel_polynomials(KernelShape const& shape, int degree);

/// The degree at which the polynomials are off by less than a tenth of the kernel's own error (at most 12).
int polynomial_degree(KernelShape const& shape);

/// Coefficients c with Σ c_i s^i ≈ 1 / kernel_transform(ν), s = 2 (ν / nu_max)² − 1, for |ν| ≤ nu_max in cycles per cell.
std::vector<float> inverse_transform_polynomial(KernelShape const& shape, double nu_max, int terms);

}  // namespace nocturne
