// The samples of a Measurement Set, written beside casacore. Enters: blocks of baselines, in any order, from any number of
// processes. Leaves: the tiles of every column of tiled_columns(), which create_measurement_set() left empty.
//
// A tile of these columns spans whole rows, so a column's file is one row after another: each process writes its own rows with
// pwrite, nothing is read back, and a full disk is an Error(io) and not the end of the process.
#pragma once

#include "io/ms_rows.hpp"
#include "nocturne/vis_block.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nocturne {

/// What was handed over for some rows of a hypercube; read_back() compares.
struct MsSample {
    MsColumn column = MsColumn::data;
    std::int64_t first_row = 0, n_rows = 0;  ///< of the table; one moment and one window
    std::string xxh128;                      ///< of the bytes as they stand in the file
};

/// CORRECTED_DATA = conj(vis), DATA the same or, where the block has them, conj(raw_vis); UVW = −uvw_m; MODEL_DATA = 1 on parallel hands and Stokes I, else 0; WEIGHT_SPECTRUM = weight;
/// WEIGHT = its median over the channels of the window, SIGMA = WEIGHT^−1/2 (0 where WEIGHT is 0; of raw_weight where the
/// block has one); FLAG = any reason but flag_auto
/// alone. Samples that no file has are zeros: vis and weight.
class MsWriter {
public:
    /// Opens the files below `directory`; `named` is how errors name the set. Throws Error(io, cannot_create).
    MsWriter(std::string directory, std::string named, MsRequest const& request);
    ~MsWriter();
    MsWriter(MsWriter const&) = delete;
    MsWriter& operator=(MsWriter const&) = delete;

    /// Writes all integrations of the block's baselines. Memory of the host, channels and correlations contiguous.
    void write(VisBlock const& block);
    /// Pushes what this process wrote to the medium, and closes. Throws Error(io).
    void sync();

    std::int64_t rows_written() const;  ///< rows of the table
    std::uint64_t bytes_written() const;
    std::vector<MsSample> const& samples() const;  ///< at most most_samples, spread over what was written

    static constexpr std::size_t most_samples = 512;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace nocturne
