// The (u, v, w) lattice that points are spread onto and read from, shared by `grid`, `degrid` and `fft`. Enters: lines of
// points, scales, the kernel's polynomials. Leaves: where a point's footprint starts and the weights of its taps.
//
// Cells of a plane are periodic with n cells; cell 0 is u = v = 0. Memory is held in tiles of 8 × 8 cells, and only for
// tiles that a footprint touches: a column of tiles is a (tile row, tile column) of the uv plane with a tile for each of
// the planes that it touches. Inside a tile: [row][part: re, im][column], 8 × 2 × 8 numbers.
#pragma once

#include "nocturne/node_set.hpp"

#include <cmath>
#include <cstdint>

namespace nocturne {

constexpr int tile_cells = 8;                    ///< a tile's width and height
constexpr int tile_row_values = 2 * tile_cells;  ///< re and im of one row
constexpr int tile_values = tile_cells * tile_row_values;
constexpr int max_support = 8;  ///< taps per axis; one vector of eight
constexpr int max_degree = 12;  ///< of a tap's polynomial

/// Sizes, scales and maps of a lattice. Equations: Arras et al. 2021 (A&A 646, A58), eqs. 7–11; the shift of n − 1 and the
/// fold of w: Ye et al. 2022 and section 4 there.
struct Lattice {
    Index n = 0;  ///< cells per axis of a plane, a multiple of 8
    Index n_planes = 0;
    int support = 0;     ///< taps in u and v, 2 … 8
    int support_w = 0;   ///< taps in w, 2 … 8
    int degree = 0;      ///< of the polynomials of all taps
    double cells_u = 0;  ///< cell coordinate per metre and hertz; negative: u grows to the east, columns to the west
    double cells_v = 0;
    double cells_w = 0;         ///< planes per metre and hertz
    double first_plane = 0;     ///< number of plane 0: its w is first_plane / cells_w
    double shift_turns = 0;     ///< turns per metre and hertz of w: the middle of the range of n − 1, over c
    View<float const, 3> taps;  ///< [uv, w][degree + 1][8]: coefficients of tap j in t ∈ [−1, 1), lowest power first
    View<std::int32_t const, 1> column;  ///< [(n/8)²]: number of the column of tiles, −1 where none is touched
    View<std::int32_t const, 1> tile;    ///< [columns × n_planes]: number of the tile, −1 where not touched
};

/// Where a footprint starts (cell and plane) and the fractions that its taps depend on.
struct Spot {
    std::int32_t u, v, w;
    float tu, tv, tw;
};

/// Start of a footprint of `support` taps: the first integer ≥ left; t = 2 (start − left) − 1. Coordinates stay double until
/// this fraction is taken.
NOCT_INLINE double footprint_start(double left, float& t)
{
    double const start = std::ceil(left);
    t = static_cast<float>(2 * (start - left) - 1);
    return start;
}

/// The coordinate modulo n, in [0, n]. The explicit fma leaves a compiler nothing to contract: every back end, and the plan
/// that finds the touched tiles, gets the same bits.
NOCT_INLINE double wrap_coordinate(double x, Index n)
{
    double const turns = std::floor(x * (1.0 / static_cast<double>(n)));
    return std::fma(-static_cast<double>(n), turns, x);
}

/// Left end of a footprint in w for w cells = scaled_w · freq_hz.
NOCT_INLINE double left_in_w(double scaled_w, double freq_hz, int support)
{
    return std::fma(scaled_w, freq_hz, -0.5 * support);
}

/// A line with w ≥ 0: a point and its mirror image with the conjugate value add the same to a real image.
struct FoldedLine {
    double u, v, w;
    float sign;  ///< of the imaginary part

    NOCT_INLINE explicit FoldedLine(PointLine const& line)
    {
        bool const mirror = line.uvw_m[2] < 0;
        double const s = mirror ? -1 : 1;
        u = s * line.uvw_m[0];
        v = s * line.uvw_m[1];
        w = s * line.uvw_m[2];
        sign = mirror ? -1.F : 1.F;
    }
};

/// The footprint of the point of `line` at `freq_hz`.
NOCT_INLINE Spot locate(Lattice const& lattice, FoldedLine const& line, double freq_hz)
{
    Spot spot;
    double const n = static_cast<double>(lattice.n), half = 0.5 * lattice.support;
    double const x = lattice.cells_u * line.u * freq_hz, y = lattice.cells_v * line.v * freq_hz;
    double const u = footprint_start(wrap_coordinate(x, lattice.n) - half, spot.tu);
    double const v = footprint_start(wrap_coordinate(y, lattice.n) - half, spot.tv);
    double const w = footprint_start(left_in_w(lattice.cells_w * line.w, freq_hz, lattice.support_w), spot.tw);
    spot.u = static_cast<std::int32_t>(u < 0 ? u + n : u);
    spot.v = static_cast<std::int32_t>(v < 0 ? v + n : v);
    spot.w = static_cast<std::int32_t>(w - lattice.first_plane);
    return spot;
}

/// Weight of tap `tap` at fraction t; `axis` 0: u and v, 1: w.
NOCT_INLINE float tap_weight(Lattice const& lattice, int axis, int tap, float t)
{
    float const* c = lattice.taps.data + axis * lattice.taps.stride[0] + tap;
    Index const step = lattice.taps.stride[1];
    float sum = c[lattice.degree * step];
    for (int power = lattice.degree - 1; power >= 0; --power) sum = sum * t + c[power * step];
    return sum;
}

/// exp(−2πi turns) for any number of turns; the fraction is taken in double.
NOCT_INLINE Vis unit_phase(double turns)
{
    float const r = static_cast<float>(6.283185307179586477 * (turns - std::rint(turns)));
    return {std::cos(r), -std::sin(r)};
}

/// Offset in the pool of cell (row, column) of plane k, real part; the imaginary part lies 8 further. −1: not held.
NOCT_INLINE Index cell_offset(Lattice const& lattice, Index row, Index column, Index plane)
{
    Index const tiles = lattice.n / tile_cells;
    Index const held = lattice.column.data[row / tile_cells * tiles + column / tile_cells];
    if (held < 0) return -1;
    Index const tile = lattice.tile.data[held * lattice.n_planes + plane];
    if (tile < 0) return -1;
    return tile * tile_values + row % tile_cells * tile_row_values + column % tile_cells;
}

/// Host: throws Error(defect) where a lattice is not whole.
inline void check(Lattice const& lattice)
{
    NOCT_CHECK(lattice.n > 0 && lattice.n % tile_cells == 0, "lattice: cells per axis must be a multiple of 8");
    NOCT_CHECK(lattice.n >= 2 * tile_cells, "lattice: a plane has fewer than two tiles per axis");
    NOCT_CHECK(lattice.support >= 2 && lattice.support <= max_support, "lattice: support out of range");
    NOCT_CHECK(lattice.support_w >= 2 && lattice.support_w <= max_support, "lattice: support in w out of range");
    NOCT_CHECK(lattice.degree >= 1 && lattice.degree <= max_degree, "lattice: degree out of range");
    NOCT_CHECK(
        lattice.taps.extent[0] == 2 && lattice.taps.extent[1] == lattice.degree + 1 && lattice.taps.extent[2] == 8,
        "lattice: polynomials of another shape");
    NOCT_CHECK(lattice.column.extent[0] == (lattice.n / tile_cells) * (lattice.n / tile_cells),
               "lattice: map of another shape");
    NOCT_CHECK(lattice.n_planes >= lattice.support_w, "lattice: fewer planes than taps");
}

}  // namespace nocturne
