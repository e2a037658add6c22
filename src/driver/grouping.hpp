// Files to groups by the time stamps of their names: one routine for scan, watch and re-index. Pure: names, times and sizes
// enter, groups leave; neither the order of the files nor the clock matters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

/// A file whose name follows the grammar `{stamp}_sbNN.hdf5`.
struct NamedFile {
    std::string path;
    std::string stamp;       ///< "2026-03-01T05:00:00"
    double stamp_mjd_s = 0;  ///< UTC of the stamp
    int subband = 0;         ///< NN
    double modified_s = 0;   ///< Unix time of the last change
    std::uint64_t bytes = 0;
    bool usable = true;  ///< false: it names its group, but cannot be read
};

struct GroupingOptions {
    int expected_subbands = 16;
    /// Farthest a file may lie from its group's time. Unset: 60 s, or less than half the cadence where that is shorter.
    std::optional<double> tolerance_s;
    double duration_s = 0;  ///< of one file; 0 = unknown
};

/// Indices into the files that were given.
struct FileGroup {
    std::string group_id;             ///< stamp of sb00, or of the lowest subband that is there
    double stamp_mjd_s = 0;           ///< of group_id
    std::vector<std::size_t> chosen;  ///< by rising subband, one each
    struct Loser {
        std::size_t file, winner;
    };
    std::vector<Loser> superseded;  ///< same subband, older (or smaller, or later in the alphabet)
    std::vector<std::size_t> unusable;
    std::vector<int> missing;  ///< subbands without a chosen file
};

struct Grouping {
    std::vector<FileGroup> groups;          ///< by rising time
    std::vector<std::size_t> out_of_range;  ///< subband index ≥ expected
    double tolerance_s = 60;                ///< that was used
    std::optional<double> cadence_s;  ///< from successive files of one subband, else the duration; unset where unknown
};

/// Every file joins the nearest group within the tolerance (dsa110-contimg's rule, ±60 s); a group stands at its lowest
/// subband's stamp. Of several files of one subband the newest wins, then the largest, then the first by path. Throws
/// Error(bad_config) where the tolerance asked for is not below half the cadence: neighbours could not be told apart.
Grouping group_files(std::vector<NamedFile> const& files, GroupingOptions const& options);

}  // namespace nocturne
