// A small Measurement Set, written and read back whole.
#pragma once

#include "io/ms_reader.hpp"
#include "nocturne/error.hpp"
#include "tests/unit/io/scratch.hpp"
#include "tests/unit/io/tiny_ms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace nocturne::test {

constexpr double start_s = 61100 * day_s;

/// Two times, three baselines, as CASA orders them.
inline TinyMs plain()
{
    TinyMs set;
    set.antennas_itrf_m = test::three_antennas();
    for (int t = 0; t < 2; ++t)
        for (auto const& [a, b] : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
            TinyMs::Row row;
            row.time_s = start_s + 10 * t;
            row.ant1 = a;
            row.ant2 = b;
            row.uvw_m = test::casa_uvw(set, a, b, row.time_s, set.fields[0].ra, set.fields[0].dec);
            set.rows.push_back(row);
        }
    return set;
}

/// All samples of a reader.
struct Read {
    GroupHeader header;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight;
    std::vector<std::string> notes;
    float constant_weight = 0;

    Read(TinyMs const& set, MsOptions const& options = {}, Index span = 1000)
    {
        Scratch const scratch;
        set.write(scratch / "x.ms");
        MsReader reader(scratch / "x.ms", options);
        header = reader.header();
        notes = reader.notes();
        constant_weight = reader.constant_weight();
        auto const nt = std::ssize(header.time_mjd_s), nb = std::ssize(header.baselines),
                   nc = std::ssize(header.freq_hz), np = std::ssize(header.correlations);
        vis.resize(static_cast<std::size_t>(nt * nb * nc * np));
        flag.resize(vis.size(), 99);
        weight.resize(vis.size(), -1);
        for (Index first = 0; first < nb; first += span) {
            Index const n = std::min(span, nb - first);
            std::vector<Vis> v(static_cast<std::size_t>(nt * n * nc * np));
            std::vector<std::uint8_t> f(v.size());
            std::vector<float> w(v.size());
            MsTarget target{make_view(v.data(), nt, n, nc, np), make_view(f.data(), nt, n, nc, np), {}};
            if (constant_weight == 0) target.weight = make_view(w.data(), nt, n, nc, np);
            reader.read(first, n, target);
            for (Index t = 0; t < nt; ++t)
                for (Index i = 0; i < n * nc * np; ++i) {
                    auto const to = static_cast<std::size_t>((t * nb + first) * nc * np + i);
                    auto const from = static_cast<std::size_t>(t * n * nc * np + i);
                    vis[to] = v[from];
                    flag[to] = f[from];
                    weight[to] = w[from];
                }
        }
    }

    std::size_t at(Index t, Index b, Index c, Index p) const
    {
        return static_cast<std::size_t>(((t * std::ssize(header.baselines) + b) * std::ssize(header.freq_hz) + c) *
                                            std::ssize(header.correlations) +
                                        p);
    }
};

/// The error that reading gives.
inline Error error_of(TinyMs const& set, MsOptions const& options = {})
{
    try {
        Read const read(set, options);
    } catch (Error const& error) {
        return error;
    }
    ADD_FAILURE() << "it was read";
    return Error(Code::defect, "", "", "");
}

inline bool says(Error const& error, std::string const& words)
{
    return std::string(error.what()).find(words) != std::string::npos;
}

}  // namespace nocturne::test
