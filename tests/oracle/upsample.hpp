// Oracle of `upsample`: the matrix of one axis, written out; an image is M c Mᵀ and the transpose Mᵀ f M. Double precision.
#pragma once

#include <cstddef>
#include <vector>

namespace nocturne::oracle {

/// Row i of M [n][nc]: fine pixel i lies at coarse position nc/2 + (i − n/2) / 2.
inline std::vector<std::vector<double>> upsampling_matrix(int n, int nc, std::vector<double> const& taps)
{
    std::vector<std::vector<double>> matrix(n, std::vector<double>(nc));
    for (int i = 0; i < n; ++i) {
        int const twice = nc + i - n / 2;  // twice the coarse position
        if (twice % 2 == 0) {
            matrix[i][twice / 2] = 1;
            continue;
        }
        for (std::size_t j = 0; j < taps.size(); ++j) {
            matrix[i][(twice - 1) / 2 - static_cast<int>(j)] += taps[j];
            matrix[i][(twice + 1) / 2 + static_cast<int>(j)] += taps[j];
        }
    }
    return matrix;
}

/// a [rows] × image × aᵀ: out[i][k] = Σ a[i][p] image[p][q] a[k][q].
inline std::vector<double> on_both_sides(std::vector<std::vector<double>> const& a, std::vector<double> const& image)
{
    std::size_t const rows = a.size(), n = a[0].size();
    std::vector<double> half(rows * n), out(rows * rows);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t p = 0; p < n; ++p)
            for (std::size_t q = 0; a[i][p] != 0 && q < n; ++q) half[i * n + q] += a[i][p] * image[p * n + q];
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t k = 0; k < rows; ++k)
            for (std::size_t q = 0; q < n; ++q) out[i * rows + k] += half[i * n + q] * a[k][q];
    return out;
}

inline std::vector<std::vector<double>> transposed(std::vector<std::vector<double>> const& a)
{
    std::vector<std::vector<double>> t(a[0].size(), std::vector<double>(a.size()));
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
    return t;
}

}  // namespace nocturne::oracle
