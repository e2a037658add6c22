#include "stages/solve/inverse.hpp"

#include <cmath>

namespace nocturne {

std::vector<double> inverse_diagonal(std::vector<double>& a, std::size_t n)
{
    std::vector<double> diagonal(n, -1.0);
    for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = 0; k < j; ++k) {
            double const ajk = a[j * n + k];
            for (std::size_t i = j; i < n; ++i) a[i * n + j] -= a[i * n + k] * ajk;
        }
        if (!(a[j * n + j] > 0)) return diagonal;
        double const root = std::sqrt(a[j * n + j]);
        for (std::size_t i = j; i < n; ++i) a[i * n + j] /= root;
    }
    std::vector<double> column(n);
    for (std::size_t j = 0; j < n; ++j) {  // column j of the inverse of L; (A⁻¹)_jj is the square of its length
        double square = 0;
        for (std::size_t i = j; i < n; ++i) {
            double sum = i == j ? 1.0 : 0.0;
            for (std::size_t k = j; k < i; ++k) sum -= a[i * n + k] * column[k];
            column[i] = sum / a[i * n + i];
            square += column[i] * column[i];
        }
        diagonal[j] = square;
    }
    return diagonal;
}

std::vector<double> solve_factored(std::vector<double> const& factor, std::size_t n, std::vector<double> b)
{
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k) b[i] -= factor[i * n + k] * b[k];
        b[i] /= factor[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k) b[i] -= factor[k * n + i] * b[k];
        b[i] /= factor[i * n + i];
    }
    return b;
}

}  // namespace nocturne
