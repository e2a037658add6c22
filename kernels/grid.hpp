// Kernel `grid`: spreads points onto the planes of the (u, v, w) lattice (improved w-stacking). Enters: lines of points and
// their values. Leaves: sums of integers on the cells of the touched tiles.
#pragma once

#include "kernels/shared/atomic.hpp"
#include "kernels/shared/lattice.hpp"

namespace nocturne {

/// Shapes: lines [n_lines]; freq_hz [any]; y [n_points], Jy times weight; pool [tiles × 128] (layout in lattice.hpp), added
/// to. Aliasing: none. Cell (i, j, k) gains round(Σ_p scale · y_p exp(−2πi s w_p) φ(i − u_p) φ(j − v_p) φ(k − w_p)), s the
/// middle of the range of n − 1: Arras et al. 2021, eq. 9. The sum over the points of a line is made in float registers in
/// the order of the line and rounded when the footprint moves on; from then on sums are integers, so no order of lines
/// changes a bit.
/// `scale` is a power of two with |y| · scale · (points on one line) ≤ 2^50 and |y| · scale · n_points ≤ 2^61 (taps are ≤ 1):
/// see `grid_scale`. No cell can go beyond it.
struct GridArgs {
    Lattice lattice;
    View<PointLine const, 1> lines;
    View<double const, 1> freq_hz;
    View<Vis const, 1> y;
    float scale = 1;
    View<std::int64_t, 1> pool;
};

inline void check(GridArgs const& args)
{
    check(args.lattice);
    NOCT_CHECK(args.scale > 0, "grid: the scale must be positive");
}

/// The scale for values up to `largest` in magnitude, `n_points` of them, up to `longest` on a line; 1 where all are 0.
inline float grid_scale(double largest, Index n_points, Index longest)
{
    if (!(largest > 0)) return 1;
    int const value = std::ilogb(largest) + 1;
    int const line = 50 - std::ilogb(static_cast<double>(longest < 1 ? 1 : longest)) - 1;
    int const all = 61 - std::ilogb(static_cast<double>(n_points < 1 ? 1 : n_points)) - 1;
    int const power = (line < all ? line : all) - value;
    return std::ldexp(1.F, power < 126 ? power : 126);  // 1 / scale stays a normal number
}

/// One line of points. Threads own the (row, column) residues modulo the support and hold one register pair per plane
/// residue; a register is flushed with one atomic addition when its cell changes.
struct GridTile {
    GridArgs args;
    static constexpr int batch = 32;  ///< points whose weights stand in scratch together
    static constexpr std::size_t scratch_bytes =
        batch * (sizeof(Spot) + sizeof(Vis) + 3 * max_support * sizeof(float)) + 192;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index which) const
    {
        PointLine const line = args.lines.data[which];
        Spot* spots = team.template scratch<Spot>(batch);
        Vis* values = team.template scratch<Vis>(batch);
        float* weights = team.template scratch<float>(batch * 3 * max_support);
        int const residues = args.lattice.support * args.lattice.support;
        for (int first = 0; first < line.n; first += batch) {
            int const count = line.n - first < batch ? line.n - first : batch;
            team.barrier();
            for (int p = team.rank(); p < count; p += team.size()) prepare(line, first + p, spots[p], values[p]);
            team.barrier();
            for (int i = team.rank(); i < count * 3 * max_support; i += team.size()) weights[i] = weight(spots, i);
            team.barrier();
            for (int r = team.rank(); r < residues; r += team.size()) accumulate(r, count, spots, values, weights);
        }
    }

private:
    NOCT_INLINE void prepare(PointLine const& line, int point, Spot& spot, Vis& value) const
    {
        FoldedLine const folded(line);
        double const f = args.freq_hz.data[line.first_freq + point];
        spot = locate(args.lattice, folded, f);
        Vis const y = args.y.data[line.first_value + point];
        Vis const phase = unit_phase(args.lattice.shift_turns * folded.w * f);
        float const re = y.re * args.scale, im = y.im * args.scale * folded.sign;
        value = {re * phase.re - im * phase.im, re * phase.im + im * phase.re};
    }

    NOCT_INLINE float weight(Spot const* spots, int i) const
    {
        int const axis = i / max_support % 3, tap = i % max_support;
        Spot const& spot = spots[i / (3 * max_support)];
        if (tap >= (axis == 2 ? args.lattice.support_w : args.lattice.support)) return 0;
        return tap_weight(args.lattice, axis == 2, tap, axis == 0 ? spot.tu : axis == 1 ? spot.tv : spot.tw);
    }

    /// All points of a batch, onto the cells with residue r = row residue × support + column residue.
    NOCT_INLINE void accumulate(int r, int count, Spot const* spots, Vis const* values, float const* weights) const
    {
        int const support = args.lattice.support, depth = args.lattice.support_w;
        int const n = static_cast<int>(args.lattice.n);
        int row = -1, column = -1, plane[max_support];
        Vis sum[max_support];
        for (int k = 0; k < max_support; ++k) {
            plane[k] = -1;
            sum[k] = Vis{};
        }
        for (int p = 0; p < count; ++p) {
            Spot const& spot = spots[p];
            float const* w = weights + p * 3 * max_support;
            int const j = (r / support + n * support - spot.v) % support;  // tap of this residue
            int const i = (r % support + n * support - spot.u) % support;
            float const a = w[max_support + j] * w[i];
            bool const moved = spot.v + j != row || spot.u + i != column;
#if defined(__CUDA_ARCH__)
#    pragma unroll
#endif
            for (int k = 0; k < max_support; ++k) {
                if (k >= depth) continue;
                int const tap = (k + depth - spot.w % depth) % depth;
                if (moved || spot.w + tap != plane[k]) {
                    flush(row, column, plane[k], sum[k]);
                    plane[k] = spot.w + tap;
                    sum[k] = Vis{};
                }
                float const b = a * w[2 * max_support + tap];
                sum[k].re += b * values[p].re;
                sum[k].im += b * values[p].im;
            }
            row = spot.v + j;
            column = spot.u + i;
        }
#if defined(__CUDA_ARCH__)
#    pragma unroll
#endif
        for (int k = 0; k < max_support; ++k)
            if (k < depth) flush(row, column, plane[k], sum[k]);
    }

    /// Adds a sum to its cell; rows and columns wrap.
    NOCT_INLINE void flush(int row, int column, int plane, Vis const& sum) const
    {
        if (plane < 0) return;
        int const n = static_cast<int>(args.lattice.n);
        Index const at = cell_offset(args.lattice, row >= n ? row - n : row, column >= n ? column - n : column, plane);
        NOCT_EXPECT(at >= 0);
        add_atomically(args.pool.data + at, round_to_int64(sum.re));
        add_atomically(args.pool.data + at + tile_cells, round_to_int64(sum.im));
    }
};

void launch(KokkosDevice const&, GridArgs const&);
void launch(CudaDevice const&, GridArgs const&);

/// The largest |re| or |im|; infinite where a value is not finite. A maximum: the same for any order.
double largest_part(KokkosDevice const&, View<Vis const, 1> values);
double largest_part(CudaDevice const&, View<Vis const, 1> values);

}  // namespace nocturne
