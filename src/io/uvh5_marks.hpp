// Flags and nsamples of one file as they stand in it. Enters: the header of a UVH5 file. Leaves: a byte and a number for each sample, in
// the order of its rows.
#pragma once

#include "io/uvh5_header.hpp"

#include <cstdint>
#include <vector>

namespace nocturne {

struct Uvh5Marks {
    std::vector<std::uint8_t> flag;  ///< [row][stored channel][stored correlation], not 0 = flagged
    std::vector<float> nsamples;     ///< the same
};

/// Throws Error(bad_input) naming file and dataset.
Uvh5Marks read_marks(FileHeader const& header);

}  // namespace nocturne
