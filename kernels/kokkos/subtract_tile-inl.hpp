// For the launch of `subtract`, compiled once per instruction set: a row of a tile stays in vector registers while all its
// components pass. Enters: one tile. Leaves: its pixels and its peak.
#if defined(NOCTURNE_SUBTRACT_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_SUBTRACT_TILE_INL
#        undef NOCTURNE_SUBTRACT_TILE_INL
#    else
#        define NOCTURNE_SUBTRACT_TILE_INL
#    endif

#    include "kernels/subtract.hpp"

#    include <hwy/highway.h>

#    include <algorithm>
#    include <cmath>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

class SubtractRows {
public:
    SubtractRows(SubtractArgs const& args, Index tile)
        : args_(args),
          tile_(args.tiles(tile)),
          width_(std::min<Index>(PendingTile::size, args.residual.extent[1] - tile_.x0)),
          height_(std::min<Index>(PendingTile::size, args.residual.extent[0] - tile_.y0))
    {}

    TilePeak run()
    {
        for (Index y = tile_.y0; y < tile_.y0 + height_; ++y) {
            if (tile_.first < tile_.end) {
                if (width_ == PendingTile::size)
                    whole_row(y);
                else
                    for (Index k = tile_.first; k < tile_.end; ++k) part(y, args_.components(k));
            }
            look(y);
        }
        return peak_;
    }

private:
    using Tag = hn::CappedTag<float, 16>;
    static constexpr int lanes = static_cast<int>(hn::MaxLanes(Tag()));
    static constexpr int vectors = PendingTile::size / lanes;

    /// Row of the PSF that a component lays on row y; null where it does not reach.
    float const* psf_row(Index y, CleanComponent const& c) const
    {
        Index const row = y - c.y + args_.psf.extent[0] / 2;
        return row < 0 || row >= args_.psf.extent[0] ? nullptr : args_.psf.data + row * args_.psf.stride[0];
    }
    /// Column of the PSF at the tile's first pixel.
    Index first_column(CleanComponent const& c) const { return tile_.x0 - c.x + args_.psf.extent[1] / 2; }
    bool covers(Index first) const { return first >= 0 && first + PendingTile::size <= args_.psf.extent[1]; }

    void whole_row(Index y) const
    {
        Tag const d;
        float* const pixel = &args_.residual(y, tile_.x0);
        hn::Vec<Tag> value[vectors];
        for (int v = 0; v < vectors; ++v) value[v] = hn::LoadU(d, pixel + v * lanes);
        for (Index k = tile_.first; k < tile_.end; ++k) {
            auto const& c = args_.components(k);
            float const* const psf = psf_row(y, c);
            Index const first = first_column(c);
            if (!psf || first >= args_.psf.extent[1] || first + PendingTile::size <= 0) continue;
            if (covers(first)) {
                auto const flux = hn::Set(d, c.flux_jy);
                for (int v = 0; v < vectors; ++v)
                    value[v] = hn::NegMulAdd(flux, hn::LoadU(d, psf + first + v * lanes), value[v]);
            } else {
                for (int v = 0; v < vectors; ++v) hn::StoreU(value[v], d, pixel + v * lanes);
                part(y, c);
                for (int v = 0; v < vectors; ++v) value[v] = hn::LoadU(d, pixel + v * lanes);
            }
        }
        for (int v = 0; v < vectors; ++v) hn::StoreU(value[v], d, pixel + v * lanes);
    }

    /// Pixels that the PSF reaches, one by one.
    void part(Index y, CleanComponent const& c) const
    {
        float const* const psf = psf_row(y, c);
        if (!psf) return;
        float* const pixel = &args_.residual(y, tile_.x0);
        Index const first = first_column(c);
        Index const begin = std::max<Index>(0, -first), end = std::min(width_, args_.psf.extent[1] - first);
        for (Index i = begin; i < end; ++i) pixel[i] = std::fma(-c.flux_jy, psf[first + i], pixel[i]);
    }

    bool seen(Index y, Index i) const { return args_.mask(y, tile_.x0 + i) != 0; }

    /// Largest |value| of the row, of masked pixels; then, where it counts, the first pixel that has it.
    void look(Index y)
    {
        float const* const pixel = &args_.residual(y, tile_.x0);
        bool const everywhere = args_.mask.stride[1] == 0;
        if (everywhere && !seen(y, 0)) return;
        float largest = -1;
        Index i = 0;
        if (everywhere) {
            Tag const d;
            auto most = hn::Set(d, -1.0F);
            for (; i + lanes <= width_; i += lanes) most = hn::Max(most, hn::Abs(hn::LoadU(d, pixel + i)));
            largest = hn::GetLane(hn::MaxOfLanes(d, most));
        }
        for (; i < width_; ++i)
            if (everywhere || seen(y, i)) largest = std::max(largest, std::abs(pixel[i]));
        if (!(largest >= 0) || (peak_.x >= 0 && largest <= std::abs(peak_.value))) return;
        Index at = 0;
        while (std::abs(pixel[at]) != largest || !(everywhere || seen(y, at))) ++at;
        peak_ = {pixel[at], static_cast<std::int32_t>(tile_.x0 + at), static_cast<std::int32_t>(y)};
    }

    SubtractArgs const& args_;
    PendingTile const tile_;
    Index const width_, height_;
    TilePeak peak_;
};

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
