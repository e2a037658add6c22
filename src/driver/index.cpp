// Enters: a directory. Leaves: its groups in the database. Looks at every file, groups what has a name of ours together with
// what the database knows of the same time, and decides the state of each group.
#include "driver/index.hpp"

#include "db/files.hpp"
#include "db/hash.hpp"
#include "driver/changed_content.hpp"
#include "driver/disagreement.hpp"
#include "driver/file_rows.hpp"
#include "driver/grouping.hpp"
#include "driver/inspect.hpp"
#include "driver/inspect_ms.hpp"
#include "driver/listing.hpp"
#include "driver/unfinished.hpp"
#include "io/uvh5_files.hpp"
#include "nocturne/median.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace nocturne {
namespace {

namespace fs = std::filesystem;
using db::FileRow;
using db::FileStatus;
using db::QueueState;

/// The work of one scan, step by step.
class Scan {
public:
    Scan(std::string const& place, ScanOptions const& options, db::Session& session)
        : listing_(place, options.pattern), options_(options), session_(session)
    {
        report_.directory = listing_.directory();
    }

    ScanReport run();

private:
    void look_at_files();
    void look_at_file(std::string const& path, std::optional<FileRow> const& before, Inspector& inspector);
    void note_missing();
    void add_neighbours();
    void group_named();
    void group_foreign();
    void empty_what_is_left();
    void write_report();
    void forget_other_neighbours();

    using Members = GroupMembers;  ///< into rows_
    struct Named {
        std::vector<std::size_t> rows;  ///< into rows_
        std::vector<NamedFile> files;
        double duration_s = 0;  ///< the median of the files; 0 = unknown
    };
    Named named_files() const;
    void store_named(FileGroup const& group, Members members);
    std::string settle_name(FileGroup const& group, Members const& members);
    void add_group(std::string const& group_id, Members const& members, int expected);
    std::vector<FileRow const*> rows_of(std::vector<std::size_t> const& members) const;
    std::string foreign_name(FileRow const& row);

    bool here(FileRow const& row) const { return fs::path(row.path).parent_path() == report_.directory; }

