// For kernels/kokkos/grid.cpp: spreads lines through a window of 16 × 16 cells held in first-level cache. Points that share
// a footprint accumulate in registers, the points of a window in float, and a window is rounded to the integers of its tiles
// when the line leaves it: an order that depends on the line alone.
#if defined(NOCTURNE_GRID_LINES_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_GRID_LINES_INL
#        undef NOCTURNE_GRID_LINES_INL
#    else
#        define NOCTURNE_GRID_LINES_INL
#    endif

#    include "kernels/grid.hpp"
#    include "kernels/kokkos/window-inl.hpp"

#    include <algorithm>
#    include <cstring>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

/// Eight floats, rounded to the nearest integers, are added to the sums of a tile's row; the floats are cleared. |value| <
/// 2^51: adding 1.5 · 2^52 in double leaves the integer in the low bits.
HWY_INLINE void round_into(float* from, std::int64_t* sums)
{
    hn::CappedTag<double, 8> const d;
    hn::Rebind<std::int64_t, decltype(d)> const integers;
    hn::Rebind<float, decltype(d)> const floats;
    auto const magic = hn::Set(d, 6755399441055744.0);
    for (std::size_t i = 0; i < 8; i += hn::Lanes(d)) {
        auto const value = hn::Add(hn::PromoteTo(d, hn::Load(floats, from + i)), magic);
        auto const rounded = hn::Sub(hn::BitCast(integers, value), hn::BitCast(integers, magic));
        hn::Store(hn::Add(hn::Load(integers, sums + i), rounded), integers, sums + i);
    }
    hn::Store(hn::Zero(Lanes()), Lanes(), from);
}

class LineGridder {
public:
    explicit LineGridder(GridArgs const& args) : args_(args), plan_(args.lattice)
    {
        std::memset(sums_, 0, sizeof(sums_));
    }

    void grid(PointLine const& line)
    {
        FoldedLine const folded(line);
        for (int first = 0; first < line.n; first += batch_points) {
            int const count = std::min(batch_points, line.n - first);
            prepare_batch(plan_, folded, args_.freq_hz.data + line.first_freq + first, count, batch_);
            rotate(args_.y.data + line.first_value + first, folded.sign, count);
            for (int p = 0; p < count;) {
                int const end = run_end(batch_, p, count);
                enter(p);
                switch (args_.lattice.support) {
                    case 4:
                        spread<4>(p, end);
                        break;
                    case 5:
                        spread<5>(p, end);
                        break;
                    case 6:
                        spread<6>(p, end);
                        break;
                    case 7:
                        spread<7>(p, end);
                        break;
                    case 8:
                        spread<8>(p, end);
                        break;
                    default:
                        spread<3>(p, end);
                        break;
                }
                p = end;
            }
        }
        leave();
    }

private:
    /// Values times scale and the phase of the shift of n − 1; the conjugate where the line was folded.
    void rotate(Vis const* y, float sign, int count)
    {
        for (int p = 0; p < count; ++p) {
            float const re = y[p].re * args_.scale, im = y[p].im * args_.scale * sign;
            re_[p] = re * batch_.cosine[p] + im * batch_.sine[p];
            im_[p] = im * batch_.cosine[p] - re * batch_.sine[p];
        }
    }

    /// Makes the window hold the footprint of point p.
    void enter(int p)
    {
        std::int32_t const u = batch_.start[0][p], v = batch_.start[1][p], w = batch_.start[2][p];
        int const depth = args_.lattice.support_w;
        if (!window_.holds(v, u, w, depth)) {
            leave();
            window_ = {v / tile_cells, u / tile_cells, std::max(0, w - (window_planes - depth) / 2)};
        }
        int const s = args_.lattice.support, row = v % tile_cells, column = u % tile_cells;
        std::uint32_t const tiles = column + s > tile_cells ? 3 : 1;  // the tile's own columns, the next one's
        touched_ |= (tiles * (0x55555555U >> (32 - 2 * s))) << (2 * row);
        low_ = std::min(low_, w);
        high_ = std::max(high_, w + depth);
    }

