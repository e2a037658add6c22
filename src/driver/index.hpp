// The index: what lies in a directory, which groups that makes, and what is wrong with the rest. Enters: a directory and the
// database. Leaves: rows of hdf5_files, subband_files and ingest_queue, and a report.
#pragma once

#include "db/groups.hpp"
#include "driver/probe.hpp"
#include "nocturne/error.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nocturne {

/// Which files a scan hashes: none, those that are new or changed (size or time of change), or all. `later`: those that changed or
/// that may be a copy of one that is known; whoever opens the others hashes them.
enum class Hashing { off, later, changed, all };

/// Which files a group may have: those of the scanned directory alone, or copies and parts in other directories that the database
/// knows, too.
enum class Reach { directory, database };

/// Looks at many new files at once; what it says nothing of is looked at one by one.
using LookAtMany = std::function<std::map<std::string, ProbedFile>(std::vector<std::string> const& paths)>;

struct ScanOptions {
    std::string pattern;                        ///< glob on base names; other files are left as they are; "" = all
    std::optional<double> cluster_tolerance_s;  ///< unset: 60 s, less where the cadence is short (group_files)
    int expected_subbands = 16;
    int min_subbands = 12;         ///< a group with fewer waits (collecting)
    double partial_after_s = 600;  ///< an incomplete group is ready when no file came for so long
    double unfinished_s = 0;       ///< a bad file that changed less than this ago is skipped as unfinished
    Hashing hashing = Hashing::changed;
    Reach reach = Reach::database;
    LookAtMany look_at_many = {};
    std::function<void(std::size_t done, std::size_t of, std::string const& path)> progress = {};
};

struct ScanReport {
    struct Remark {
        std::string path, reason;
    };
    std::string directory;               ///< absolute
    std::vector<std::string> group_ids;  ///< groups with a file in the directory, by rising time
    std::set<std::string> arriving;      ///< groups that lack files and may still get them
    std::size_t files = 0;               ///< files of the directory that are part of a group
    db::ScanCounts counts;
    std::vector<Remark> rejected;      ///< bad input
    std::vector<Remark> skipped;       ///< still being written
    std::vector<Remark> superseded;    ///< another file of the same group and subband is newer
    std::vector<std::string> foreign;  ///< none of ours
    std::vector<std::string> missing;  ///< recorded before, gone now
    double tolerance_s = 60;
    std::optional<double> cadence_s;

    /// Nothing was there that could be data, and nothing ever was.
    bool nothing() const { return group_ids.empty() && rejected.empty() && skipped.empty() && missing.empty(); }
    /// 65 where a file was rejected, else 0.
    int exit_code() const { return rejected.empty() ? 0 : nocturne::exit_code(Code::bad_input); }
};

/// Scans the files of `directory` (not of its subdirectories), or the one Measurement Set that it is, and stores what it found in one transaction; the same scan
/// again changes nothing. UVH5 files whose names do not follow the grammar become groups of one subband, named by their
/// stem. A group with a damaged file and no other file for that subband is failed (65) until the file is replaced or taken
/// away. Throws Error(input_missing) where the directory is not there, Error(bad_config) as group_files does.
ScanReport scan_directory(std::string const& directory, ScanOptions const& options, db::Session& session);

}  // namespace nocturne
