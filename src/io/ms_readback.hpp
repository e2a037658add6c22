// Reads a Measurement Set back through casacore and compares it with what was handed to its writers. Call it in a child process.
#pragma once

#include "io/ms_writer.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct MsReadback {
    std::int64_t rows = 0;
    std::uint64_t bytes_compared = 0;
};

/// Opens `directory` as casacore's users do and checks: the number of rows; the shape of each tiled column in its first and last row;
/// that the time, antennas and field of the first and last row are those planned; and the content of every sample. Throws Error(io)
/// that names the column and the rows that differ.
MsReadback read_back(std::string const& directory, MsRequest const& request, std::vector<MsSample> const& samples);

}  // namespace nocturne
