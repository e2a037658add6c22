// Kernel `degrid`: reads points off the planes of the (u, v, w) lattice: the transpose of `grid`. Enters: values on the
// touched tiles. Leaves: one visibility a point.
#pragma once

#include "kernels/shared/lattice.hpp"

namespace nocturne {

/// Shapes: lines [n_lines]; freq_hz [any]; pool [tiles × 128], layout as in lattice.hpp; y [n_points], written whole:
/// y_p = exp(+2πi s w_p) Σ_ijk φ(i − u_p) φ(j − v_p) φ(k − w_p) pool(i, j, k), conjugated where w < 0 (as `grid` folds it).
/// Units: those of the image. Aliasing: none. Arras et al. 2021, eq. 13. Sums run in a fixed order within a point.
struct DegridArgs {
    Lattice lattice;
    View<PointLine const, 1> lines;
    View<double const, 1> freq_hz;
    View<float const, 1> pool;
    View<Vis, 1> y;
};

inline void check(DegridArgs const& args) { check(args.lattice); }

/// One line of points: a thread a point.
struct DegridTile {
    DegridArgs args;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index which) const
    {
        PointLine const line = args.lines.data[which];
        FoldedLine const folded(line);
        for (int p = team.rank(); p < line.n; p += team.size()) {
            double const f = args.freq_hz.data[line.first_freq + p];
            Vis const sum = read(locate(args.lattice, folded, f));
            Vis const phase = unit_phase(-args.lattice.shift_turns * folded.w * f);
            args.y.data[line.first_value + p] = {sum.re * phase.re - sum.im * phase.im,
                                                 folded.sign * (sum.re * phase.im + sum.im * phase.re)};
        }
    }

private:
    NOCT_INLINE Vis read(Spot const& spot) const
    {
        Lattice const& lattice = args.lattice;
        float wu[max_support], wv[max_support];
        for (int i = 0; i < max_support; ++i) {
            wu[i] = i < lattice.support ? tap_weight(lattice, 0, i, spot.tu) : 0;
            wv[i] = i < lattice.support ? tap_weight(lattice, 0, i, spot.tv) : 0;
        }
        int const n = static_cast<int>(lattice.n);
        Vis total{};
        for (int k = 0; k < lattice.support_w; ++k) {
            Vis sum{};
            for (int j = 0; j < lattice.support; ++j) {
                int const row = spot.v + j >= n ? spot.v + j - n : spot.v + j;
                for (int i = 0; i < lattice.support; ++i) {
                    int const column = spot.u + i >= n ? spot.u + i - n : spot.u + i;
                    Index const at = cell_offset(lattice, row, column, spot.w + k);
                    float const weight = wv[j] * wu[i];
                    sum.re += weight * args.pool.data[at];
                    sum.im += weight * args.pool.data[at + tile_cells];
                }
            }
            float const weight = tap_weight(lattice, 1, k, spot.tw);
            total.re += weight * sum.re;
            total.im += weight * sum.im;
        }
        return total;
    }
};

void launch(KokkosDevice const&, DegridArgs const&);
void launch(CudaDevice const&, DegridArgs const&);

}  // namespace nocturne
