// NodeRect: a rectangle of one baseline's plane of time × frequency and the nodes it is compressed to. Kernels `project`
// and `expand` work rectangle by rectangle; the plan of the image stage makes them.
#pragma once

#include "nocturne/view.hpp"

namespace nocturne {

/// Values y[first_value + pt · freq_nodes + pf] stand for integrations [first_time, first_time + n_times) and channels
/// [first_channel, first_channel + n_channels): y = K_t · (w V) · K_fᵀ. A matrix of −1 is the identity (nodes = samples).
/// Matrix K of P nodes and n samples lies twice at its offset, zeros up to the padding (so that rows are aligned):
/// first [n][round_up(P)] (samples rows), then [P][round_up(n)] (nodes rows).
struct NodeRect {
    std::int32_t baseline = 0;                 ///< index into GroupHeader::baselines
    std::int32_t first_time = 0, n_times = 0;  ///< n_times ≤ max_times
    std::int32_t first_channel = 0, n_channels = 0;
    std::int32_t time_nodes = 0, freq_nodes = 0;
    Index time_matrix = -1, freq_matrix = -1;
    Index first_value = 0;
    Index time_folded = -1,
          freq_folded = -1;  ///< offsets of the same as FoldedMatrix, where they look the same from both ends

    static constexpr int max_times = 32;  ///< bounds the scratch of a tile
    static constexpr int padding = 16;    ///< floats: 64 bytes

    NOCT_HD static constexpr Index round_up(Index n) { return (n + padding - 1) / padding * padding; }
    /// Floats that a matrix takes.
    NOCT_HD static constexpr Index matrix_size(Index nodes, Index samples)
    {
        return samples * round_up(nodes) + nodes * round_up(samples);
    }
    NOCT_HD constexpr Index n_values() const { return static_cast<Index>(time_nodes) * freq_nodes; }
    /// True where the product along time comes first because that costs fewer operations.
    NOCT_HD constexpr bool time_first() const
    {
        Index const t = n_times, c = n_channels, pt = time_nodes, pf = freq_nodes;
        return time_matrix >= 0 && freq_matrix >= 0 && pt * c * (t + pf) < t * pf * (c + pt);
    }
    /// Offsets of K_f[p][c] and K_t[p][t], with p fastest or with the sample fastest.
    NOCT_HD constexpr Index freq_by_sample() const { return freq_matrix; }
    NOCT_HD constexpr Index freq_by_node() const { return freq_matrix + n_channels * round_up(freq_nodes); }
    NOCT_HD constexpr Index time_by_sample() const { return time_matrix; }
    NOCT_HD constexpr Index time_by_node() const { return time_matrix + n_times * round_up(time_nodes); }
};

}  // namespace nocturne
