// Files that nobody vouches for, looked at in a child process first: what crashes, hangs or overeats there is a damaged file, and
// nothing happens here. Enters: paths. Leaves: verdicts with a reason, and what an index keeps of a good file.
#pragma once

#include "driver/child.hpp"
#include "driver/ranks.hpp"
#include "io/uvh5_files.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

/// What an index keeps of a header. MJD in days, UTC.
struct FileSummary {
    std::string telescope_name;
    std::int64_t n_integrations = 0, n_baselines = 0, n_channels = 0, n_correlations = 0;
    double freq_first_hz = 0, freq_last_hz = 0, start_mjd = 0, end_mjd = 0;
    std::optional<double> dec_deg;  ///< of the phase centre, where there is one
};

struct ProbedFile {
    Probe probe;
    std::optional<FileSummary> summary;  ///< of a good file
};

/// Limits of one probe; memory of the child, time of one file.
struct ProbeLimits {
    std::uint64_t memory_bytes = std::uint64_t(1) << 30;
    unsigned cpu_s = 3600;           ///< of one child, for at most `files_of_a_child` files
    double open_s = 5;               ///< of a processor, to open a file and check what it declares
    double stretch = 12;             ///< a busy host or a slow file system may take so many times longer
    double walk_bytes_per_s = 20e6;  ///< slower than that, reading what only HDF5 can read is a hang
    int files_of_a_child = 2000;
};

/// One child for many files; started by the first, started again after a death. Throws ChildError(not_started) only.
class Prober {
public:
    explicit Prober(ProbeLimits limits = {}) : limits_(limits) {}

    /// Stat here; HDF5 in the child: contract A1.6, header, links, layouts, filters, chunk indices, and all that only HDF5 can
    /// read. A probe that died or hung: `damaged`, with the signal in the reason.
    ProbedFile look(std::string const& path);
    /// Error(bad_input) or Error(input_missing) naming the file, where it is not good.
    void require_good(std::string const& path);
    /// Of the child that answered last; −1 where none runs.
    pid_t child_pid() const { return child_ ? child_->pid() : -1; }

private:
    ProbedFile ask_child(std::string const& path);
    ProbedFile ask_twice(std::string const& path);

    ProbeLimits limits_;
    std::unique_ptr<Child> child_;
    int answered_ = 0;
};

/// That of this thread: its child stays for the files to come.
Prober& prober_of_thread();

/// `Prober::require_good` of each, in a process alone. Directories (Measurement Sets) are left to their reader.
void require_good_files(std::vector<std::string> const& paths);

/// What the child is asked: `probe_look` and a path, or to walk through the file looked at last.
inline std::string const probe_look = "look ", probe_walk = "walk";

/// The child's side: answers probes until the parent is done. Verb `probe-child`.
int serve_probes();

/// What tells that a file is still the one that was probed.
struct FileStamp {
    std::string path;
    std::uint64_t device = 0, inode = 0, bytes = 0;
    std::int64_t modified_ns = 0;
    bool operator==(FileStamp const&) const = default;
};
std::vector<FileStamp> stamps_of(std::vector<std::string> const& paths);
/// Probes the files of a group, each on one of the ranks; on every rank the first error is thrown. Call it before the files are
/// hashed and opened, and `check_unchanged` with its result afterwards. Directories (Measurement Sets) are left to their reader.
std::vector<FileStamp> check_inputs(std::vector<std::string> const& paths, Ranks const& team);
/// Error(transient) naming the first file that changed since.
void check_unchanged(std::vector<FileStamp> const& stamps);

}  // namespace nocturne