    Listing const listing_;
    ScanOptions const& options_;
    db::Session& session_;
    ScanReport report_;
    std::vector<FileRow> rows_;              ///< of this directory first, then the neighbours
    std::vector<std::string> group_before_;  ///< [row]
    std::set<std::string> touched_;          ///< groups that lost a file of this directory
    std::vector<db::ScannedGroup> groups_;
    std::set<std::string> groups_there_;  ///< names that the database knew before
};

/// A file that the pattern leaves out stays what it was, and in its group.
void Scan::look_at_file(std::string const& path, std::optional<FileRow> const& before, Inspector& inspector)
{
    if (!before && !listing_.wanted(path)) return;
    bool const wanted = listing_.wanted(path), directory = fs::is_directory(path);
    rows_.push_back(!wanted     ? *before
                    : directory ? look_at_measurement_set(path, before, options_)
                                : inspector.look(path, before));
    if (wanted && before && options_.hashing != Hashing::all && !directory)
        refuse_changed_content(rows_.back(), *before, session_);
    group_before_.push_back(before ? before->group_id : "");
}

void Scan::look_at_files()
{
    std::error_code odd;
    auto const [paths, unusable, tables] = listing_.find(fs::weakly_canonical(session_.path(), odd).string());
    report_.foreign = tables;
    for (auto const& [path, reason] : unusable) {
        rows_.push_back(rejected_row(path, reason));
        auto const before = db::find_file(session_, path);
        group_before_.push_back(before ? before->group_id : "");
        if (before && !before->group_id.empty()) touched_.insert(before->group_id);
    }
    Inspector inspector(options_.hashing, [&](FileRow const& row) { return db::has_namesake(session_, row); });
    auto const known = db::files_named(session_, paths);
    if (options_.look_at_many) {
        std::vector<std::string> wanted;
        std::copy_if(paths.begin(), paths.end(), std::back_inserter(wanted),
                     [&](auto const& path) { return listing_.wanted(path) && !fs::is_directory(path); });
        inspector.look_ahead(wanted, known, options_.look_at_many);
    }
    for (auto const& path : paths) {
        auto const row = known.find(path);
        if (options_.progress) options_.progress(rows_.size(), paths.size(), path);
        look_at_file(path, row == known.end() ? std::nullopt : std::optional(row->second), inspector);
    }
    skip_unfinished(rows_, known, options_.unfinished_s);
}

void Scan::note_missing()
{
    std::set<std::string> seen;
    for (auto const& row : rows_) seen.insert(row.path);
    for (auto& row : db::files_in(session_, report_.directory)) {
        if (seen.count(row.path) != 0 || (!listing_.wanted(row.path) && fs::exists(row.path))) continue;
        report_.missing.push_back(row.path);
        if (!row.group_id.empty()) touched_.insert(row.group_id);
        row.status = FileStatus::missing;
        row.reason = "not there at the last scan";
        group_before_.push_back(row.group_id);
        rows_.push_back(std::move(row));
    }
}

/// Files of other directories that may belong to the same groups.
void Scan::add_neighbours()
{
    std::optional<double> first, last;
    for (auto const& row : rows_) {
        if (!follows_grammar(row)) continue;
        first = std::min(first.value_or(*row.timestamp_mjd), *row.timestamp_mjd);
        last = std::max(last.value_or(*row.timestamp_mjd), *row.timestamp_mjd);
    }
    if (!first || options_.reach == Reach::directory) return;
    double const margin = 4 * std::max(options_.cluster_tolerance_s.value_or(0), 60.0) / day_s;
    for (auto& row : db::files_between(session_, *first - margin, *last + margin)) {
        if (here(row) || !follows_grammar(row)) continue;
        auto const probe = stat_uvh5(row.path);
        bool const there = probe.result == ProbeResult::good;
        row.status = there ? FileStatus::present : FileStatus::missing;
        row.reason = there ? "" : "not there when a copy of its group was scanned";
        group_before_.push_back(row.group_id);
        rows_.push_back(std::move(row));
    }
}

/// The files that grouping works on: what its name says and what its times say.
Scan::Named Scan::named_files() const
{
    Named named;
    std::vector<double> durations_s;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        auto const& row = rows_[i];
        if (!follows_grammar(row) || row.status == FileStatus::missing || row.status == FileStatus::foreign) continue;
        named.rows.push_back(i);
        named.files.push_back(named_file(row));
        if (row.start_mjd && row.end_mjd) durations_s.push_back(day_s * (*row.end_mjd - *row.start_mjd));
    }
    if (durations_s.empty()) return named;
    named.duration_s = median_of(durations_s);
    return named;
}

void Scan::group_named()
{
    auto const named = named_files();
    auto const found =
        group_files(named.files, {options_.expected_subbands, options_.cluster_tolerance_s, named.duration_s});
    report_.tolerance_s = found.tolerance_s;
    report_.cadence_s = found.cadence_s;
    for (std::size_t i : found.out_of_range) {
        auto& row = rows_[named.rows[i]];
        row.status = FileStatus::rejected;
        row.reason = "subband " + std::to_string(*row.subband_idx) + " of a group of " +
                     std::to_string(options_.expected_subbands);
    }
    std::vector<std::string> names;
    for (auto const& group : found.groups) names.push_back(group.group_id);
    for (auto const& [name, facts] : db::facts_of(session_, names)) groups_there_.insert(name);
    for (auto const& group : found.groups) {
        Members members;
        for (std::size_t i : group.chosen) members.chosen.push_back(named.rows[i]);
        for (std::size_t i : group.unusable) members.others.push_back(named.rows[i]);
        for (auto const& loser : group.superseded) {
            auto& row = rows_[named.rows[loser.file]];
            row.status = FileStatus::superseded;
            row.reason = "superseded by " + named.files[loser.winner].path;
            members.others.push_back(named.rows[loser.file]);
        }
        store_named(group, std::move(members));
    }
}

