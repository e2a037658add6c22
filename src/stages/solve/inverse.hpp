// Enters: a positive definite matrix. Leaves: the diagonal of its inverse, and what the inverse makes of a vector.
#pragma once

#include <cstddef>
#include <vector>

namespace nocturne {

/// Diagonal of the inverse of a positive definite matrix [n][n] (lower triangle; its Cholesky factor takes its place). Negative where it is none.
std::vector<double> inverse_diagonal(std::vector<double>& a, std::size_t n);

/// The inverse times `b`, for a factor that inverse_diagonal left.
std::vector<double> solve_factored(std::vector<double> const& factor, std::size_t n, std::vector<double> b);

}  // namespace nocturne
