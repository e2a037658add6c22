// A group in memory, with the request for its Measurement Set.
#pragma once

#include "io/ms_request.hpp"
#include "nocturne/vis_block.hpp"

#include <string>
#include <utility>
#include <vector>

namespace nocturne::test {

/// A group of values that say where they stand, in one block of memory.
struct MsGroup {
    MsRequest request;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight;
    std::vector<double> uvw;

    Index nt() const { return std::ssize(request.header.time_mjd_s); }
    Index nb() const { return std::ssize(request.header.baselines); }
    Index nc() const { return std::ssize(request.header.freq_hz); }
    Index np() const { return std::ssize(request.header.correlations); }

    MsGroup(Index nt, int antennas, std::vector<std::int64_t> const& subbands, std::vector<Correlation> correlations)
    {
        auto& h = request.header;
        h.group_id = "2026-03-01T05:00:00";
        h.site = {"OVRO_MMA", 0.65, -2.06, 1188, "header"};
        h.correlations = std::move(correlations);
        for (int a = 0; a < antennas; ++a)
            h.antennas.push_back({"ant" + std::to_string(a), 2 * a, {10.0 * a, -20.0 * a, 3.0}, 4.65});
        for (std::int32_t b = 0; b < antennas; ++b)
            for (std::int32_t a = 0; a <= b; ++a) h.baselines.push_back({a, b});
        for (Index t = 0; t < nt; ++t) {
            h.time_mjd_s.push_back(61100 * day_s + 12.885 * static_cast<double>(t));
            h.integration_s.push_back(12.885);
            request.field_of_moment.push_back(static_cast<std::int32_t>(t));
            request.scan_of_moment.push_back(static_cast<std::int32_t>(t + 1));
            request.fields.push_back(
                {"meridian_icrs_t" + std::to_string(t), {Radians(0.1 * static_cast<double>(t)), Radians(0.5)}});
        }
        std::int64_t first = 0;
        for (auto n : subbands) {
            h.subbands.push_back({static_cast<int>(h.subbands.size()), "f", 1, "", first, n});
            for (std::int64_t c = 0; c < n; ++c) {
                h.freq_hz.push_back(1.3e9 + 250e3 * static_cast<double>(first + c));
                h.channel_width_hz.push_back(250e3);
            }
            first += n;
        }
        request.telescope_name = "DSA_110";
        request.history = {"one line", "another"};
        request.version = "0.0.test";
        fill();
    }

    void fill()
    {
        auto const n = static_cast<std::size_t>(nt() * nb() * nc() * np());
        for (std::size_t i = 0; i < n; ++i) {
            vis.push_back({static_cast<float>(i), static_cast<float>(i % 97) - 40});
            flag.push_back(i % 7 == 0 ? flag_rfi : (i % 5 == 0 ? flag_auto : 0));
            weight.push_back(static_cast<float>(1 + i % 11));
        }
        for (Index i = 0; i < nt() * nb() * 3; ++i) uvw.push_back(0.25 * static_cast<double>(i) - 7);
    }

    VisBlock block(Index first, Index n)
    {
        VisBlock all{0, make_view(vis.data(), nt(), nb(), nc(), np()), make_view(flag.data(), nt(), nb(), nc(), np()),
                     make_view(static_cast<float const*>(weight.data()), nt(), nb(), nc(), np()),
                     make_view(uvw.data(), nt(), nb(), Index(3))};
        return all.baselines(first, n);
    }

    std::size_t at(Index t, Index b, Index c, Index p) const
    {
        return static_cast<std::size_t>(((t * nb() + b) * nc() + c) * np() + p);
    }
};

}  // namespace nocturne::test