/// Names and judges one group, where a file of it is, or was, in the directory.
void Scan::store_named(FileGroup const& group, Members members)
{
    auto all = members.chosen;
    all.insert(all.end(), members.others.begin(), members.others.end());
    bool const ours = std::any_of(
        all.begin(), all.end(), [&](std::size_t i) { return here(rows_[i]) || touched_.count(group_before_[i]) != 0; });
    if (!ours) return;
    reject_disagreeing(rows_, members);
    auto const group_id = settle_name(group, members);
    for (std::size_t i : all) {
        if (!group_before_[i].empty() && group_before_[i] != group_id) touched_.insert(group_before_[i]);
        rows_[i].group_id = group_id;
    }
    add_group(group_id, members, options_.expected_subbands);
}

/// A group that was worked on keeps its name; one that only waited takes the name its files give it now.
std::string Scan::settle_name(FileGroup const& group, Members const& members)
{
    if (groups_there_.count(group.group_id)) return group.group_id;
    std::set<std::string> names;
    for (auto const* list : {&members.chosen, &members.others})
        for (std::size_t i : *list)
            if (!group_before_[i].empty()) names.insert(group_before_[i]);
    for (auto const& name : names) {
        if (!db::find_group(session_, name)) continue;
        return db::rename_group(session_, name, group.group_id) ? group.group_id : name;
    }
    return group.group_id;
}

std::vector<FileRow const*> Scan::rows_of(std::vector<std::size_t> const& members) const
{
    std::vector<FileRow const*> rows;
    for (std::size_t i : members) rows.push_back(&rows_[i]);
    return rows;
}

void Scan::add_group(std::string const& group_id, Members const& members, int expected)
{
    db::ScannedGroup group;
    group.row.group_id = group_id;
    group.row.expected_subbands = expected;
    group.row.n_subbands = static_cast<int>(members.chosen.size());
    std::set<int> present;
    for (std::size_t i : members.chosen) {
        auto const& row = rows_[i];
        present.insert(*row.subband_idx);
        group.files.push_back({*row.subband_idx, row.path, row.xxh128, row.bytes, row.modified_s});
        if (row.start_mjd) group.row.start_mjd = std::min(group.row.start_mjd.value_or(*row.start_mjd), *row.start_mjd);
        if (row.end_mjd) group.row.end_mjd = std::max(group.row.end_mjd.value_or(*row.end_mjd), *row.end_mjd);
    }
    for (int subband = 0; subband < expected; ++subband)
        if (present.count(subband) == 0) group.row.missing.push_back(subband);
    auto const& list = members.chosen.empty() ? members.others : members.chosen;
    if (!list.empty()) {
        group.row.path = fs::path(rows_[list.front()].path).parent_path().string();
        if (!group.row.start_mjd) group.row.start_mjd = rows_[list.front()].timestamp_mjd;
    }
    if (judge_group(group, rows_of(members.chosen), rows_of(members.others), options_))
        report_.arriving.insert(group_id);
    groups_.push_back(std::move(group));
}

/// The stem of the file's name; with the start of its checksum where another file has that name already.
std::string Scan::foreign_name(FileRow const& row)
{
    auto const stem = fs::path(row.path).stem().string();
    auto const taken = [&](std::string const& name) {
        for (auto const& group : groups_)
            if (group.row.group_id == name) return true;
        for (auto const& file : db::files_of(session_, name))
            if (file.path != row.path && fs::exists(file.path)) return true;
        return false;
    };
    if (!row.group_id.empty() && !taken(row.group_id)) return row.group_id;
    if (!taken(stem)) return stem;
    return stem + "-" + db::hash_text(row.xxh128.empty() ? row.path : row.xxh128 + row.path).substr(0, 8);
}