    /// Points [p, end) share one footprint.
    template<int S>
    void spread(int p, int end)
    {
        Lanes const d;
        int const column = batch_.start[0][p] % tile_cells;
        float* plane = sums_ + (batch_.start[2][p] - window_.plane) * window_plane +
                       batch_.start[1][p] % tile_cells * window_row + column;
        for (int k = 0; k < args_.lattice.support_w; ++k, plane += window_plane) {
            Eight re[S], im[S];
            for (int j = 0; j < S; ++j) {
                re[j] = hn::LoadU(d, plane + j * window_row);
                im[j] = hn::LoadU(d, plane + j * window_row + window_side);
            }
            for (int q = p; q < end; ++q) {
                auto const u = hn::Load(d, batch_.weight[q][0]);
                float const w = batch_.weight[q][2][k];
                auto const a = hn::Mul(u, hn::Set(d, w * re_[q])), b = hn::Mul(u, hn::Set(d, w * im_[q]));
                for (int j = 0; j < S; ++j) {
                    auto const v = hn::Set(d, batch_.weight[q][1][j]);
                    re[j] = hn::MulAdd(a, v, re[j]);
                    im[j] = hn::MulAdd(b, v, im[j]);
                }
            }
            for (int j = 0; j < S; ++j) {
                hn::StoreU(re[j], d, plane + j * window_row);
                hn::StoreU(im[j], d, plane + j * window_row + window_side);
            }
        }
    }

    /// Rounds what the window holds into the tiles and clears it.
    void leave()
    {
        if (touched_ == 0) return;
        int n_chunks = 0;
        for (std::uint32_t rest = touched_; rest != 0; rest &= rest - 1) {
            int const bit = __builtin_ctz(rest), row = bit / 2, part = bit % 2;
            chunks_[n_chunks++] = {row * window_row + part * tile_cells, row % tile_cells * tile_row_values,
                                   row / tile_cells * 2 + part};
        }
        std::int32_t column[4];
        window_.columns(args_.lattice, column);
        std::int64_t *tile[4], *next[4];
        bool held = find_tiles(column, low_, tile);
        for (std::int32_t k = low_; k < high_; ++k) {
            bool const more = k + 1 < high_ && find_tiles(column, k + 1, next);
            float* plane = sums_ + (k - window_.plane) * window_plane;
            for (int c = 0; held && c < n_chunks; ++c) {
                float* from = plane + chunks_[c].from;
                std::int64_t* to = tile[chunks_[c].tile] + chunks_[c].to;
                if (more) {
                    __builtin_prefetch(next[chunks_[c].tile] + chunks_[c].to, 1);
                    __builtin_prefetch(next[chunks_[c].tile] + chunks_[c].to + tile_cells, 1);
                }
                round_into(from, to);
                round_into(from + window_side, to + tile_cells);
            }
            held = more;  // where not held, the line leapt over the plane: all zeros
            std::copy(next, next + 4, tile);
        }
        touched_ = 0;
        low_ = 1 << 30;
        high_ = 0;
    }

    /// The four tiles of the window in plane k; false where the plane is not held.
    bool find_tiles(std::int32_t const* column, std::int32_t k, std::int64_t** tile) const
    {
        for (int i = 0; i < 4; ++i) {
            Index const number = column[i] < 0 ? -1 : args_.lattice.tile.data[column[i] * args_.lattice.n_planes + k];
            if (number < 0) return false;
            tile[i] = args_.pool.data + number * tile_values;
        }
        return true;
    }

    /// A row of a tile: offsets in a plane of the window and in the tile.
    struct Chunk {
        int from, to, tile;
    };

    GridArgs args_;
    LinePlan plan_;
    Batch batch_;
    Window window_;
    Chunk chunks_[2 * window_side];
    std::uint32_t touched_ = 0;              // part c of row r: bit 2 r + c
    std::int32_t low_ = 1 << 30, high_ = 0;  // planes touched
    alignas(64) float re_[batch_points], im_[batch_points];
    alignas(64) float sums_[window_planes * window_plane];
};

inline void grid_lines(GridArgs const& args)
{
    LineGridder gridder(args);
    for (Index i = 0; i < args.lines.extent[0]; ++i) gridder.grid(args.lines.data[i]);
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
