// UVH5 files as a source of blocks: reads chunks, hands them to the kernel `unpack`, keeps one span in memory.
#pragma once

#include "driver/run_group.hpp"
#include "io/ms_reader.hpp"

#include <memory>
#include <string>
#include <vector>

namespace nocturne {

struct SourceOptions {
    std::vector<std::string> paths;  ///< the files of one group
    int expected_subbands = 16;
    std::string group_id;
    std::uint64_t memory_bytes = 0;  ///< for one span, of this rank
    MsOptions ms = {};               ///< what of a Measurement Set is read
    int max_readers = 0;             ///< ranks of a node that read at once; 0 = all
};

/// Opens the files and joins their headers; one path may be that of a Measurement Set. Errors name the file and the dataset.
std::unique_ptr<BlockSource> open_group(SourceOptions const& options, Device const& device);

}  // namespace nocturne
