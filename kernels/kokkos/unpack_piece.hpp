// Pieces of rows of `unpack` on the host: what one chunk holds of a row. Enters: elements, channel by channel. Leaves: samples of a
// block's row, channels rising or falling.
#pragma once

#include "nocturne/view.hpp"
#include "nocturne/vis.hpp"

#include <cstdint>

#include <immintrin.h>

namespace nocturne {

struct Piece {
    Index from;                    ///< its first element in the batch
    Index channel, correlation;    ///< where that goes
    Index channels, correlations;  ///< so many of them
    Index from_stride, to_stride;  ///< elements from channel to channel
    Index step;                    ///< +1 or −1: the order of channels

    /// Samples of a channel stand together, here and there.
    bool whole() const { return correlations == from_stride && correlations == to_stride; }
};

/// use(i, k) for every sample: i elements from the piece's first, k samples from the block's (piece.channel, 0).
template<class Use>
void for_samples(Piece const& piece, Use const& use)
{
    if (piece.whole() && piece.step > 0) {
        Index const n = piece.channels * piece.correlations;
        for (Index i = 0; i < n; ++i) use(i, i);
        return;
    }
    for (Index c = 0; c < piece.channels; ++c)
        for (Index p = 0; p < piece.correlations; ++p)
            use(c * piece.from_stride + p, piece.step * c * piece.to_stride + piece.correlation + p);
}

/// Eight numbers as floats.
inline __m256 load_eight(float const* from) { return _mm256_loadu_ps(from); }
inline __m256 load_eight(double const* from)
{
    return _mm256_set_m128(_mm256_cvtpd_ps(_mm256_loadu_pd(from + 4)), _mm256_cvtpd_ps(_mm256_loadu_pd(from)));
}
inline __m256 load_eight(std::int32_t const* from)
{
    return _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(from)));
}
inline __m256 load_eight(std::int16_t const* from)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<__m128i const*>(from))));
}

/// Four visibilities with their channels in the other order, for 1, 2 or 4 correlations.
inline __m256 turned(__m256 four, Index correlations)
{
    if (correlations == 4) return four;
    if (correlations == 2) return _mm256_permute2f128_ps(four, four, 1);
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(four), 0x1B));
}

/// A whole piece of visibilities, past the cache where `first` (the lowest sample written) is aligned.
template<class T>
void copy_vis(T const* from, Piece const& piece, Vis* out)
{
    Index const n = piece.channels * piece.correlations;
    bool const falling = piece.step < 0;
    bool const turns = piece.correlations == 1 || piece.correlations == 2 || piece.correlations == 4;
    Vis* const low = falling ? out - (piece.channels - 1) * piece.correlations : out;
    Index done = 0;
    if (!falling || turns) {
        bool const aligned = reinterpret_cast<std::uintptr_t>(low) % 32 == 0 && (!falling || n % 4 == 0);
        for (; done + 4 <= n; done += 4) {
            __m256 four = load_eight(from + 2 * done);
            if (falling) four = turned(four, piece.correlations);
            auto* const to = reinterpret_cast<float*>(low + (falling ? n - 4 - done : done));
            aligned ? _mm256_stream_ps(to, four) : _mm256_storeu_ps(to, four);
        }
    }
    for (; done < n; ++done) {
        Index const c = done / piece.correlations, p = done % piece.correlations;
        Vis& to = falling ? out[p - c * piece.correlations] : out[done];
        to = {static_cast<float>(from[2 * done]), static_cast<float>(from[2 * done + 1])};
    }
}

}  // namespace nocturne
