// ChunkBatch: samples as a file holds them, with where each goes. What the reader hands out and kernel `unpack` takes.
#pragma once

#include "nocturne/view.hpp"

#include <cstddef>
#include <cstdint>

namespace nocturne {

enum class DatasetKind : std::int32_t { vis, flag, nsamples };

/// The stored type of one sample. Complex types are pairs (re, im), one after the other.
enum class Element : std::int32_t {
    complex_f32,
    complex_f64,
    complex_i16,
    complex_i32,
    u8,   ///< flags: 0 = good
    f32,  ///< nsamples
    f64,
};

constexpr Index element_bytes(Element element)
{
    switch (element) {
        case Element::complex_f32:
        case Element::complex_i32:
        case Element::f64:
            return 8;
        case Element::complex_f64:
            return 16;
        case Element::complex_i16:
        case Element::f32:
            return 4;
        case Element::u8:
            return 1;
    }
    return 0;
}

/// Where one row of a file (one baseline at one time) goes in a block.
struct RowTarget {
    std::int32_t integration = -1;  ///< −1: nowhere (padding of the last chunk, or another block's baseline)
    std::int32_t baseline = 0;      ///< within the block
    std::int32_t swapped = 0;       ///< 1: the file has ant1 > ant2, so V is conjugated and XY, YX change places
};

/// Rows that follow one another in a block: integration · baselines of the block + baseline is `first`, first + 1, …
struct RowRun {
    Index first = 0, n = 0;
    Index n_channels = 0, n_correlations = 0;  ///< of a row
};

/// `n_bands` row bands of one dataset of one file. `data` is
/// [n_bands][n_channel_chunks][n_correlation_chunks][chunk_rows][chunk_channels][chunk_correlations] elements; channels and
/// correlations beyond n_channels and n_correlations are padding. File channel c goes to block channel
/// first_channel + c · channel_step.
struct ChunkBatch {
    static constexpr int max_correlations = 12;

    DatasetKind kind = DatasetKind::vis;
    Element element = Element::complex_f32;
    void const* data = nullptr;     ///< aligned to its element
    View<RowTarget const, 1> rows;  ///< [n_bands · chunk_rows]
    Index n_bands = 0;
    Index n_channel_chunks = 0, n_correlation_chunks = 0;
    Index chunk_rows = 0, chunk_channels = 0, chunk_correlations = 0;
    Index n_channels = 0, n_correlations = 0;
    Index first_channel = 0, channel_step = 1;
    /// Block correlation of file correlation p in a swapped row, −1 = nowhere (XY alone, swapped, is a YX: a block that has none).
    std::int8_t swapped_correlation[max_correlations] = {};

    /// Where row r, channel c and correlation p of the file lie in `data`, in elements.
    NOCT_INLINE Index offset(Index r, Index c, Index p) const
    {
        Index const band = r / chunk_rows, cf = c / chunk_channels, cp = p / chunk_correlations;
        Index const chunk = (band * n_channel_chunks + cf) * n_correlation_chunks + cp;
        return ((chunk * chunk_rows + r - band * chunk_rows) * chunk_channels + c - cf * chunk_channels) *
                   chunk_correlations +
               p - cp * chunk_correlations;
    }

    /// Where row r of the first chunk of its band lies in `data`; chunk k of the band is k · chunk_elements() further.
    NOCT_INLINE Index row_offset(Index r) const
    {
        Index const band = r / chunk_rows;
        return band * band_elements() + (r - band * chunk_rows) * chunk_channels * chunk_correlations;
    }

    NOCT_HD constexpr Index chunk_elements() const { return chunk_rows * chunk_channels * chunk_correlations; }
    NOCT_HD constexpr Index band_elements() const { return n_channel_chunks * n_correlation_chunks * chunk_elements(); }
    std::size_t bytes() const { return static_cast<std::size_t>(n_bands * band_elements() * element_bytes(element)); }
};

}  // namespace nocturne
