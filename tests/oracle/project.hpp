// Oracle of `project`: Lagrange polynomials as the product over the other nodes, double precision, one node at a time.
#pragma once

#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

namespace nocturne::oracle {

/// Chebyshev nodes of the first kind on [low, high], ascending.
inline std::vector<double> nodes_of_segment(int n, double low, double high)
{
    std::vector<double> nodes;
    for (int p = n - 1; p >= 0; --p)
        nodes.push_back(low + (high - low) * 0.5 * (1 + std::cos(std::acos(-1.0) * (p + 0.5) / n)));
    return nodes;
}

/// L_p(x) = Π_{q ≠ p} (x − x_q) / (x_p − x_q).
inline double lagrange(std::vector<double> const& nodes, std::size_t p, double x)
{
    double product = 1;
    for (std::size_t q = 0; q < nodes.size(); ++q)
        if (q != p) product *= (x - nodes[q]) / (nodes[p] - nodes[q]);
    return product;
}

/// y[pt][pf] = Σ_t Σ_c L_pt(t) L_pf(c) wv[t][c].
inline std::vector<std::complex<double>> project(std::vector<std::complex<double>> const& wv,
                                                 std::vector<double> const& time, std::vector<double> const& freq,
                                                 std::vector<double> const& time_nodes,
                                                 std::vector<double> const& freq_nodes)
{
    std::vector<std::complex<double>> y(time_nodes.size() * freq_nodes.size());
    for (std::size_t pt = 0; pt < time_nodes.size(); ++pt)
        for (std::size_t pf = 0; pf < freq_nodes.size(); ++pf)
            for (std::size_t t = 0; t < time.size(); ++t)
                for (std::size_t c = 0; c < freq.size(); ++c)
                    y[pt * freq_nodes.size() + pf] +=
                        lagrange(time_nodes, pt, time[t]) * lagrange(freq_nodes, pf, freq[c]) * wv[t * freq.size() + c];
    return y;
}

}  // namespace nocturne::oracle
