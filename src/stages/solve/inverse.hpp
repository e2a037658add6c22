// Enters: a positive definite matrix. Leaves: the diagonal of its inverse.
#pragma once

#include <cstddef>
#include <vector>

namespace nocturne {

/// Diagonal of the inverse of a positive definite matrix [n][n] (lower triangle; overwritten), by Cholesky. Negative where it is none.
std::vector<double> inverse_diagonal(std::vector<double>& a, std::size_t n);

}  // namespace nocturne
