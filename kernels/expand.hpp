// Kernel `expand`: the transpose of `project`, nodes to visibilities. Enters: node values of a model, rectangles and matrices
// of the plan. Leaves: model visibilities of a block.
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/node_rect.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// vis[integration][baseline][channel] = Σ_pt Σ_pf K_t[pt][t] K_f[pf][c] y[pt][pf], Jy. Samples outside all rectangles
/// (autocorrelations) are not written. y[i] is value first_value + i of the group. Aliasing: none. Sums run in a fixed order
/// within a rectangle. Source: Lagrange interpolation on Chebyshev nodes (Berrut & Trefethen 2004).
struct ExpandArgs {
    View<Vis const, 1> y;
    View<NodeRect const, 1> rects;  ///< of the block's baselines, in order
    Index first_baseline = 0;       ///< of the block, as in NodeRect::baseline
    Index first_value = 0;
    View<float const, 1> matrices;
    View<Vis, 3> vis;  ///< channels contiguous
};

/// Host: throws Error(defect) where shapes differ.
inline void check(ExpandArgs const& args)
{
    NOCT_CHECK(args.vis.extent[2] <= 1 || args.vis.stride[2] == 1, "expand: channels are not contiguous");
}

/// One rectangle. Nodes are staged in shared memory, channels taken `channel_tile` at a time; a thread holds the sums of one
/// channel over `times_held` integrations in registers.
struct ExpandTile {
    ExpandArgs args;
    static constexpr int channel_tile = 64, times_held = 8, node_tile = 32;
    static constexpr int time_groups = NodeRect::max_times / times_held;
    static constexpr std::size_t scratch_bytes = sizeof(Vis) * node_tile * NodeRect::max_times + 64;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index r) const
    {
        NodeRect const rect = args.rects(r);
        auto* const staged = team.template scratch<Vis>(node_tile * NodeRect::max_times);
        for (Index c0 = 0; c0 < rect.n_channels; c0 += channel_tile)
            for (Index first = 0; first < channel_tile * time_groups; first += team.size())
                expand_item(team, rect, c0, first + team.rank(), staged);
    }

    /// Item = (channel of the tile, group of integrations); every thread of the team comes here as often.
    template<class Team>
    NOCT_INLINE void expand_item(Team& team, NodeRect const& rect, Index c0, Index item, Vis* staged) const
    {
        Index const c = c0 + item % channel_tile, t0 = item / channel_tile * times_held;
        bool const works = item < channel_tile * time_groups && c < rect.n_channels && t0 < rect.n_times;
        bool const raw = rect.freq_matrix < 0;
        Vis sum[times_held];
        // A raw axis has one node a channel: its tile of nodes is the tile of channels.
        Index const begin = raw ? c0 : 0, end = raw ? lesser(c0 + channel_tile, rect.freq_nodes) : rect.freq_nodes;
        for (Index p0 = begin; p0 < end; p0 += node_tile) {
            Index const count = lesser(node_tile, end - p0);
            team.barrier();
            stage(team, rect, p0, count, staged);
            team.barrier();
            for (Index p = 0; works && p < count; ++p) {
                float const k =
                    raw ? (p0 + p == c ? 1.0F : 0.0F)
                        : args.matrices(rect.freq_by_node() + (p0 + p) * NodeRect::round_up(rect.n_channels) + c);
                for (int t = 0; t < times_held; ++t) {
                    sum[t].re += k * staged[p * NodeRect::max_times + t0 + t].re;
                    sum[t].im += k * staged[p * NodeRect::max_times + t0 + t].im;
                }
            }
        }
        for (int t = 0; works && t < times_held; ++t)
            if (t0 + t < rect.n_times)
                args.vis(rect.first_time + t0 + t, rect.baseline - args.first_baseline, rect.first_channel + c) =
                    sum[t];
    }

    /// staged[p][t] = Σ_pt K_t[pt][t] y[pt][p0 + p], zeros beyond the rectangle's integrations.
    template<class Team>
    NOCT_INLINE void stage(Team& team, NodeRect const& rect, Index p0, Index count, Vis* staged) const
    {
        Index const from = rect.first_value - args.first_value + p0, row = NodeRect::round_up(rect.n_times);
        for (Index i = team.rank(); i < count * NodeRect::max_times; i += team.size()) {
            Index const p = i % count, t = i / count;
            Vis sum;
            if (t < rect.n_times && rect.time_matrix < 0) sum = args.y(from + t * rect.freq_nodes + p);
            for (Index pt = 0; t < rect.n_times && rect.time_matrix >= 0 && pt < rect.time_nodes; ++pt) {
                float const k = args.matrices(rect.time_by_node() + pt * row + t);
                Vis const y = args.y(from + pt * rect.freq_nodes + p);
                sum.re += k * y.re;
                sum.im += k * y.im;
            }
            staged[p * NodeRect::max_times + t] = sum;
        }
    }

    NOCT_INLINE static Index lesser(Index a, Index b) { return a < b ? a : b; }
};

void launch(KokkosDevice const&, ExpandArgs const&);
void launch(CudaDevice const&, ExpandArgs const&);

}  // namespace nocturne
