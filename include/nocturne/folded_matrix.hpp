// Matrices of nodes on an axis that looks the same from both ends (evenly spaced samples, Chebyshev nodes), in half the multiplications. Enters: a matrix of
// NodeRect's layout. Leaves: its even and its odd half.
#pragma once

#include "nocturne/node_rect.hpp"

#include <cmath>
#include <vector>

namespace nocturne {

/// With K[P−1−p][n−1−s] = K[p][s], sums of mirrored samples make sums of mirrored nodes and differences make differences: y_p ± y_(P−1−p) = Σ over the first
/// half of the samples of (K[p][s] ± K[p][n−1−s]) (x_s ± x_(n−1−s)). Sums stand where the first of two mirrored elements stood, the middle one among
/// them, and differences where the second stood: node P−1−p, sample n−1−s. Both halves lie twice at `offset`, as in NodeRect: samples rows, then nodes rows, and
/// hold half of the coefficients above, so that y_p is a sum plus a difference and y_(P−1−p) the sum minus it.
struct FoldedMatrix {
    Index offset = 0, nodes = 0, samples = 0;

    NOCT_HD constexpr Index even_nodes() const { return (nodes + 1) / 2; }
    NOCT_HD constexpr Index odd_nodes() const { return nodes / 2; }
    NOCT_HD constexpr Index even_samples() const { return (samples + 1) / 2; }
    NOCT_HD constexpr Index odd_samples() const { return samples / 2; }
    NOCT_HD constexpr Index even_by_sample() const { return offset; }
    NOCT_HD constexpr Index odd_by_sample() const
    {
        return even_by_sample() + even_samples() * NodeRect::round_up(even_nodes());
    }
    NOCT_HD constexpr Index even_by_node() const
    {
        return odd_by_sample() + odd_samples() * NodeRect::round_up(odd_nodes());
    }
    NOCT_HD constexpr Index odd_by_node() const
    {
        return even_by_node() + even_nodes() * NodeRect::round_up(even_samples());
    }
    NOCT_HD constexpr Index end() const { return odd_by_node() + odd_nodes() * NodeRect::round_up(odd_samples()); }
};

/// Largest difference of mirrored coefficients, which are 1 at most, of a matrix that is folded.
constexpr float folding_tolerance = 3e-7F;

/// Appends the halves of the matrix at `matrix` to the coefficients; −1 where it does not look the same from both ends.
inline Index append_folded(std::vector<float>& coefficients, Index matrix, Index nodes, Index samples)
{
    auto const k = [&](Index p, Index s) {
        return coefficients[static_cast<std::size_t>(matrix + s * NodeRect::round_up(nodes) + p)];
    };
    for (Index p = 0; p < (nodes + 1) / 2; ++p)
        for (Index s = 0; s < samples; ++s)
            if (!(std::abs(k(p, s) - k(nodes - 1 - p, samples - 1 - s)) <= folding_tolerance)) return -1;
    FoldedMatrix const folded{static_cast<Index>(coefficients.size()), nodes, samples};
    coefficients.resize(static_cast<std::size_t>(folded.end()), 0.0F);
    auto const set = [&](Index by_sample, Index n_nodes, Index by_node, Index n_samples, Index p, Index s,
                         float value) {
        coefficients[static_cast<std::size_t>(by_sample + s * NodeRect::round_up(n_nodes) + p)] = value;
        coefficients[static_cast<std::size_t>(by_node + p * NodeRect::round_up(n_samples) + s)] = value;
    };
    for (Index p = 0; p < folded.even_nodes(); ++p)
        for (Index s = 0; s < folded.even_samples(); ++s)
            set(folded.even_by_sample(), folded.even_nodes(), folded.even_by_node(), folded.even_samples(), p, s,
                0.5F * (k(p, s) + k(p, samples - 1 - s)));
    for (Index p = 0; p < folded.odd_nodes(); ++p)
        for (Index s = 0; s < folded.odd_samples(); ++s)
            set(folded.odd_by_sample(), folded.odd_nodes(), folded.odd_by_node(), folded.odd_samples(),
                folded.odd_nodes() - 1 - p, folded.odd_samples() - 1 - s, 0.5F * (k(p, s) - k(p, samples - 1 - s)));
    return folded.offset;
}

}  // namespace nocturne
