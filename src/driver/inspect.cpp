// Enters: a path. Leaves: what the index should say of it.
#include "driver/inspect.hpp"

#include "io/hash.hpp"
#include "nocturne/text.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace nocturne {
namespace {

using db::FileRow;
using db::FileStatus;

/// A file with a name of ours must be good; another one may be anything, but a damaged UVH5 file is said to be so.
FileStatus status_of(ProbeResult result, bool ours, bool hdf5_name)
{
    switch (result) {
        case ProbeResult::good:
            return FileStatus::present;
        case ProbeResult::incomplete:
            return FileStatus::skipped;
        case ProbeResult::missing:
            return FileStatus::missing;
        case ProbeResult::empty:
        case ProbeResult::unreadable:
            return ours || hdf5_name ? FileStatus::rejected : FileStatus::foreign;
        case ProbeResult::not_hdf5:
        case ProbeResult::no_header:
            return ours ? FileStatus::rejected : FileStatus::foreign;
        case ProbeResult::truncated:
        case ProbeResult::no_times:
        case ProbeResult::damaged:
            return FileStatus::rejected;
    }
    return FileStatus::rejected;
}

void name_row(FileRow& row, std::optional<SubbandName> const& parsed)
{
    if (!parsed) return;
    row.subband_code = std::string(parsed->subband < 10 ? "sb0" : "sb") + std::to_string(parsed->subband);
    row.subband_idx = parsed->subband;
    row.timestamp_iso = parsed->stamp;
    row.timestamp_mjd = parsed->stamp_mjd_s / day_s;
}

/// The name a file will have once it is written: "…_sb03_incomplete.hdf5" is subband 3 of its group already.
std::string finished_name(std::string path)
{
    std::string const mark = "_incomplete";
    if (is_incomplete_name(path)) path.erase(path.rfind(mark), mark.size());
    return path;
}

void summarise(FileSummary const& summary, FileRow& row)
{
    row.telescope_name = summary.telescope_name;
    row.n_integrations = summary.n_integrations;
    row.n_baselines = summary.n_baselines;
    row.n_channels = summary.n_channels;
    row.n_correlations = summary.n_correlations;
    row.freq_first_hz = summary.freq_first_hz;
    row.freq_last_hz = summary.freq_last_hz;
    row.start_mjd = summary.start_mjd;
    row.end_mjd = summary.end_mjd;
    row.dec_deg = summary.dec_deg;
}

/// What two files of a group must have in common; "" where they have. Times to 10 ms.
std::string difference(FileRow const& a, FileRow const& b)
{
    auto const counts = [](char const* what, std::optional<std::int64_t> x, std::optional<std::int64_t> y) {
        return std::string(what) + " " + std::to_string(x.value_or(0)) + ", most others " +
               std::to_string(y.value_or(0));
    };
    if (a.n_integrations != b.n_integrations)
        return counts("number of integrations", a.n_integrations, b.n_integrations);
    if (a.n_baselines != b.n_baselines) return counts("number of baselines", a.n_baselines, b.n_baselines);
    if (a.n_correlations != b.n_correlations)
        return counts("number of correlations", a.n_correlations, b.n_correlations);
    double const apart_s = day_s * std::max(std::abs(a.start_mjd.value_or(0) - b.start_mjd.value_or(0)),
                                            std::abs(a.end_mjd.value_or(0) - b.end_mjd.value_or(0)));
    if (apart_s > 0.010) return "its times differ from most others' by " + std::to_string(apart_s) + " s";
    return "";
}

}  // namespace

bool Inspector::known(FileRow const& row, std::optional<FileRow> const& before) const
{
    return before && (before->status == FileStatus::present || before->status == FileStatus::superseded) &&
           before->bytes == row.bytes && before->modified_s == row.modified_s;
}

void Inspector::hash(FileRow& row) const
{
    try {
        row.xxh128 = hash_file(row.path);
    } catch (Error const& error) {
        row.status = FileStatus::rejected;
        row.reason = error.what();
    }
    auto const after = stat_uvh5(row.path);
    if (row.status == FileStatus::present &&
        (static_cast<std::int64_t>(after.bytes) != row.bytes || after.modified_s != row.modified_s)) {
        row.status = FileStatus::skipped;
        row.reason = "the file changed while it was read: it is still being written";
    }
}

bool Inspector::must_open(std::string const& path, std::optional<FileRow> const& before) const
{
    auto const there = stat_uvh5(path);
    FileRow row;
    row.bytes = static_cast<std::int64_t>(there.bytes);
    row.modified_s = there.modified_s;
    return there.result == ProbeResult::good && !known(row, before);
}

void Inspector::look_ahead(std::vector<std::string> const& paths, std::map<std::string, FileRow> const& before,
                           LookAtMany const& look_at_many)
{
    std::vector<std::string> fresh;
    for (auto const& path : paths) {
        auto const row = before.find(path);
        if (must_open(path, row == before.end() ? std::nullopt : std::optional(row->second))) fresh.push_back(path);
    }
    if (!fresh.empty()) seen_ = look_at_many(fresh);
}

ProbedFile Inspector::open(std::string const& path, Probe const& there)
{
    auto const seen = seen_.find(path);
    bool const same = seen != seen_.end() && there.result == ProbeResult::good &&
                      seen->second.probe.bytes == there.bytes && seen->second.probe.modified_s == there.modified_s;
    return same ? seen->second : prober_.look(path);
}

FileRow Inspector::look(std::string const& path, std::optional<FileRow> const& before)
{
    auto const parsed = parse_subband_name(finished_name(path));
    FileRow row;
    row.path = path;
    if (before) row.group_id = before->group_id;
    name_row(row, parsed);
    auto const there = stat_uvh5(path);
    row.bytes = static_cast<std::int64_t>(there.bytes);
    row.modified_s = there.modified_s;
    if (there.result == ProbeResult::good && known(row, before)) {
        row = *before;
        row.status = FileStatus::present;
        row.reason = there.reason;
        if (hashing_ == Hashing::all || (hashing_ == Hashing::changed && row.xxh128.empty())) hash(row);
        return row;
    }
    auto const file = open(path, there);
    row.status = status_of(file.probe.result, parsed || !row.group_id.empty(), named_like_hdf5(path));
    row.reason = file.probe.reason;
    if (row.status != FileStatus::present) return row;
    summarise(*file.summary, row);
    if (hashing_ == Hashing::off || (hashing_ == Hashing::later && !before && !may_be_copy_(row))) return row;
    hash(row);
    return row;
}

bool named_like_data(std::string const& path)
{
    return named_like_hdf5(path) || lower(std::filesystem::path(path).extension().string()) == ".ms";
}

FileRow rejected_row(std::string const& path, std::string const& reason)
{
    FileRow row;
    row.path = path;
    row.status = FileStatus::rejected;
    row.reason = reason;
    return row;
}

bool is_damaged(ProbeResult result, std::string const& path)
{
    return status_of(result, false, named_like_hdf5(path)) == FileStatus::rejected;
}

std::vector<Disagreement> find_disagreements(std::vector<FileRow const*> const& files)
{
    std::size_t model = 0, most = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        std::size_t agree = 0;
        for (auto const* other : files) agree += difference(*other, *files[i]).empty();
        if (agree > most) {
            most = agree;
            model = i;
        }
    }
    std::vector<Disagreement> found;
    for (std::size_t i = 0; i < files.size(); ++i) {
        auto const reason = difference(*files[i], *files[model]);
        if (!reason.empty()) found.push_back({i, "differs from " + files[model]->path + ": " + reason});
    }
    return found;
}

}  // namespace nocturne
