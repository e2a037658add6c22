// File names and the cheap checks before a file joins a group. Enters: a path. Leaves: what its name says, and whether the
// file is worth opening, with a reason code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace nocturne {

namespace hdf5 {
class Handle;
}

/// What `{UTC of opening}_sbNN.hdf5` says.
struct SubbandName {
    std::string stamp;       ///< "2026-03-01T05:00:00"
    int subband = 0;         ///< NN; sb00 is the highest frequency
    double stamp_mjd_s = 0;  ///< UTC of the stamp
};

/// nullopt where the base name of `path` does not follow the grammar (contract A1.1), or the date does not exist.
std::optional<SubbandName> parse_subband_name(std::string const& path);

/// True for `…_incomplete.hdf5`: the correlator is still writing it.
bool is_incomplete_name(std::string const& path);

/// .hdf5, .h5 or .uvh5, in small or capital letters.
bool named_like_hdf5(std::string const& path);

/// "{stamp}_sbNN.hdf5".
std::string subband_file_name(std::string const& stamp, int subband);

enum class ProbeResult {
    good,
    missing,     ///< does not exist
    unreadable,  ///< permissions
    empty,       ///< 0 bytes
    incomplete,  ///< named as still being written
    truncated,   ///< shorter than its own header says
    not_hdf5,
    no_header,  ///< neither Header nor Data
    no_times,   ///< Header/time_array absent or empty
    damaged,    ///< anything else HDF5 refuses
};
const char* name(ProbeResult result);               ///< "good", "missing", …: as in the database
ProbeResult probe_result(std::string const& word);  ///< the other way; `damaged` where it is none of them

struct Probe {
    ProbeResult result = ProbeResult::good;
    std::string reason;  ///< one sentence; for `good`, a warning ("smaller than 1 KiB") or empty
    std::uint64_t bytes = 0;
    double modified_s = 0;  ///< Unix time of the last change
};

/// What can be said without opening the file: missing, incomplete, empty, unreadable, not a file; else good.
Probe stat_uvh5(std::string const& path);

/// Contract A1.6: exists, readable, not empty, HDF5, not truncated, has Header or Data, Header/time_array not empty.
/// Never throws on a bad file. Reads some kilobytes. HDF5 1.10 can crash on a damaged file: jobs ask a child process instead
/// (driver/probe.hpp). `opened`, where given, gets the open file if it is good.
Probe probe_uvh5(std::string const& path, hdf5::Handle* opened = nullptr);

}  // namespace nocturne
