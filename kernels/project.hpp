// Kernel `project`: exact compression of a block of baselines to Chebyshev nodes. Enters: samples, flags, weights, imaging
// factors, rectangles and matrices of the plan. Leaves: node values y and, for the PSF, the same with V = 1.
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/node_rect.hpp"
#include "nocturne/stokes.hpp"

namespace nocturne {

/// For each rectangle y[pt][pf] = Σ_t Σ_c K_t[pt][t] K_f[pf][c] w V, psf[pt][pf] the same with V = 1, where V and the
/// natural weight are Stokes I of the block and w = natural weight × factor[integration][baseline][channel]. A sample of
/// weight 0 adds nothing, whatever its value. `weights` [integration][baseline][channel], channels contiguous, receives w of the
/// rectangles' samples; it may be empty (null): not wanted. y[i] is value first_value + i of the group; every value of the block's
/// rectangles is written. rect_weight[r] = Σ w over rectangle r, summed in double. `psf` may be empty (null): not wanted.
/// Units: Jy × weight. Sums run in a fixed order within a rectangle: the bits depend on that baseline alone. Aliasing: none.
/// Source: Lagrange interpolation on Chebyshev nodes (Berrut & Trefethen 2004), transposed.
struct ProjectArgs {
    StokesView in;
    View<float const, 3> factor;
    View<NodeRect const, 1> rects;  ///< of the block's baselines, in order
    Index first_baseline = 0;       ///< of the block, as in NodeRect::baseline
    Index first_value = 0;
    View<float const, 1> matrices;
    View<Vis, 1> y, psf;
    View<double, 1> rect_weight;
    View<float, 3> weights = {};
};

/// Host: throws Error(defect) where shapes differ.
inline void check(ProjectArgs const& args)
{
    for (int axis = 0; axis < 4; ++axis) {
        NOCT_CHECK(args.in.vis.extent[axis] == args.in.flag.extent[axis], "project: vis and flag differ in shape");
        NOCT_CHECK(args.in.vis.extent[axis] == args.in.weight.extent[axis], "project: vis and weight differ in shape");
        if (axis < 3)
            NOCT_CHECK(args.in.vis.extent[axis] == args.factor.extent[axis], "project: vis and factor differ in shape");
    }
    NOCT_CHECK(args.in.hand_a >= 0 && args.in.hand_a < args.in.vis.extent[3], "project: there is no such correlation");
    NOCT_CHECK(args.in.hand_b >= -1 && args.in.hand_b < args.in.vis.extent[3], "project: there is no such correlation");
    NOCT_CHECK(args.rect_weight.extent[0] == args.rects.extent[0], "project: one weight per rectangle is needed");
    for (int axis = 0; args.weights.data && axis < 3; ++axis)
        NOCT_CHECK(args.weights.extent[axis] == args.in.vis.extent[axis], "project: weights have another shape");
    NOCT_CHECK(args.weights.extent[2] <= 1 || args.weights.stride[2] == 1, "project: channels of weights are apart");
    NOCT_CHECK(!args.psf.data || args.psf.extent[0] == args.y.extent[0], "project: y and psf differ in length");
}

/// One rectangle. Channels are staged in shared memory and nodes taken `node_tile` at a time; a thread holds the sums of
/// one node over `times_held` integrations in registers.
struct ProjectTile {
    ProjectArgs args;
    static constexpr int node_tile = 64, times_held = 8, channel_tile = 32, partial_sums = 256;
    static constexpr int time_groups = NodeRect::max_times / times_held;
    static constexpr std::size_t scratch_bytes =
        sizeof(StokesSample) * (channel_tile * NodeRect::max_times + NodeRect::max_times * node_tile) +
        sizeof(double) * partial_sums + 3 * 64;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index r) const
    {
        NodeRect const rect = args.rects(r);
        auto* const staged = team.template scratch<StokesSample>(channel_tile * NodeRect::max_times);
        auto* const held = team.template scratch<StokesSample>(NodeRect::max_times * node_tile);
        auto* const sums = team.template scratch<double>(partial_sums);
        sum_weights(team, rect, sums, r);
        for (Index p0 = 0; p0 < rect.freq_nodes; p0 += node_tile) {
            along_frequency(team, rect, p0, staged, held);
            team.barrier();
            along_time(team, rect, p0, held);
            team.barrier();
        }
    }

    /// The weighted sample: w V and w.
    NOCT_INLINE StokesSample sample(NodeRect const& rect, Index t, Index c) const
    {
        Index const b = rect.baseline - args.first_baseline;
        auto s = args.in(rect.first_time + t, b, rect.first_channel + c);
        s.weight *= args.factor(rect.first_time + t, b, rect.first_channel + c);
        s.re *= s.weight;
        s.im *= s.weight;
        return s;
    }

