// Reads and writes rows of hdf5_files. Enters: a path, a directory, a span of time, or rows. Leaves: rows.
#include "db/files.hpp"

#include "db/query.hpp"

#include <filesystem>

namespace nocturne::db {
namespace {

constexpr char const* file_columns =
    "SELECT path, group_id, subband_code, subband_num, timestamp_iso, timestamp_mjd, file_size_bytes, modified_time, "
    "xxh128, status, reason, telescope_name, start_mjd, end_mjd, dec_deg, n_integrations, n_baselines, n_channels, "
    "n_correlations, freq_first_hz, freq_last_hz FROM hdf5_files ";

/// Binds the columns of one file query once; `rows()` reads all.
class FileReader {
public:
    explicit FileReader(Query& query)
        : query_(query),
          path_(query.text()),
          group_id_(query.text()),
          code_(query.text()),
          index_(query.integer()),
          iso_(query.text()),
          mjd_(query.real()),
          bytes_(query.integer()),
          modified_(query.real()),
          hash_(query.text()),
          status_(query.text()),
          reason_(query.text()),
          telescope_(query.text()),
          start_(query.real()),
          end_(query.real()),
          dec_(query.real()),
          integrations_(query.integer()),
          baselines_(query.integer()),
          channels_(query.integer()),
          correlations_(query.integer()),
          first_(query.real()),
          last_(query.real())
    {}

    std::vector<FileRow> rows()
    {
        std::vector<FileRow> all;
        while (query_.fetch()) all.push_back(row());
        return all;
    }

private:
    static std::optional<std::int64_t> count(Cell<long long> const& cell)
    {
        return cell.null() ? std::nullopt : std::optional<std::int64_t>(cell.value);
    }

    FileRow row() const
    {
        FileRow row;
        row.path = path_.get();
        row.group_id = group_id_.get();
        row.subband_code = code_.get();
        if (!index_.null()) row.subband_idx = static_cast<int>(index_.get());
        row.timestamp_iso = iso_.get();
        row.timestamp_mjd = mjd_.optional();
        row.bytes = bytes_.get();
        row.modified_s = modified_.get();
        row.xxh128 = hash_.get();
        row.status = file_status(status_.get());
        row.reason = reason_.get();
        row.telescope_name = telescope_.get();
        row.start_mjd = start_.optional();
        row.end_mjd = end_.optional();
        row.dec_deg = dec_.optional();
        row.n_integrations = count(integrations_);
        row.n_baselines = count(baselines_);
        row.n_channels = count(channels_);
        row.n_correlations = count(correlations_);
        row.freq_first_hz = first_.optional();
        row.freq_last_hz = last_.optional();
        return row;
    }

