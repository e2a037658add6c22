// Oracle of `unpack`: the file as one plain array [row][channel][correlation] in double precision, one sample at a time, with
// swapped rows as pyuvdata's conjugate_bls turns them: V_ji^pq = conj(V_ij^qp).
#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace nocturne::oracle {

/// Where a sample lands: (integration, baseline, channel, correlation).
using Place = std::tuple<long, long, long, long>;

/// One row of a file.
struct UnpackedRow {
    long integration, baseline;  ///< integration < 0: not of this block
    bool swapped;
};

/// `codes`: UVFITS codes of the file's correlations. `channel_of`[c] = channel of the block.
inline std::map<Place, std::complex<double>> unpack_vis(std::vector<std::complex<double>> const& file,
                                                        std::vector<UnpackedRow> const& rows,
                                                        std::vector<long> const& channel_of,
                                                        std::vector<int> const& codes)
{
    std::map<Place, std::complex<double>> out;
    auto const n_codes = static_cast<long>(codes.size()), n_channels = static_cast<long>(channel_of.size());
    auto const transposed = [](int code) {
        return code == -7 ? -8 : code == -8 ? -7 : code == -3 ? -4 : code == -4 ? -3 : code;
    };
    for (long r = 0; r < static_cast<long>(rows.size()); ++r)
        for (long c = 0; c < n_channels; ++c)
            for (long p = 0; p < n_codes; ++p)
                for (long q = 0; q < n_codes; ++q) {
                    if (rows[r].integration < 0) continue;
                    if (codes[q] != (rows[r].swapped ? transposed(codes[p]) : codes[p])) continue;
                    auto const v = file[(r * n_channels + c) * n_codes + p];
                    out[{rows[r].integration, rows[r].baseline, channel_of[c], q}] = rows[r].swapped ? std::conj(v) : v;
                }
    return out;
}

/// The weight and the flag of a sample whose nsamples is `n` and whose flag was `before`.
inline std::pair<double, std::uint8_t> unpack_nsamples(double n, std::uint8_t before)
{
    if (std::isfinite(n) && n > 0) return {n, before};
    return {0.0, static_cast<std::uint8_t>(before | 2)};
}

}  // namespace nocturne::oracle
