// Kernel `subtract`: the inner step of CLEAN. Enters: an image, a PSF, components found so far, tiles with the components that
// each of them has not seen yet. Leaves: the tiles without these components, and the peak of each tile.
#pragma once

#include "nocturne/device.hpp"

namespace nocturne {

/// A point of the model: pixel (row y, column x) and the flux density by which the PSF is scaled.
struct CleanComponent {
    std::int32_t x = 0, y = 0;
    float flux_jy = 0;
};

/// Pixels [y0, y0 + size) × [x0, x0 + size), cut at the image's edge; components [first, end) are still in it.
struct PendingTile {
    static constexpr int size = 64;
    std::int32_t x0 = 0, y0 = 0;
    std::int32_t first = 0, end = 0;
};

/// The pixel of largest |value| among those of the mask; of equal ones the first in row order. x = −1 where there is none.
struct TilePeak {
    float value = 0;
    std::int32_t x = -1, y = -1;
};

/// Of two peaks that which is chosen: the larger |value|, of equal ones the first in row order. Whatever the order of
/// comparisons, the same one wins.
NOCT_INLINE bool beats(TilePeak const& a, TilePeak const& b)
{
    if (a.x < 0 || b.x < 0) return a.x >= 0;
    float const x = a.value < 0 ? -a.value : a.value, y = b.value < 0 ? -b.value : b.value;
    if (x != y) return x > y;
    return a.y != b.y ? a.y < b.y : a.x < b.x;
}

/// For each tile and pixel (y, x), components k in the order of the list: residual[y][x] −= flux_k · psf[y − y_k + h][x − x_k +
/// w], h and w half the extents of psf (even), nothing where that lies outside of psf; then peaks[tile]. Shapes: residual and
/// mask [y][x] (mask may have strides 0; 0 = not to be looked at), psf any extent, its peak at its middle; rows of residual and
/// psf are contiguous. Units: Jy/beam. Tiles do not overlap. A pixel meets its components one by one in their order, so its bits
/// do not depend on when its tile is done. Aliasing: none. Source: Högbom 1974, A&AS 15, 417; with a small psf the inner cycle of
/// Clark 1980, A&A 89, 377.
struct SubtractArgs {
    View<float, 2> residual;
    View<std::uint8_t const, 2> mask;
    View<float const, 2> psf;
    View<CleanComponent const, 1> components;
    View<PendingTile const, 1> tiles;
    View<TilePeak, 1> peaks;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(SubtractArgs const& args)
{
    for (int axis = 0; axis < 2; ++axis)
        NOCT_CHECK(args.residual.extent[axis] == args.mask.extent[axis], "subtract: residual and mask differ in shape");
    NOCT_CHECK(args.psf.extent[0] % 2 == 0 && args.psf.extent[1] % 2 == 0,
               "subtract: the middle of the PSF is no pixel");
    NOCT_CHECK(args.residual.stride[1] == 1 && args.psf.stride[1] == 1, "subtract: rows are not contiguous");
    NOCT_CHECK(args.peaks.extent[0] == args.tiles.extent[0], "subtract: one peak per tile is needed");
}

/// One tile; a thread holds one pixel at a time over all its components.
struct SubtractTile {
    SubtractArgs args;

    static constexpr std::size_t scratch_bytes(int team)
    {
        return (static_cast<std::size_t>(team) * sizeof(TilePeak) + 63) / 64 * 64;
    }

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index t) const
    {
        auto* const peaks = team.template scratch<TilePeak>(static_cast<std::size_t>(team.size()));
        PendingTile const tile = args.tiles(t);
        TilePeak mine;
        for (int i = team.rank(); i < PendingTile::size * PendingTile::size; i += team.size()) {
            std::int32_t const y = tile.y0 + i / PendingTile::size, x = tile.x0 + i % PendingTile::size;
            if (y >= args.residual.extent[0] || x >= args.residual.extent[1]) continue;
            float const value = pixel(tile, y, x);
            TilePeak const here{value, x, y};
            if (args.mask(y, x) != 0 && beats(here, mine)) mine = here;
        }
        peaks[team.rank()] = mine;
        team.barrier();
        if (team.rank() != 0) return;
        for (int i = 1; i < team.size(); ++i)
            if (beats(peaks[i], mine)) mine = peaks[i];
        args.peaks(t) = mine;
    }

    /// The pixel without the tile's components.
    NOCT_INLINE float pixel(PendingTile const& tile, Index y, Index x) const
    {
        float value = args.residual(y, x);
        if (tile.first == tile.end) return value;
        Index const h = args.psf.extent[0], w = args.psf.extent[1];
        for (Index k = tile.first; k < tile.end; ++k) {
            CleanComponent const c = args.components(k);
            Index const row = y - c.y + h / 2, column = x - c.x + w / 2;
            if (row >= 0 && row < h && column >= 0 && column < w) value -= c.flux_jy * args.psf(row, column);
        }
        args.residual(y, x) = value;
        return value;
    }
};

void launch(KokkosDevice const&, SubtractArgs const&);
void launch(CudaDevice const&, SubtractArgs const&);

}  // namespace nocturne