    /// Σ w in an order that does not depend on the size of the team.
    template<class Team>
    NOCT_INLINE void sum_weights(Team& team, NodeRect const& rect, double* sums, Index r) const
    {
        Index const n = static_cast<Index>(rect.n_times) * rect.n_channels, b = rect.baseline - args.first_baseline;
        for (int part = team.rank(); part < partial_sums; part += team.size()) {
            double sum = 0;
            for (Index i = part; i < n; i += partial_sums) {
                Index const t = rect.first_time + i / rect.n_channels, c = rect.first_channel + i % rect.n_channels;
                float const weight = args.in.weight_of(t, b, c) * args.factor(t, b, c);
                if (args.weights.data) args.weights(t, b, c) = weight;
                sum += static_cast<double>(weight);
            }
            sums[part] = sum;
        }
        team.barrier();
        if (team.rank() == 0) {
            double total = 0;
            for (int part = 0; part < partial_sums; ++part) total += sums[part];
            args.rect_weight(r) = total;
        }
    }

    /// held[t][p] = Σ_c K_f[p0 + p][c] w V.
    template<class Team>
    NOCT_INLINE void along_frequency(Team& team, NodeRect const& rect, Index p0, StokesSample* staged,
                                     StokesSample* held) const
    {
        bool const raw = rect.freq_matrix < 0;
        if (raw) {
            for (Index i = team.rank(); i < rect.n_times * node_tile; i += team.size()) {
                Index const t = i / node_tile, c = p0 + i % node_tile;
                if (c < rect.n_channels) held[i] = sample(rect, t, c);
            }
            return;
        }
        Index const items = node_tile * time_groups, row = NodeRect::round_up(rect.freq_nodes);
        for (Index first = 0; first < items; first += team.size()) {
            Index const item = first + team.rank(), p = p0 + item % node_tile, t0 = item / node_tile * times_held;
            bool const works = item < items && p < rect.freq_nodes && t0 < rect.n_times;
            StokesSample sum[times_held];
            for (Index c0 = 0; c0 < rect.n_channels; c0 += channel_tile) {
                Index const count = rect.n_channels - c0 < channel_tile ? rect.n_channels - c0 : channel_tile;
                team.barrier();
                stage(team, rect, c0, count, staged);
                team.barrier();
                for (Index c = 0; works && c < count; ++c) {
                    float const k = args.matrices(rect.freq_by_sample() + (c0 + c) * row + p);
                    for (int t = 0; t < times_held; ++t) {
                        auto const& s = staged[c * NodeRect::max_times + t0 + t];
                        sum[t].re += k * s.re;
                        sum[t].im += k * s.im;
                        sum[t].weight += k * s.weight;
                    }
                }
            }
            for (int t = 0; works && t < times_held; ++t)
                if (t0 + t < rect.n_times) held[(t0 + t) * node_tile + item % node_tile] = sum[t];
        }
    }

    /// staged[c][t] = sample (t, c0 + c), zeros beyond the rectangle's integrations.
    template<class Team>
    NOCT_INLINE void stage(Team& team, NodeRect const& rect, Index c0, Index count, StokesSample* staged) const
    {
        for (Index i = team.rank(); i < channel_tile * NodeRect::max_times; i += team.size()) {
            Index const t = i / channel_tile, c = i % channel_tile;
            if (c >= count) continue;
            staged[c * NodeRect::max_times + t] = t < rect.n_times ? sample(rect, t, c0 + c) : StokesSample{};
        }
    }

    /// y[pt][p0 + p] = Σ_t K_t[pt][t] held[t][p].
    template<class Team>
    NOCT_INLINE void along_time(Team& team, NodeRect const& rect, Index p0, StokesSample const* held) const
    {
        Index const row = NodeRect::round_up(rect.n_times);
        for (Index i = team.rank(); i < rect.time_nodes * node_tile; i += team.size()) {
            Index const pt = i / node_tile, p = i % node_tile;
            if (p0 + p >= rect.freq_nodes) continue;
            StokesSample sum;
            if (rect.time_matrix < 0) {
                sum = held[i];
            } else {
                for (Index t = 0; t < rect.n_times; ++t) {
                    float const k = args.matrices(rect.time_by_node() + pt * row + t);
                    auto const& s = held[t * node_tile + p];
                    sum.re += k * s.re;
                    sum.im += k * s.im;
                    sum.weight += k * s.weight;
                }
            }
            Index const at = rect.first_value - args.first_value + pt * rect.freq_nodes + p0 + p;
            args.y(at) = {sum.re, sum.im};
            if (args.psf.data) args.psf(at) = {sum.weight, 0};
        }
    }
};

void launch(KokkosDevice const&, ProjectArgs const&);
void launch(CudaDevice const&, ProjectArgs const&);

}  // namespace nocturne
