// A span of a Measurement Set in shared memory: where vis, weight and flag lie in one slot. Computed alike by the program and
// by the child that fills it.
#pragma once

#include "io/ms_reader.hpp"
#include "nocturne/group.hpp"
#include "nocturne/set_layout.hpp"

#include <cstddef>

namespace nocturne {

struct MsSlot {
    Index n_integrations = 0, n_baselines = 0, n_channels = 0, n_correlations = 0;
    bool has_weight = false, has_model = false;

    /// What of each sample is there beside visibility and flag.
    struct Columns {
        bool weight = false, model = false;
    };
    static MsSlot of(GroupHeader const& header, Index n_baselines, Columns columns)
    {
        return {std::ssize(header.time_mjd_s),   n_baselines,    std::ssize(header.freq_hz),
                std::ssize(header.correlations), columns.weight, columns.model};
    }
    std::size_t samples() const
    {
        return static_cast<std::size_t>(n_integrations * n_baselines * n_channels * n_correlations);
    }
    std::size_t model_at() const { return samples() * sizeof(Vis); }
    std::size_t weight_at() const { return model_at() + (has_model ? samples() * sizeof(Vis) : 0); }
    std::size_t flag_at() const { return weight_at() + (has_weight ? samples() * sizeof(float) : 0); }
    std::size_t bytes() const { return (flag_at() + samples() + 4095) / 4096 * 4096; }

    /// Views into memory that begins at `base`.
    MsTarget views(std::byte* base) const
    {
        MsTarget target;
        target.vis = make_view(reinterpret_cast<Vis*>(base), n_integrations, n_baselines, n_channels, n_correlations);
        target.flag = make_view(reinterpret_cast<std::uint8_t*>(base + flag_at()), n_integrations, n_baselines,
                                n_channels, n_correlations);
        if (has_weight)
            target.weight = make_view(reinterpret_cast<float*>(base + weight_at()), n_integrations, n_baselines,
                                      n_channels, n_correlations);
        if (has_model)
            target.model = make_view(reinterpret_cast<Vis*>(base + model_at()), n_integrations, n_baselines, n_channels,
                                     n_correlations);
        return target;
    }
};

/// The lists of a header that are as long as its rows: they travel through shared memory, the rest as JSON.
struct MsLists {
    std::size_t n_uvw = 0, n_exposure = 0, n_row_of = 0, n_moment_of = 0, n_present = 0, n_turned = 0, n_offset = 0;

    static MsLists of(GroupHeader const& header)
    {
        return {header.file_uvw_m.size(), header.exposure_s.size(),  header.set->row_of.size(), header.moment_of.size(),
                header.present.size(),    header.set->turned.size(), header.offset_s.size()};
    }
    std::size_t bytes() const
    {
        return 8 * (n_uvw + n_exposure + n_offset + n_row_of) + 4 * n_moment_of + n_present + n_turned;
    }
};

}  // namespace nocturne
