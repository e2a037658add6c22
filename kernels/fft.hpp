// Kernel `fft`: one plane of the lattice to its part of the image and back: Fourier transform, w-screen, sum. Enters: the
// sums on the plane's touched tiles, or the image. Leaves: the image grown by the plane's real part, or the tiles' values.
//
// The transforms stand in the launch files: cuFFT on CUDA; on the host pruned passes (only touched columns, only kept
// rows) over eight columns at a time. The bodies below are what CUDA does around cuFFT, cell by cell.
#pragma once

#include "kernels/shared/lattice.hpp"
#include "kernels/shared/screen.hpp"

namespace nocturne {

/// The kept pixels: X = x − n_kept/2, Y = y − n_kept/2, both at index X mod n of the transformed plane.
struct KeptImage {
    Index n_kept = 0;  ///< a multiple of 16, ≤ n
    Screen theta;      ///< turns of 2^-32 from plane to plane: (n − 1 − its middle) / cells_w' …

    NOCT_INLINE std::int32_t const& theta_at(Index y, Index x) const
    {
        return theta(screen_row(theta.extent[0], n_kept, y), x);
    }
};

/// image[y][x] += factor · Re(exp(−2πi k θ[y][x]) Σ_cells S[j][i] exp(−2πi (i X + j Y) / n)), k = first_plane + plane, S
/// the integers of the plane. Arras et al. 2021, eq. 12. `work` holds fft_work(device, …) floats.
struct PlaneToImageArgs {
    Lattice lattice;
    Index plane = 0;
    View<std::int64_t const, 1> pool;
    float factor = 1;
    KeptImage kept;
    View<float, 2> image;  ///< [n_kept][n_kept]
    View<float, 1> work;
};

/// The transpose: pool value at cell (j, i) = Σ_pixels image[y][x] exp(+2πi k θ) exp(+2πi (i X + j Y) / n), as float, on the
/// touched tiles of the plane.
struct ImageToPlaneArgs {
    Lattice lattice;
    Index plane = 0;
    View<float, 1> pool;
    KeptImage kept;
    View<float const, 2> image;
    View<float, 1> work;
};

inline void check(Lattice const& lattice, KeptImage const& kept)
{
    check(lattice);
    Index const n = kept.n_kept;
    NOCT_CHECK(n > 0 && n % 16 == 0 && n <= lattice.n, "fft: kept pixels must be a multiple of 16, at most the plane");
    NOCT_CHECK(screen_fits(kept.theta, n), "fft: screen of another shape");
}
inline void check(PlaneToImageArgs const& args)
{
    check(args.lattice, args.kept);
    NOCT_CHECK(args.plane >= 0 && args.plane < args.lattice.n_planes, "fft: no such plane");
    NOCT_CHECK(args.image.extent[0] == args.kept.n_kept && args.image.extent[1] == args.kept.n_kept,
               "fft: image of another shape");
}
inline void check(ImageToPlaneArgs const& args)
{
    check(args.lattice, args.kept);
    NOCT_CHECK(args.plane >= 0 && args.plane < args.lattice.n_planes, "fft: no such plane");
    NOCT_CHECK(args.image.extent[0] == args.kept.n_kept && args.image.extent[1] == args.kept.n_kept,
               "fft: image of another shape");
}

/// exp(−2πi k θ): k θ modulo one turn is the product of integers modulo 2^32.
NOCT_INLINE Vis screen_value(std::int32_t theta, std::int32_t k)
{
    auto const turns = static_cast<std::int32_t>(static_cast<std::uint32_t>(theta) * static_cast<std::uint32_t>(k));
    float const angle = static_cast<float>(turns) * 1.4629180792671596e-9F;  // 2π / 2^32
    return {std::cos(angle), -std::sin(angle)};
}

NOCT_INLINE std::int32_t plane_number(Lattice const& lattice, Index plane)
{
    return static_cast<std::int32_t>(lattice.first_plane) + static_cast<std::int32_t>(plane);
}

/// Pixel (y, x) of the kept image ↔ cell of the transformed plane, row-major [n][n].
NOCT_INLINE Index transformed_cell(Index n, Index n_kept, Index y, Index x)
{
    Index const row = y >= n_kept / 2 ? y - n_kept / 2 : y - n_kept / 2 + n;
    Index const column = x >= n_kept / 2 ? x - n_kept / 2 : x - n_kept / 2 + n;
    return row * n + column;
}

/// Dense plane from tiles: cell (row, column).
struct SpreadTilesCell {
    PlaneToImageArgs args;
    Vis* plane;
    NOCT_INLINE void operator()(Index row, Index column) const
    {
        Index const at = cell_offset(args.lattice, row, column, args.plane);
        Vis value{};
        if (at >= 0)
            value = {static_cast<float>(args.pool.data[at]) * args.factor,
                     static_cast<float>(args.pool.data[at + tile_cells]) * args.factor};
        plane[row * args.lattice.n + column] = value;
    }
};

/// Image from the transformed plane: pixel (y, x).
struct AddScreenedCell {
    PlaneToImageArgs args;
    Vis const* plane;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        Vis const v = plane[transformed_cell(args.lattice.n, args.kept.n_kept, y, x)];
        Vis const s = screen_value(args.kept.theta_at(y, x), plane_number(args.lattice, args.plane));
        args.image(y, x) += v.re * s.re - v.im * s.im;
    }
};

/// Screened image onto a cleared plane: pixel (y, x).
struct ScreenCell {
    ImageToPlaneArgs args;
    Vis* plane;
    NOCT_INLINE void operator()(Index y, Index x) const
    {
        Vis const s = screen_value(args.kept.theta_at(y, x), plane_number(args.lattice, args.plane));
        float const v = args.image(y, x);
        plane[transformed_cell(args.lattice.n, args.kept.n_kept, y, x)] = {v * s.re, -v * s.im};
    }
};

/// Tiles from the dense plane: cell (row, column).
struct GatherTilesCell {
    ImageToPlaneArgs args;
    Vis const* plane;
    NOCT_INLINE void operator()(Index row, Index column) const
    {
        Index const at = cell_offset(args.lattice, row, column, args.plane);
        if (at < 0) return;
        Vis const v = plane[row * args.lattice.n + column];
        args.pool.data[at] = v.re;
        args.pool.data[at + tile_cells] = v.im;
    }
};

void launch(KokkosDevice const&, PlaneToImageArgs const&);
void launch(KokkosDevice const&, ImageToPlaneArgs const&);
void launch(CudaDevice const&, PlaneToImageArgs const&);
void launch(CudaDevice const&, ImageToPlaneArgs const&);

/// Floats of `work`.
Index fft_work(KokkosDevice const&, Index n, Index n_kept);
Index fft_work(CudaDevice const&, Index n, Index n_kept);

/// True where the host's transforms take this length: products of 2, 3 and 5, multiples of 8.
bool is_fft_length(Index n);
/// The least such length that is at least `n`.
Index next_fft_length(Index n);
/// Passes over the data that the host's transform of this length makes: 4 for 4096, 6 for 3456.
int fft_passes(Index n);

}  // namespace nocturne
