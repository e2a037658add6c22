// A sink that spreads batches over plain arrays, one sample at a time, for tests of the reader without kernels.
#pragma once

#include "io/group_reader.hpp"

#include <complex>
#include <cstring>
#include <limits>
#include <vector>

namespace nocturne::test {

/// Arrays [integration][baseline][channel][correlation] over the whole group; NaN and −1 where nothing arrived.
class PlainSink : public ChunkSink {
public:
    explicit PlainSink(GroupHeader const& header, Index n_baselines)
        : nb(n_baselines),
          nc(static_cast<Index>(header.freq_hz.size())),
          np(static_cast<Index>(header.correlations.size()))
    {
        auto const n = header.time_mjd_s.size() * static_cast<std::size_t>(nb * nc * np);
        vis.assign(n, std::numeric_limits<double>::quiet_NaN());
        flag.assign(n, -1);
        nsamples.assign(n, -1);
    }

    std::size_t at(Index t, Index b, Index c, Index p) const
    {
        return static_cast<std::size_t>(((t * nb + b) * nc + c) * np + p);
    }

    void put(ChunkBatch const& b) override
    {
        ++n_batches;
        for (Index r = 0; r < b.rows.extent[0]; ++r) {
            RowTarget const to = b.rows(r);
            if (to.integration < 0) continue;
            for (Index c = 0; c < b.n_channels; ++c)
                for (Index p = 0; p < b.n_correlations; ++p) {
                    Index const q = to.swapped ? b.swapped_correlation[p] : p;
                    auto const value = sample(b, r, c, p);
                    auto const i = at(to.integration, to.baseline, b.first_channel + c * b.channel_step, q);
                    if (b.kind == DatasetKind::vis) vis[i] = to.swapped ? std::conj(value) : value;
                    if (b.kind == DatasetKind::flag) flag[i] = static_cast<int>(value.real());
                    if (b.kind == DatasetKind::nsamples) nsamples[i] = value.real();
                }
        }
    }

    static std::complex<double> sample(ChunkBatch const& b, Index r, Index c, Index p)
    {
        Index const band = r / b.chunk_rows, cf = c / b.chunk_channels, cp = p / b.chunk_correlations;
        Index const chunk = (band * b.n_channel_chunks + cf) * b.n_correlation_chunks + cp;
        Index const i = ((chunk * b.chunk_rows + r % b.chunk_rows) * b.chunk_channels + c % b.chunk_channels) *
                            b.chunk_correlations +
                        p % b.chunk_correlations;
        auto const* data = static_cast<char const*>(b.data) + i * element_bytes(b.element);
        auto const as = [&]<class T>(T) {
            T value;
            std::memcpy(&value, data, sizeof value);
            return static_cast<double>(value);
        };
        auto const pair = [&]<class T>(T zero) {
            double const re = as(zero);
            data += sizeof(T);
            return std::complex<double>(re, as(zero));
        };
        switch (b.element) {
            case Element::complex_f32:
                return pair(float());
            case Element::complex_f64:
                return pair(double());
            case Element::complex_i16:
                return pair(std::int16_t());
            case Element::complex_i32:
                return pair(std::int32_t());
            case Element::u8:
                return as(std::uint8_t());
            case Element::f32:
                return as(float());
            case Element::f64:
                return as(double());
        }
        return 0;
    }

    Index nb, nc, np, n_batches = 0;
    std::vector<std::complex<double>> vis;
    std::vector<int> flag;
    std::vector<double> nsamples;
};

}  // namespace nocturne::test
