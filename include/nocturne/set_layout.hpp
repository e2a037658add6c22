// How a Measurement Set is laid out that a group was read from: what one written of the group needs to be like it.
#pragma once

#include "nocturne/vis.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

struct SetLayout {
    /// One DATA_DESC_ID that is read: its channels are [first, first + n) of the group.
    struct Window {
        std::int32_t description = 0;
        std::int64_t first_channel = 0, n_channels = 0;
        /// Channel c of the set is channel first_channel + channel[c] of the group; empty: they ascend in the set too.
        std::vector<std::int32_t> channel;
    };
    std::string path;
    bool phased_by_uvw = false;             ///< pyuvdata wrote it: what it phases it turns by the w that it writes
    std::vector<Window> windows;            ///< by rising frequency
    std::vector<Correlation> correlations;  ///< CORR_TYPE; of a turned row they are those of (ant2, ant1)
    std::vector<std::int64_t> row_of;  ///< [window][integration][baseline] row of the main table; −1: there is none
    std::vector<std::uint8_t> turned;  ///< where row_of is: 1 = ANTENNA1 > ANTENNA2 there; empty: nowhere
    std::vector<std::string> columns;  ///< of CORRECTED_DATA and MODEL_DATA those that the set has
};

}  // namespace nocturne
