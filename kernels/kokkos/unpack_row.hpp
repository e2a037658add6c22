// Rows of `unpack` on the host. Rows of single-precision visibilities whose chunks hold one of two correlations each
// (DSA-110) are interleaved four channels at a time; all others go through the body, chunk by chunk.
#pragma once

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

    void operator()(Index r) const
    {
        RowTarget const to = cell.args.batch.rows(r);
        if (to.integration < 0) return;
        pairs && !to.swapped ? interleave_row(to, r) : place_row(to, r);
    }

    void interleave_row(RowTarget const& to, Index r) const
    {
        auto const& b = cell.args.batch;
        bool const falling = b.channel_step < 0;
        auto const* data = static_cast<Vis const*>(b.data);
        for (Index c = 0; c < b.n_channels; c += b.chunk_channels) {
            Index const n = std::min(b.chunk_channels, b.n_channels - c);
            Index const lowest = b.first_channel + (falling ? 1 - c - n : c);
            Vis* out = &cell.args.vis(to.integration, to.baseline, lowest, 0);
            auto const* x = data + b.offset(r, c, 0);
            auto const* y = data + b.offset(r, c, 1);
            bool const aligned = reinterpret_cast<std::uintptr_t>(out) % sizeof(Four) == 0 && n % 4 == 0;
            aligned ? interleave<true>(x, y, n, falling, out) : interleave<false>(x, y, n, falling, out);
        }
        Index const low = b.first_channel + (falling ? 1 - b.n_channels : 0);
        std::uint8_t* flag = &cell.args.flag(to.integration, to.baseline, low, 0);
        std::memset(flag, 0, static_cast<std::size_t>(2 * b.n_channels));
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
