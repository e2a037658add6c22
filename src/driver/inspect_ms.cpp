#include "driver/inspect_ms.hpp"

#include "driver/ms_source.hpp"
#include "nocturne/pointing.hpp"
#include "nocturne/units.hpp"

#include <cmath>

namespace nocturne {
namespace {

using db::FileRow;
using db::FileStatus;

void summarise_set(GroupHeader const& header, FileRow& row)
{
    row.telescope_name = header.site.telescope_name;
    row.n_integrations = std::ssize(header.time_mjd_s);
    row.n_baselines = std::ssize(header.baselines);
    row.n_channels = std::ssize(header.freq_hz);
    row.n_correlations = std::ssize(header.correlations);
    row.freq_first_hz = header.freq_hz.front();
    row.freq_last_hz = header.freq_hz.back();
    auto const moments = header.all_moments();
    row.start_mjd = (moments.front().time_mjd_s - 0.5 * header.integration_s.front()) / day_s;
    row.end_mjd = (moments.back().time_mjd_s + 0.5 * header.integration_s.back()) / day_s;
    if (auto const dec = pointing_dec_rad(header)) row.dec_deg = *dec / degree_rad;
}

void reject(FileRow& row, Error const& error)
{
    row.status = FileStatus::rejected;
    row.reason = error.what();
}

void hash(FileRow& row)
{
    try {
        row.xxh128 = hash_tree(row.path);
    } catch (Error const& error) {
        return reject(row, error);
    }
    if (static_cast<std::int64_t>(tree_bytes(row.path)) != row.bytes || tree_modified_s(row.path) != row.modified_s) {
        row.status = FileStatus::skipped;
        row.reason = "it changed while it was read: it is still being written";
    }
}

}  // namespace

FileRow look_at_measurement_set(std::string const& path, std::optional<FileRow> const& before,
                                ScanOptions const& options)
{
    FileRow row;
    row.path = path;
    if (before) row.group_id = before->group_id;
    row.bytes = static_cast<std::int64_t>(tree_bytes(path));
    row.modified_s = tree_modified_s(path);
    row.status = FileStatus::present;
    bool const known = before && before->status == FileStatus::present && before->bytes == row.bytes &&
                       before->modified_s == row.modified_s;
    if (known) {
        row = *before;
        if (options.hashing == Hashing::all || (options.hashing == Hashing::changed && row.xxh128.empty())) hash(row);
        return row;
    }
    try {
        summarise_set(ms_header(path, {}), row);
    } catch (Error const& error) {
        if (error.code() != Code::bad_input && error.code() != Code::input_missing && error.code() != Code::bad_config)
            throw;
        reject(row, error);
        return row;
    }
    if (options.hashing != Hashing::off) hash(row);
    return row;
}

}  // namespace nocturne