/// A damaged file that was a group before fails it; one that is written anew makes it wait.
void Scan::group_foreign()
{
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        auto& row = rows_[i];
        bool const good = row.status == FileStatus::present,
                   bad = row.status == FileStatus::rejected || row.status == FileStatus::skipped;
        if (follows_grammar(row) || !(good || (bad && !row.group_id.empty()))) continue;
        row.subband_code = "sb00";
        row.subband_idx = 0;
        row.timestamp_mjd = row.start_mjd;
        row.group_id = foreign_name(row);
        add_group(row.group_id, good ? Members{{i}, {}} : Members{{}, {i}}, 1);
    }
}

/// Groups all of whose files went away or moved to another group; not those that live in directories this scan does not reach.
void Scan::empty_what_is_left()
{
    for (auto const& group : groups_) touched_.erase(group.row.group_id);
    for (auto const& group_id : touched_) {
        auto const row = db::find_group(session_, group_id);
        auto const files = db::files_of(session_, group_id);
        auto const elsewhere = [&](auto const& file) { return fs::path(file.path).parent_path() != report_.directory; };
        if (!row) continue;
        if (options_.reach == Reach::directory && std::any_of(files.begin(), files.end(), elsewhere)) continue;
        db::ScannedGroup group{*row, {}};
        group.row.state = QueueState::collecting;
        group.row.n_subbands = 0;
        group.row.missing.clear();
        for (int subband = 0; subband < row->expected_subbands; ++subband) group.row.missing.push_back(subband);
        groups_.push_back(std::move(group));
    }
}

/// Rows of other directories are stored only where their group is.
void Scan::forget_other_neighbours()
{
    std::set<std::string> stored;
    for (auto const& group : groups_) stored.insert(group.row.group_id);
    std::erase_if(rows_, [&](FileRow const& row) { return !here(row) && stored.count(row.group_id) == 0; });
}

void Scan::write_report()
{
    for (auto const& row : rows_) {
        if (!here(row) || !listing_.wanted(row.path)) continue;
        report_.files += row.status == FileStatus::present;
        if (row.status == FileStatus::rejected) report_.rejected.push_back({row.path, row.reason});
        if (row.status == FileStatus::skipped) report_.skipped.push_back({row.path, row.reason});
        if (row.status == FileStatus::superseded) report_.superseded.push_back({row.path, row.reason});
        if (row.status == FileStatus::foreign) report_.foreign.push_back(row.path);
    }
    std::sort(groups_.begin(), groups_.end(), [](db::ScannedGroup const& a, db::ScannedGroup const& b) {
        return std::tuple(a.row.start_mjd, a.row.group_id) < std::tuple(b.row.start_mjd, b.row.group_id);
    });
    std::set<std::string> with_files;
    for (auto const& row : rows_)
        if (here(row) && listing_.wanted(row.path) && row.status != FileStatus::missing)
            with_files.insert(row.group_id);
    for (auto const& group : groups_)
        if (with_files.count(group.row.group_id) != 0) report_.group_ids.push_back(group.row.group_id);
}

ScanReport Scan::run()
{
    look_at_files();
    note_missing();
    add_neighbours();
    group_named();
    group_foreign();
    empty_what_is_left();
    forget_other_neighbours();
    write_report();
    report_.counts = db::store_scan(session_, rows_, groups_);
    return report_;
}

}  // namespace

ScanReport scan_directory(std::string const& directory, ScanOptions const& options, db::Session& session)
{
    if (options.expected_subbands < 1 || options.min_subbands < 1)
        throw Error(Code::usage, "cannot scan for groups of " + std::to_string(options.expected_subbands) + " subbands",
                    "a group has at least one", "give --expected-subbands and --min-subbands of 1 or more");
    return Scan(directory, options, session).run();
}

}  // namespace nocturne