    Query& query_;
    Cell<std::string>&path_, &group_id_, &code_;
    Cell<long long>& index_;
    Cell<std::string>& iso_;
    Cell<double>& mjd_;
    Cell<long long>& bytes_;
    Cell<double>& modified_;
    Cell<std::string>&hash_, &status_, &reason_, &telescope_;
    Cell<double>&start_, &end_, &dec_;
    Cell<long long>&integrations_, &baselines_, &channels_, &correlations_;
    Cell<double>&first_, &last_;
};

constexpr char const* upsert =
    "INSERT INTO hdf5_files (path, filename, group_id, subband_code, subband_num, timestamp_iso, timestamp_mjd, "
    "file_size_bytes, modified_time, indexed_at, stored, dec_deg, obs_date, obs_time, xxh128, status, reason, "
    "telescope_name, start_mjd, end_mjd, n_integrations, n_baselines, n_channels, n_correlations, freq_first_hz, "
    "freq_last_hz) VALUES (:path, :filename, :group_id, :code, :num, :iso, :mjd, :bytes, :modified, :indexed, :stored, "
    ":dec, :date, :time, :hash, :status, :reason, :telescope, :start, :end, :nt, :nb, :nc, :np, :f0, :f1) "
    "ON CONFLICT (path) DO UPDATE SET group_id = excluded.group_id, subband_code = excluded.subband_code, "
    "subband_num = excluded.subband_num, timestamp_iso = excluded.timestamp_iso, timestamp_mjd = "
    "excluded.timestamp_mjd, "
    "file_size_bytes = excluded.file_size_bytes, modified_time = excluded.modified_time, "
    "indexed_at = excluded.indexed_at, stored = excluded.stored, dec_deg = excluded.dec_deg, "
    "obs_date = excluded.obs_date, obs_time = excluded.obs_time, xxh128 = CASE WHEN hdf5_files.file_size_bytes = "
    "excluded.file_size_bytes AND hdf5_files.modified_time = excluded.modified_time THEN coalesce(excluded.xxh128, "
    "hdf5_files.xxh128) ELSE excluded.xxh128 END, status = excluded.status, "
    "reason = excluded.reason, telescope_name = excluded.telescope_name, start_mjd = excluded.start_mjd, "
    "end_mjd = excluded.end_mjd, n_integrations = excluded.n_integrations, n_baselines = excluded.n_baselines, "
    "n_channels = excluded.n_channels, n_correlations = excluded.n_correlations, "
    "freq_first_hz = excluded.freq_first_hz, freq_last_hz = excluded.freq_last_hz";

/// A checksum that `now` lacks is none that changed: the file was not read.
bool same(FileRow const& before, FileRow const& now)
{
    auto const &a = before, &b = now;
    return a.group_id == b.group_id && a.subband_code == b.subband_code && a.subband_idx == b.subband_idx &&
           a.timestamp_mjd == b.timestamp_mjd && a.bytes == b.bytes && a.modified_s == b.modified_s &&
           (a.xxh128 == b.xxh128 || b.xxh128.empty()) && a.status == b.status && a.reason == b.reason &&
           a.start_mjd == b.start_mjd;
}

}  // namespace

std::optional<FileRow> find_file(Session& session, std::string const& path)
{
    Query query(session, std::string(file_columns) + "WHERE path = :path");
    query.bind(path);
    auto rows = FileReader(query).rows();
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

std::vector<FileRow> files_in(Session& session, std::string const& directory)
{
    // Paths below a directory lie between "directory/" and "directory0": '0' follows '/' in every encoding used here.
    Query query(session, std::string(file_columns) + "WHERE path > :from AND path < :to ORDER BY path");
    query.bind(directory + "/").bind(directory + "0");
    auto rows = FileReader(query).rows();
    std::erase_if(rows,
                  [&](FileRow const& row) { return row.path.find('/', directory.size() + 1) != std::string::npos; });
    return rows;
}

std::vector<FileRow> files_between(Session& session, double start_mjd, double end_mjd)
{
    Query query(session, std::string(file_columns) +
                             "WHERE timestamp_mjd >= :start AND timestamp_mjd <= :end AND status IN ('present', "
                             "'superseded') ORDER BY path");
    query.bind(start_mjd).bind(end_mjd);
    return FileReader(query).rows();
}

bool has_namesake(Session& session, FileRow const& file)
{
    if (!file.timestamp_mjd) return true;
    Query query(session,
                "SELECT count(*) FROM hdf5_files WHERE timestamp_mjd = :mjd AND subband_num = :number AND "
                "file_size_bytes = :bytes AND path <> :path");
    query.bind(file.timestamp_mjd).bind(file.subband_idx).bind(file.bytes).bind(file.path);
    auto const& n = query.integer();
    return query.fetch() && n.value > 0;
}

void record_hashes(Session& session, std::vector<InputFile> const& files)
{
    constexpr std::size_t at_once = 500;
    transact(session, [&] {
        for (std::size_t first = 0; first < files.size(); first += at_once) {
            Query query(session, "");
            std::string rows;
            for (std::size_t i = first; i < std::min(files.size(), first + at_once); ++i) {
                auto const n = std::to_string(i);
                rows += (rows.empty() ? "(:p" : ", (:p") + n + ", :h" + n + ", CAST(:b" + n + " AS BIGINT))";
                query.bind(files[i].path).bind(files[i].xxh128).bind(files[i].bytes);
            }
            query.set_text("UPDATE hdf5_files SET xxh128 = v.column2 FROM (VALUES " + rows +
                           ") AS v WHERE path = v.column1 AND file_size_bytes = v.column3 AND xxh128 IS NULL");
            query.run();
        }
    });
}

std::map<std::string, FileRow> files_named(Session& session, std::vector<std::string> const& paths)
{
    constexpr std::size_t at_once = 500;
    std::map<std::string, FileRow> found;
    for (std::size_t first = 0; first < paths.size(); first += at_once) {
        Query query(session, "");
        std::string names;
        for (std::size_t i = first; i < std::min(paths.size(), first + at_once); ++i) {
            names += (names.empty() ? ":p" : ", :p") + std::to_string(i);
            query.bind(paths[i]);
        }
        query.set_text(file_columns + ("WHERE path IN (" + names + ")"));
        for (auto& row : FileReader(query).rows()) found.emplace(row.path, std::move(row));
    }
    return found;
}

std::optional<double> indexed_at(Session& session, std::string const& path)
{
    Query query(session, "SELECT indexed_at FROM hdf5_files WHERE path = :path");
    query.bind(path);
    auto const& when = query.real();
    return query.fetch() && !when.null() ? std::optional(when.value) : std::nullopt;
}

FileChange store_file(Session& session, FileRow const* before, FileRow const& file)
{
    if (before && same(*before, file)) return FileChange::none;
    Query query(session, upsert);
    query.bind(file.path).bind(std::filesystem::path(file.path).filename().string()).bind(file.group_id);
    query.bind(file.subband_code).bind(file.subband_idx).bind_text_or_null(file.timestamp_iso).bind(file.timestamp_mjd);
    query.bind(file.bytes).bind(file.modified_s).bind(now_unix_s()).bind(file.status == FileStatus::missing ? 0 : 1);
    query.bind(file.dec_deg);
    bool const dated = file.timestamp_iso.size() >= 19;
    query.bind_text_or_null(dated ? file.timestamp_iso.substr(0, 10) : "");
    query.bind_text_or_null(dated ? file.timestamp_iso.substr(11) : "");
    query.bind_text_or_null(file.xxh128).bind(name(file.status)).bind_text_or_null(file.reason);
    query.bind_text_or_null(file.telescope_name).bind(file.start_mjd).bind(file.end_mjd).bind(file.n_integrations);
    query.bind(file.n_baselines).bind(file.n_channels).bind(file.n_correlations);
    query.bind(file.freq_first_hz).bind(file.freq_last_hz).run();
    return before ? FileChange::updated : FileChange::added;
}

void hold_groups(Session& session, std::vector<std::string> const& group_ids)
{
    if (session.dialect() == Dialect::sqlite) return;
    constexpr std::size_t at_once = 500;
    for (std::size_t first = 0; first < group_ids.size(); first += at_once) {
        Query query(session, "");
        std::string names;
        for (std::size_t i = first; i < std::min(group_ids.size(), first + at_once); ++i) {
            names += (names.empty() ? ":g" : ", :g") + std::to_string(i);
            query.bind(group_ids[i]);
        }
        query.set_text("SELECT group_id FROM ingest_queue WHERE group_id IN (" + names +
                       ") ORDER BY group_id FOR UPDATE");
        query.text();
        while (query.fetch()) continue;
    }
}

}  // namespace nocturne::db
