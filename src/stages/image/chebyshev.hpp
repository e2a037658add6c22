// Interpolation on Chebyshev nodes: nodes, Lagrange polynomials, and how many nodes a phase range needs. Enters: a segment
// and the half range of the phase over it. Leaves: positions, matrix rows, node counts. Sources: Berrut & Trefethen 2004,
// SIAM Review 46, 501 (barycentric formula); the Jacobi–Anger expansion (DLMF 10.12).
#pragma once

#include <vector>

namespace nocturne {

/// Chebyshev nodes of the first kind on [low, high], ascending: mid − half · cos((2p + 1)π / 2n).
std::vector<double> chebyshev_nodes(int n, double low, double high);

/// All n Lagrange polynomials on chebyshev_nodes(n, low, high) at `x`. `out` has n entries; they sum to 1.
void lagrange_row(std::vector<double> const& nodes, double x, double* out);

/// sup over x in [−1, 1] of |exp(iθx) − Σ_p L_p(x) exp(iθx_p)| on n nodes, for θ ≤ n. With exp(iθx) = Σ i^k J_k T_k the
/// error is T_n(x) · (2 J_n + 4 Σ_{j≥1} i^j J_{n+j}(θ) T_j(x)), because T_{n+j} ≡ −T_{n−j} on the nodes; |T_n| is
/// taken as 1, so this bounds the error from above and is reached but for a few per cent.
double interpolation_error(int n, double theta);

/// The fewest nodes for a half phase range at one tolerance of the sup error.
class NodeCounts {
public:
    static constexpr int most = 256;

    explicit NodeCounts(double tolerance);

    /// 0 where more than `most` nodes would be needed. Above 16 the count is rounded up to a multiple of 4, so that few
    /// different matrices are made.
    int operator()(double theta) const;

    /// The largest half phase range that `n` nodes carry.
    double largest_theta(int n) const { return largest_theta_[static_cast<std::size_t>(n)]; }

private:
    std::vector<double> largest_theta_;  // [most + 1]
};

}  // namespace nocturne
