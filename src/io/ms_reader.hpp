// Measurement Sets, read by ranges of baselines through casacore. Enters: the path of a table directory. Leaves: a group's
// header, and its visibilities in UVH5's convention: V = conj(DATA) and uvw = −UVW where ant1 < ant2 and UVW is r1 − r2 (else GroupHeader::mirrored); channels ascending.
//
// casacore may end the process on a damaged table: programs run this in a child (src/driver/ms_source.hpp).
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/vis_block.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nocturne {

/// What of a Measurement Set is read.
struct MsOptions {
    std::string column = "DATA";  ///< of complex visibilities: DATA, CORRECTED_DATA, MODEL_DATA, …
    std::string field;            ///< name or number of the one FIELD; "" = all
    std::string spw;              ///< numbers of SPECTRAL_WINDOW, "0", "0,2" or "0~3"; "" = all that have data
    std::string model = {};       ///< column of model visibilities to read beside them; "" = none
};

/// Where `read` puts samples: [integration][baseline][channel][correlation] of the baselines asked for, row-major.
struct MsTarget {
    View<Vis, 4> vis;
    View<std::uint8_t, 4> flag;  ///< flag_missing, flag_file or 0
    View<float, 4> weight;       ///< null where constant_weight() is positive
    View<Vis, 4> model = {};     ///< null where no model column was asked for
};

class MsReader {
public:
    /// Opens the tables read-only and without locks (nothing in the directory changes), maps the rows. Throws
    /// Error(input_missing) or Error(bad_input) naming the subtable and column.
    explicit MsReader(std::string const& path, MsOptions const& options = {});
    ~MsReader();
    MsReader(MsReader const&) = delete;
    MsReader& operator=(MsReader const&) = delete;

    GroupHeader const& header() const;
    std::vector<std::string> const& notes() const;  ///< oddities worth a line in a log
    /// The one positive WEIGHT of all rows where there is no WEIGHT_SPECTRUM; else 0.
    float constant_weight() const;

    /// Reads the baselines first … first + n − 1. vis of absent rows and windows is 0 and flag_missing; flag_file is FLAG or
    /// FLAG_ROW, or a weight that is 0, negative or not finite (the weight becomes 0). Values that are not finite stay.
    void read(Index first, Index n, MsTarget const& target);

    std::uint64_t bytes_read() const;  ///< of samples, so far

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// True for a directory that holds a casacore table whose table.info says Measurement Set (or that has its main columns'
/// subtables); no table is opened.
bool is_measurement_set(std::string const& path);

/// True for a directory that would be one, had it not lost its table.dat.
bool is_headless_set(std::string const& path);

/// True for a directory that holds a casacore table which is none: solutions, or a subtable by itself.
bool is_other_table(std::string const& path);

/// Bytes of all files under a directory.
std::uint64_t tree_bytes(std::string const& path);

/// xxh3-128 (32 hex digits) over the sorted relative paths of the files of a directory, their sizes and their contents. table.lock files
/// are left out: other programs write them while they read.
std::string hash_tree(std::string const& path);

/// Of an input of either kind: hash_tree of a directory, hash_file of a file; bytes alike.
std::string content_hash(std::string const& path);
std::uint64_t content_bytes(std::string const& path);
/// When any file below the directory (table.lock apart) was last changed, seconds since 1970.
double tree_modified_s(std::string const& path);

}  // namespace nocturne
