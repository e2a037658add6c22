// Files and groups: what a scan stores, what `groups` lists, and who works on which group. All functions throw
// nocturne::Error as db/session.hpp says.
#pragma once

#include "db/session.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nocturne::db {

/// ingest_queue.state. Legal moves: collecting → pending | failed; pending → in_progress | collecting | failed;
/// in_progress → completed | failed | pending; completed → pending | collecting | failed; failed → pending | collecting.
enum class QueueState { collecting, pending, in_progress, completed, failed };
char const* name(QueueState state);
QueueState queue_state(std::string const& name);  ///< throws Error(usage) with the nearest name
bool legal(QueueState from, QueueState to);

enum class FileStatus { present, superseded, rejected, skipped, foreign, missing };
char const* name(FileStatus status);
FileStatus file_status(std::string const& name);

/// One row of hdf5_files. MJD in days (UTC), `modified_s` in seconds since 1970.
struct FileRow {
    std::string path;
    std::string group_id;      ///< "" where the file belongs to none
    std::string subband_code;  ///< "sb03"; "sb00" for a foreign UVH5 file; "" for other files
    std::optional<int> subband_idx;
    std::string timestamp_iso;            ///< of the file name
    std::optional<double> timestamp_mjd;  ///< of the file name, else of the first integration
    std::int64_t bytes = 0;
    double modified_s = 0;
    std::string xxh128;  ///< "" where it was not hashed
    FileStatus status = FileStatus::present;
    std::string reason;
    std::string telescope_name;
    std::optional<double> start_mjd, end_mjd;
    std::optional<double> dec_deg;
    std::optional<std::int64_t> n_integrations, n_baselines, n_channels, n_correlations;
    std::optional<double> freq_first_hz, freq_last_hz;
};

/// One row of ingest_queue with what a reader of it wants to know.
struct GroupRow {
    std::string group_id;
    QueueState state = QueueState::collecting;
    std::string stage = "collecting";  ///< processing_stage
    int expected_subbands = 16;
    int n_subbands = 0;
    std::vector<int> missing;  ///< indices of absent subbands
    std::optional<double> start_mjd, end_mjd;
    std::string path;  ///< directory of its first file
    int retry_count = 0;
    std::string error, error_stage;
    std::optional<int> error_code;  ///< the exit code of `error`
    std::string run_id;             ///< of the last claim
    double received_s = 0, last_update_s = 0;
    int failures = 0;        ///< one after the other of `failed_key`; a success or a hand sets them to 0
    std::string failed_key;  ///< Failure::key of the last one
};

/// True where a run gave the group up by itself, after as many failures as its job allows; one that a person settled is none.
bool given_up(GroupRow const& group);
/// True where a person settled it, whoever had failed it: it is left alone until it is brought back, or its files change.
bool settled_by_hand(GroupRow const& group);
/// True where a person wants it made again, and none of its files are where a scan found them.
bool awaits_files(GroupRow const& group);
/// What the queue says of a group that a person wants made again.
inline constexpr char const* done_again = "to be done again";

/// True where a scan failed the group: a file of it is damaged and no other serves for its subband. A run leaves it alone.
bool failed_by_scan(GroupRow const& group);

/// One subband file to be read.
struct InputFile {
    int subband_idx = 0;
    std::string path;
    std::string xxh128;
    std::int64_t bytes = 0;
    double modified_s = 0;  ///< since 1970, as the index has it; 0 where it was not asked for
};

struct GroupWindow {
    std::optional<double> start_mjd, end_mjd;  ///< groups whose start lies in [start, end)
    std::optional<QueueState> state;
    std::int64_t limit = -1;  ///< −1: all
};

/// error_stage of groups that a scan failed.
inline constexpr char const* scan_stage = "index";

/// By rising start time, then group_id.
std::vector<GroupRow> list_groups(Session& session, GroupWindow const& window = {});
std::optional<GroupRow> find_group(Session& session, std::string const& group_id);
/// The present files of a group, by rising subband index.
std::vector<InputFile> files_of(Session& session, std::string const& group_id);

/// What a survey wants to know of a group.
struct GroupFacts {
    GroupRow row;
    std::vector<InputFile> files;  ///< present, by rising subband index
    std::string telescope;         ///< telescope_name of the first
    std::optional<double> dec_deg;
    double low_hz = 0, high_hz = 0;  ///< first and last channel of all; 0 where the index does not say
    bool has_results = false;        ///< some run completed it
};
/// Of all groups named that are known, in a few statements however many they are.
std::map<std::string, GroupFacts> facts_of(Session& session, std::vector<std::string> const& group_ids);

/// Notes the checksums of files that were indexed without one.
void record_hashes(Session& session, std::vector<InputFile> const& files);

