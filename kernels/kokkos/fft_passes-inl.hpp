// For kernels/kokkos/fft.cpp: the passes of one plane. Enters: a plane's tiles or the image. Leaves: the other.
#if defined(NOCTURNE_FFT_PASSES_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_FFT_PASSES_INL
#        undef NOCTURNE_FFT_PASSES_INL
#    else
#        define NOCTURNE_FFT_PASSES_INL
#    endif

#    include "kernels/fft.hpp"
#    include "kernels/kokkos/lanes_fft-inl.hpp"

#    include <algorithm>
#    include <cstring>
#    include <vector>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

/// What both directions share: the plan, the buffers and which tile columns the plane touches.
struct Passes {
    FftPlan const& plan;
    Lattice const& lattice;
    Index plane, kept, tiles;
    float *first, *second, *between;  ///< two buffers [n][16]; [used tile column][kept row][16]
    std::vector<Index> used;          ///< tile columns touched, ascending

    Passes(Lattice const& l, Index p, Index n_kept, float* work)
        : plan(fft_plan(l.n)),
          lattice(l),
          plane(p),
          kept(n_kept),
          tiles(l.n / tile_cells),
          first(work),
          second(work + 16 * l.n),
          between(work + 32 * l.n)
    {
        std::vector<char> touched(static_cast<std::size_t>(tiles));
        for (Index row = 0; row < tiles; ++row)
            for (Index column = 0; column < tiles; ++column) touched[column] |= tile_at(row, column) >= 0;
        for (Index column = 0; column < tiles; ++column)
            if (touched[column]) used.push_back(column);
    }

    /// Number of the tile, −1 where the plane does not touch it.
    Index tile_at(Index row, Index column) const
    {
        Index const held = lattice.column.data[row * tiles + column];
        return held < 0 ? -1 : lattice.tile.data[held * lattice.n_planes + plane];
    }
    float* rows_of(std::size_t which) const { return between + static_cast<Index>(which) * kept * 16; }

    /// Kept rows ↔ their places in a transformed buffer: row y stands at (y − kept/2) mod n.
    void take_kept(float const* buffer, float* rows) const
    {
        std::memcpy(rows, buffer + 16 * (lattice.n - kept / 2), sizeof(float) * 8 * kept);
        std::memcpy(rows + 8 * kept, buffer, sizeof(float) * 8 * kept);
    }
    void put_kept(float const* rows, float* buffer) const
    {
        std::memcpy(buffer + 16 * (lattice.n - kept / 2), rows, sizeof(float) * 8 * kept);
        std::memcpy(buffer, rows + 8 * kept, sizeof(float) * 8 * kept);
        clear_between(buffer);
    }
    void clear_between(float* buffer) const
    {
        std::memset(buffer + 8 * kept, 0, sizeof(float) * 16 * (lattice.n - kept));
    }
};

/// Eight integers to float, times a power of two.
HWY_INLINE Eight to_float(std::int64_t const* at, Eight factor)
{
    hn::FixedTag<std::int64_t, 4> const integers;
    hn::FixedTag<double, 4> const doubles;
    hn::FixedTag<float, 4> const floats;
    auto const low = hn::DemoteTo(floats, hn::ConvertTo(doubles, hn::LoadU(integers, at)));
    auto const high = hn::DemoteTo(floats, hn::ConvertTo(doubles, hn::LoadU(integers, at + 4)));
    return hn::Mul(hn::Combine(Lanes(), high, low), factor);
}

/// 8 × 8 complex numbers, rows 16 floats apart, become their transpose.
HWY_INLINE void transpose_block(float const* from, float* to)
{
    for (int part = 0; part < 16; part += 8) {
        Eight rows[8];
        for (int i = 0; i < 8; ++i) rows[i] = hn::Load(Lanes(), from + 16 * i + part);
        transpose8(rows);
        for (int i = 0; i < 8; ++i) hn::Store(rows[i], Lanes(), to + 16 * i + part);
    }
}

/// cos and sin of 2π k θ for eight pixels.
HWY_INLINE void screen8(std::int32_t const* theta, std::int32_t k, Eight& cosine, Eight& sine)
{
    hn::FixedTag<std::int32_t, 8> const integers;
    auto const turns = hn::Mul(hn::LoadU(integers, theta), hn::Set(integers, k));
    cos_sin_turns(hn::Mul(hn::ConvertTo(Lanes(), turns), hn::Set(Lanes(), 0x1p-32F)), cosine, sine);
}

/// Tiles of one tile column to a buffer [row][re 8, im 8].
inline void fill_from_tiles(Passes const& passes, std::int64_t const* pool, Eight factor, Index column, float* buffer)
{
    for (Index row = 0; row < passes.tiles; ++row, buffer += tile_values) {
        Index const tile = passes.tile_at(row, column);
        if (tile < 0) {
            std::memset(buffer, 0, sizeof(float) * tile_values);
            continue;
        }
        std::int64_t const* at = pool + tile * tile_values;
        for (int i = 0; i < tile_values; i += 8) hn::Store(to_float(at + i, factor), Lanes(), buffer + i);
    }
}

