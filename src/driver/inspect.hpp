// One file, looked at for the index. Enters: a path and what the database says of it. Leaves: a row, with a status and a
// reason where the file cannot be used.
#pragma once

#include "db/groups.hpp"
#include "driver/index.hpp"
#include "driver/probe.hpp"

#include <functional>
#include <map>

namespace nocturne {

/// Looks at files one after another; HDF5 sees them in a child process alone.
class Inspector {
public:
    /// `may_be_copy`: the index knows another file of this time, subband and size (asked with Hashing::later).
    Inspector(Hashing hashing, std::function<bool(db::FileRow const&)> may_be_copy)
        : hashing_(hashing), may_be_copy_(std::move(may_be_copy))
    {}

    /// Has all files that must be opened looked at by `look_at_many`; `look` takes its word where a file has not changed since.
    void look_ahead(std::vector<std::string> const& paths, std::map<std::string, db::FileRow> const& before,
                    LookAtMany const& look_at_many);

    /// Probe, header and xxh3-128. An unchanged file (`before`) is not read again. group_id stays as it was before.
    db::FileRow look(std::string const& path, std::optional<db::FileRow> const& before);

private:
    bool must_open(std::string const& path, std::optional<db::FileRow> const& before) const;
    bool known(db::FileRow const& row, std::optional<db::FileRow> const& before) const;
    void hash(db::FileRow& row) const;

    Hashing hashing_;
    std::function<bool(db::FileRow const&)> may_be_copy_;
    ProbedFile open(std::string const& path, Probe const& there);

    std::map<std::string, ProbedFile> seen_;
    Prober prober_;
};

/// A name that a UVH5 file or a Measurement Set would have.
bool named_like_data(std::string const& path);

/// What is named like data and cannot be any.
db::FileRow rejected_row(std::string const& path, std::string const& reason);

/// A file that is in nobody's group and is no UVH5 file, but should be one by its name.
bool is_damaged(ProbeResult result, std::string const& path);

/// The files of one group that disagree with most of the others in times, baselines or correlations: index and reason.
struct Disagreement {
    std::size_t file;
    std::string reason;
};
std::vector<Disagreement> find_disagreements(std::vector<db::FileRow const*> const& files);

}  // namespace nocturne
