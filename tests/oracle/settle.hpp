// Oracle of `settle`: the sentences of its contract on one baseline's plane.
#pragma once

#include <complex>
#include <vector>

namespace nocturne::oracle {

using Plane = std::vector<std::vector<std::vector<unsigned>>>;  ///< flags [integration][channel][correlation]
using Samples = std::vector<std::vector<std::vector<std::complex<double>>>>;

inline Plane settle(Samples const& vis, Plane flags, std::vector<double> const& limit, double grow_time,
                    double grow_freq)
{
    std::size_t const nt = flags.size(), nc = flags[0].size(), np = limit.size();
    auto const hit = [&](std::size_t t, std::size_t c) {
        for (unsigned f : flags[t][c])
            if (f & 64U) return true;
        return false;
    };
    auto const usable = [&](std::size_t t, std::size_t c) {
        bool there = false;
        for (unsigned f : flags[t][c]) {
            bool const missing = f & 1U;
            if (!missing && (f & 63U)) return false;
            there = there || !missing;
        }
        return there;
    };
    auto const mark = [&](std::size_t t, std::size_t c) {
        for (unsigned& f : flags[t][c]) f |= 64U;
    };
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c) {
            bool found = hit(t, c);
            for (std::size_t p = 0; p < np; ++p) found |= flags[t][c][p] == 0 && std::norm(vis[t][c][p]) > limit[p];
            if (found) mark(t, c);
        }
    std::vector<std::pair<double, double>> channel(nc), row(nt);  // hits, usable
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c)
            if (usable(t, c)) {
                channel[c].second += 1, row[t].second += 1;
                channel[c].first += hit(t, c), row[t].first += hit(t, c);
            }
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c)
            if ((channel[c].first > 0 && channel[c].first > grow_time * channel[c].second) ||
                (row[t].first > 0 && row[t].first > grow_freq * row[t].second))
                mark(t, c);
    return flags;
}

}  // namespace nocturne::oracle