/// Rows y … y + 7 of the image grow by the screened transform `buffer` [n][re 8, im 8], a row in each lane.
inline void add_screened(PlaneToImageArgs const& args, float const* buffer, Index y)
{
    Index const kept = args.kept.n_kept, n = args.lattice.n;
    auto const k = plane_number(args.lattice, args.plane);
    for (Index x = 0; x < kept; x += 8) {
        float const* at = buffer + 16 * (x >= kept / 2 ? x - kept / 2 : x - kept / 2 + n);
        Eight re[8], im[8];
        for (int i = 0; i < 8; ++i) {
            re[i] = hn::Load(Lanes(), at + 16 * i);
            im[i] = hn::Load(Lanes(), at + 16 * i + 8);
        }
        transpose8(re);
        transpose8(im);
        for (int i = 0; i < 8; ++i) {
            Eight cosine, sine;
            screen8(&args.kept.theta_at(y + i, x), k, cosine, sine);
            float* pixel = &args.image(y + i, x);
            auto const sum = hn::MulAdd(re[i], cosine, hn::LoadU(Lanes(), pixel));
            hn::StoreU(hn::MulAdd(im[i], sine, sum), Lanes(), pixel);
        }
    }
}

inline void plane_to_image(PlaneToImageArgs const& args)
{
    Passes const passes(args.lattice, args.plane, args.kept.n_kept, args.work.data);
    auto const factor = hn::Set(Lanes(), args.factor);
    for (std::size_t c = 0; c < passes.used.size(); ++c) {
        fill_from_tiles(passes, args.pool.data, factor, passes.used[c], passes.first);
        passes.take_kept(transform8(passes.plan, passes.first, passes.second), passes.rows_of(c));
    }
    if (passes.used.empty()) return;
    for (Index y = 0; y < passes.kept; y += 8) {
        Index next = 0;  // first cell of u not yet written
        for (std::size_t c = 0; c < passes.used.size(); ++c) {
            Index const cell = passes.used[c] * tile_cells;
            std::memset(passes.first + 16 * next, 0, sizeof(float) * 16 * (cell - next));
            transpose_block(passes.rows_of(c) + 16 * y, passes.first + 16 * cell);
            next = cell + tile_cells;
        }
        std::memset(passes.first + 16 * next, 0, sizeof(float) * 16 * (args.lattice.n - next));
        add_screened(args, transform8(passes.plan, passes.first, passes.second), y);
    }
}

/// Rows y … y + 7 of the image, times the conjugate screen, parts swapped (so that the forward transform is the backward
/// one), to a buffer [n][8 rows].
inline void fill_screened(ImageToPlaneArgs const& args, Index y, float* buffer)
{
    Index const kept = args.kept.n_kept, n = args.lattice.n;
    auto const k = plane_number(args.lattice, args.plane);
    for (Index x = 0; x < kept; x += 8) {
        float* at = buffer + 16 * (x >= kept / 2 ? x - kept / 2 : x - kept / 2 + n);
        Eight re[8], im[8];
        for (int i = 0; i < 8; ++i) {
            Eight cosine, sine;
            screen8(&args.kept.theta_at(y + i, x), k, cosine, sine);
            auto const value = hn::LoadU(Lanes(), &args.image(y + i, x));
            re[i] = hn::Mul(value, sine);
            im[i] = hn::Mul(value, cosine);
        }
        transpose8(re);
        transpose8(im);
        for (int i = 0; i < 8; ++i) store8({re[i], im[i]}, at + 16 * i);
    }
}

/// A buffer [row][8, 8] with its parts swapped, to the touched tiles of one tile column.
inline void empty_to_tiles(Passes const& passes, float const* buffer, Index column, float* pool)
{
    for (Index row = 0; row < passes.tiles; ++row, buffer += tile_values) {
        Index const tile = passes.tile_at(row, column);
        if (tile < 0) continue;
        float* at = pool + tile * tile_values;
        for (int i = 0; i < tile_values; i += 16) {
            hn::StoreU(hn::Load(Lanes(), buffer + i + 8), Lanes(), at + i);
            hn::StoreU(hn::Load(Lanes(), buffer + i), Lanes(), at + i + 8);
        }
    }
}

inline void image_to_plane(ImageToPlaneArgs const& args)
{
    Passes const passes(args.lattice, args.plane, args.kept.n_kept, args.work.data);
    if (passes.used.empty()) return;
    for (Index y = 0; y < passes.kept; y += 8) {
        fill_screened(args, y, passes.first);
        passes.clear_between(passes.first);
        float const* done = transform8(passes.plan, passes.first, passes.second);
        for (std::size_t c = 0; c < passes.used.size(); ++c)
            transpose_block(done + 16 * passes.used[c] * tile_cells, passes.rows_of(c) + 16 * y);
    }
    for (std::size_t c = 0; c < passes.used.size(); ++c) {
        passes.put_kept(passes.rows_of(c), passes.first);
        empty_to_tiles(passes, transform8(passes.plan, passes.first, passes.second), passes.used[c], args.pool.data);
    }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
