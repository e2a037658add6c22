// VisBlock: a range of baselines of one group, the whole band, all integrations.
#pragma once

#include "nocturne/view.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// Views into memory that somebody else owns. Axes [integration][baseline][channel][correlation]; a baseline's plane of
/// time × frequency never crosses a block. `weight` may broadcast (stride 0) a constant nsamples.
struct VisBlock {
    Index first_baseline = 0;     ///< index into GroupHeader::baselines of baseline 0 of the views
    View<Vis, 4> vis;             ///< Jy
    View<std::uint8_t, 4> flag;   ///< OR of FlagReason
    View<float const, 4> weight;  ///< number of accumulated samples; ≥ 0
    View<double, 3> uvw_m;        ///< [integration][baseline][3], metres, toward the current phase centre
    /// As they stood before stage `apply`, where it kept them for a Measurement Set (GroupState::write_block); else without data.
    View<Vis, 4> raw_vis = {};
    View<float const, 4> raw_weight = {};
    /// What the model column of a Measurement Set predicts, where one was asked for; else without data.
    View<Vis const, 4> model = {};

    Index n_integrations() const { return vis.extent[0]; }
    Index n_baselines() const { return vis.extent[1]; }
    Index n_channels() const { return vis.extent[2]; }
    Index n_correlations() const { return vis.extent[3]; }

    /// The same block over `count` baselines from `first` (counted within this block).
    VisBlock baselines(Index first, Index count) const
    {
        VisBlock part{first_baseline + first, vis.slice(1, first, count), flag.slice(1, first, count),
                      weight.slice(1, first, count), uvw_m.slice(1, first, count)};
        if (raw_vis.data) {
            part.raw_vis = raw_vis.slice(1, first, count);
            part.raw_weight = raw_weight.slice(1, first, count);
        }
        if (model.data) part.model = model.slice(1, first, count);
        return part;
    }
};

}  // namespace nocturne
