// A group of computed visibilities to files. Enters: a header and whoever fills rows. Leaves: one file a subband in DSA-110's
// own layout, memory for one subband at a time.
#pragma once

#include "io/uvh5_header.hpp"
#include "nocturne/group.hpp"
#include "nocturne/view.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nocturne::cli {

/// Fills out[integration][baseline][n][correlation], channels [first, first + n) ascending.
using FillChannels = std::function<void(Index first, Index n, View<Vis, 4> out)>;

struct FilePlan {
    std::string path;
    int subband = 0;         ///< Subband::index
    bool descending = true;  ///< order of channels in the file
    /// The file has the rows of this one, in its order, its correlations, flags and nsamples; null: all rows, none flagged.
    std::shared_ptr<FileHeader const> like{};
};

struct GroupContent {
    std::string instrument, history;
    float nsamples = 1;  ///< where a file is not to have another's
    FillChannels fill;
    bool double_uvw = false;  ///< of the files; DSA-110's are in single precision
};

/// Writes the files of `plan`, one after another. Data must be on the meridian or unphased (phase_type drift); else
/// Error(bad_input).
void write_group(GroupHeader const& header, std::vector<FilePlan> const& plan, GroupContent const& content);

}  // namespace nocturne::cli
