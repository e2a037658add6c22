// Rows of `unpack` on the host. Rows of single-precision visibilities whose chunks hold one of two correlations each
// (DSA-110) are interleaved four channels at a time; others go chunk by chunk, swapped ones sample by sample through the body.
#pragma once

#include "kernels/kokkos/unpack_piece.hpp"
#include "kernels/unpack.hpp"

#include <algorithm>
#include <cstring>

#include <immintrin.h>

namespace nocturne {

/// Four visibilities as 64-bit lanes.
using Four = std::uint64_t __attribute__((vector_size(32)));

inline Four load(void const* from)
{
    Four value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// Past the cache where `to` is aligned: a block is larger than it, and lines are written whole (0.24 → 0.08 s a GiB).
template<bool aligned>
void store(void* to, Four value)
{
    if constexpr (aligned)
        _mm256_stream_si256(static_cast<__m256i*>(to), reinterpret_cast<__m256i const&>(value));
    else
        std::memcpy(to, &value, sizeof value);
}

/// n channels of two correlations to out[channel][correlation]; falling: channel 0 last.
template<bool aligned>
void interleave(Vis const* x, Vis const* y, Index n, bool falling, Vis* out)
{
    Index c = 0;
    for (; c + 4 <= n; c += 4) {
        Four const a = load(x + c), b = load(y + c);
        Vis* to = out + 2 * (falling ? n - 4 - c : c);
        store<aligned>(to,
                       falling ? __builtin_shufflevector(a, b, 3, 7, 2, 6) : __builtin_shufflevector(a, b, 0, 4, 1, 5));
        store<aligned>(to + 4,
                       falling ? __builtin_shufflevector(a, b, 1, 5, 0, 4) : __builtin_shufflevector(a, b, 2, 6, 3, 7));
    }
    for (; c < n; ++c) {
        Vis* to = out + 2 * (falling ? n - 1 - c : c);
        to[0] = x[c];
        to[1] = y[c];
    }
}

struct UnpackRow {
    UnpackCell cell;
    bool pairs;  ///< the case of `interleave`
    bool dense;  ///< the block's samples of a row lie one after another

    void operator()(Index r) const
    {
        RowTarget const to = cell.args.batch.rows(r);
        if (to.integration < 0) return;
        if (to.swapped != 0 || !dense) return place_row(to, r);
        pairs ? interleave_row(to, r) : spread_row(to, r);
    }

    void interleave_row(RowTarget const& to, Index r) const
    {
        auto const& b = cell.args.batch;
        bool const falling = b.channel_step < 0;
        auto const* x = static_cast<Vis const*>(b.data) + b.row_offset(r);
        Index const chunk = b.chunk_elements();
        for (Index c = 0; c < b.n_channels; c += b.chunk_channels, x += 2 * chunk) {
            Index const n = std::min(b.chunk_channels, b.n_channels - c);
            Index const lowest = b.first_channel + (falling ? 1 - c - n : c);
            Vis* out = &cell.args.vis(to.integration, to.baseline, lowest, 0);
            auto const* y = x + chunk;
            bool const aligned = reinterpret_cast<std::uintptr_t>(out) % sizeof(Four) == 0 && n % 4 == 0;
            aligned ? interleave<true>(x, y, n, falling, out) : interleave<false>(x, y, n, falling, out);
        }
        clear_flags(to);
    }

    void clear_flags(RowTarget const& to) const
    {
        auto const& b = cell.args.batch;
        Index const low = b.first_channel + (b.channel_step < 0 ? 1 - b.n_channels : 0);
        std::uint8_t* flag = &cell.args.flag(to.integration, to.baseline, low, 0);
        std::memset(flag, 0, static_cast<std::size_t>(b.n_correlations * b.n_channels));
    }

    /// The pieces of a row: one of each chunk.
    void spread_row(RowTarget const& to, Index r) const
    {
        auto const& b = cell.args.batch;
        Index from = b.row_offset(r);
        for (Index c = 0; c < b.n_channels; c += b.chunk_channels)
            for (Index p = 0; p < b.n_correlations; p += b.chunk_correlations, from += b.chunk_elements()) {
                Piece const piece{from,
                                  b.first_channel + c * b.channel_step,
                                  p,
                                  std::min(b.chunk_channels, b.n_channels - c),
                                  std::min(b.chunk_correlations, b.n_correlations - p),
                                  b.chunk_correlations,
                                  b.n_correlations,
                                  b.channel_step};
                spread(to, piece);
            }
        if (b.kind == DatasetKind::vis) clear_flags(to);
    }

    void spread(RowTarget const& to, Piece const& piece) const
    {
        switch (cell.args.batch.element) {
            case Element::complex_f32:
                return spread_vis<float>(to, piece);
            case Element::complex_f64:
                return spread_vis<double>(to, piece);
            case Element::complex_i16:
                return spread_vis<std::int16_t>(to, piece);
            case Element::complex_i32:
                return spread_vis<std::int32_t>(to, piece);
            case Element::u8:
                return spread_flags(to, piece);
            case Element::f32:
                return spread_counts<float>(to, piece);
            case Element::f64:
                return spread_counts<double>(to, piece);
        }
    }

    template<class T>
    void spread_vis(RowTarget const& to, Piece const& piece) const
    {
        auto const* from = static_cast<T const*>(cell.args.batch.data) + 2 * piece.from;
        Vis* const out = &cell.args.vis(to.integration, to.baseline, piece.channel, 0);
        if (piece.whole())
            copy_vis(from, piece, out);
        else
            for_samples(piece, [&](Index i, Index k) {
                out[k] = {static_cast<float>(from[2 * i]), static_cast<float>(from[2 * i + 1])};
            });
    }

    void spread_flags(RowTarget const& to, Piece const& piece) const
    {
        auto const* from = static_cast<std::uint8_t const*>(cell.args.batch.data) + piece.from;
        std::uint8_t* const flag = &cell.args.flag(to.integration, to.baseline, piece.channel, 0);
        for_samples(piece, [=](Index i, Index k) {
            flag[k] = static_cast<std::uint8_t>(flag[k] | (from[i] != 0 ? flag_file : 0));
        });
    }

    template<class T>
    void spread_counts(RowTarget const& to, Piece const& piece) const
    {
        auto const* from = static_cast<T const*>(cell.args.batch.data) + piece.from;
        float* const weight = &cell.args.weight(to.integration, to.baseline, piece.channel, 0);
        std::uint8_t* const flag = &cell.args.flag(to.integration, to.baseline, piece.channel, 0);
        for_samples(piece, [=](Index i, Index k) {
            auto const n = static_cast<float>(from[i]);
            bool const usable = n > 0 && n < 3.0e38F;
            weight[k] = usable ? n : 0;
            flag[k] = static_cast<std::uint8_t>(flag[k] | (usable ? 0 : flag_file));
        });
    }

    void place_row(RowTarget const& to, Index r) const
    {
        auto const& b = cell.args.batch;
        for (Index c0 = 0; c0 < b.n_channels; c0 += b.chunk_channels)
            for (Index p0 = 0; p0 < b.n_correlations; p0 += b.chunk_correlations) {
                Index const start = b.offset(r, c0, p0);
                Index const n = std::min(b.chunk_channels, b.n_channels - c0);
                Index const m = std::min(b.chunk_correlations, b.n_correlations - p0);
                for (Index c = 0; c < n; ++c)
                    for (Index p = 0; p < m; ++p) cell.place(to, c0 + c, p0 + p, start + c * b.chunk_correlations + p);
            }
    }
};

}  // namespace nocturne