// What a scan needs.
/// Another file of the same time, subband and size is known; true, too, where the name says no time.
bool has_namesake(Session& session, FileRow const& file);
std::optional<FileRow> find_file(Session& session, std::string const& path);
/// Every file recorded directly in `directory` (absolute, without a final slash).
std::vector<FileRow> files_in(Session& session, std::string const& directory);
/// Present and superseded files with timestamp_mjd in [start, end].
std::vector<FileRow> files_between(Session& session, double start_mjd, double end_mjd);

/// One group as a scan sees it: `files` are the chosen ones (status present).
struct ScannedGroup {
    GroupRow row;  ///< state = what a scan found: collecting or pending
    std::vector<InputFile> files;
    bool enough = false;  ///< as many subbands as the scan wants: where collecting, for more that may come
};

/// What a scan changed; foreign files are not counted.
struct ScanCounts {
    std::int64_t new_files = 0, updated_files = 0, new_groups = 0, reopened_groups = 0;
};

/// Stores a scan in one transaction; the same scan again changes nothing, nor does one that lacks known checksums. A group in progress keeps its state (a pending one where its files are the same, and enough for the scan); a
/// completed one goes back to pending (collecting where too few are there) when files were added or replaced and no result was made
/// of just these, a failed one
/// when its files changed in any way, or when a scan had failed it (error_stage "index").
ScanCounts store_scan(Session& session, std::vector<FileRow> const& files, std::vector<ScannedGroup> const& groups);

/// Gives a group another name, with its files; false where the group is unknown, its new name taken, or its state neither
/// collecting nor pending (a group that was worked on keeps its name).
bool rename_group(Session& session, std::string const& from, std::string const& to);

// Who works on what.

/// The right to work on one group. `fence` rises with every claim: results of an older claim are refused.
struct Claim {
    std::string group_id;
    std::string run_id;
    std::int64_t fence = 0;
};

/// Which states may be claimed: what a scan made ready, or also what is finished (other settings) or failed (try again).
enum class ClaimFrom { pending, any_finished };

struct ClaimArgs {
    std::string run_id;  ///< recorded in runs by start_run
    std::string owner;   ///< lease_owner(): who to ask whether it still lives
    double lease_s = 3600;
    ClaimFrom from = ClaimFrom::pending;
    /// `free_fence` before the caller looked whether there is anything to do: who finished in between has raised it.
    std::optional<std::int64_t> seen_fence = {};
};

/// The fence of a group that nobody holds.
std::optional<std::int64_t> free_fence(Session& session, std::string const& group_id);

/// Who works on a group.
struct Holder {
    std::string run_id;
    std::string process;  ///< "process 4711 on node1"
};
/// Nothing where nobody does.
std::optional<Holder> holder_of(Session& session, std::string const& group_id);

/// The claim that `owner` has on the group for the run: where the answer to it was lost, it is found again. Nothing where there is none.
std::optional<Claim> held_claim(Session& session, std::string const& group_id, std::string const& run_id,
                                std::string const& owner);

/// "place:pid:start time of the process", of this process; place: nocturne/process_place.hpp.
std::string lease_owner();
/// False where `owner` is a process of this host that is gone; true for other hosts, whose leases only expire.
bool owner_alive(std::string const& owner);
/// True where `owner` is a process of this host that lives.
bool is_here_and_alive(std::string const& owner);

/// Takes the group for the run in one UPDATE … WHERE state = expected; nothing where another was faster.
std::optional<Claim> claim_group(Session& session, std::string const& group_id, ClaimArgs const& args);
/// Takes the pending group with the lowest group_id of those that nobody is just taking.
std::optional<Claim> claim_next(Session& session, ClaimArgs const& args);
/// Takes up to `n` of them at once, by rising group_id.
std::vector<Claim> claim_batch(Session& session, ClaimArgs const& args, int n);
/// Extends the lease and notes the sub-state (a word of processing_stage); false where the claim is no longer held.
bool renew_claim(Session& session, Claim const& claim, std::string const& stage, double lease_s = 3600);
/// Gives the group back unfinished (→ pending), for example when interrupted; false where the claim is no longer held.
bool release_claim(Session& session, Claim const& claim, std::string const& why);

struct Failure {
    int code = 1;       ///< exit code of the error
    std::string stage;  ///< where, "" = unknown
    std::string message;
    std::string key =
        {};        ///< what was tried, as text: inputs, configuration, code; failures of another one are not counted
    int most = 0;  ///< so many failures of `key` one after the other are enough: the group is given up; 0 = never
};
/// → failed, retry_count + 1, the reason in the queue and in group_runs; stage `error` where it is given up. False where the claim is no longer held.
bool fail_group(Session& session, Claim const& claim, Failure const& failure);

}  // namespace nocturne::db
