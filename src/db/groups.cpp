// Reads groups and files. Enters: a window, a name, a directory. Leaves: rows.
#include "db/groups.hpp"

#include "db/query.hpp"

#include <nlohmann/json.hpp>

namespace nocturne::db {
namespace {

constexpr char const* group_columns =
    "SELECT group_id, state, processing_stage, expected_subbands, n_subbands, missing, start_mjd, end_mjd, path, "
    "retry_count, error, error_stage, error_code, run_id, received_at, last_update FROM ingest_queue ";

/// Binds the columns of one group query once; `row()` makes a GroupRow of the current row.
class GroupReader {
public:
    explicit GroupReader(Query& query)
        : group_id_(query.text()),
          state_(query.text()),
          stage_(query.text()),
          expected_(query.integer()),
          n_(query.integer()),
          missing_(query.text()),
          start_(query.real()),
          end_(query.real()),
          path_(query.text()),
          retries_(query.integer()),
          error_(query.text()),
          error_stage_(query.text()),
          error_code_(query.integer()),
          run_id_(query.text()),
          received_(query.real()),
          updated_(query.real())
    {}

    GroupRow row() const
    {
        GroupRow row;
        row.group_id = group_id_.get();
        row.state = queue_state(state_.get());
        row.stage = stage_.get();
        row.expected_subbands = static_cast<int>(expected_.get());
        row.n_subbands = static_cast<int>(n_.get());
        auto const missing = nlohmann::json::parse(missing_.get("[]"), nullptr, false);
        if (missing.is_array()) row.missing = missing.get<std::vector<int>>();
        row.start_mjd = start_.optional();
        row.end_mjd = end_.optional();
        row.path = path_.get();
        row.retry_count = static_cast<int>(retries_.get());
        row.error = error_.get();
        row.error_stage = error_stage_.get();
        if (!error_code_.null()) row.error_code = static_cast<int>(error_code_.get());
        row.run_id = run_id_.get();
        row.received_s = received_.get();
        row.last_update_s = updated_.get();
        return row;
    }

private:
    Cell<std::string>&group_id_, &state_, &stage_;
    Cell<long long>&expected_, &n_;
    Cell<std::string>& missing_;
    Cell<double>&start_, &end_;
    Cell<std::string>& path_;
    Cell<long long>& retries_;
    Cell<std::string>&error_, &error_stage_;
    Cell<long long>& error_code_;
    Cell<std::string>& run_id_;
    Cell<double>&received_, &updated_;
};

}  // namespace

std::vector<GroupRow> list_groups(Session& session, GroupWindow const& window)
{
    std::string where;
    auto const add = [&](char const* condition) {
        where += (where.empty() ? "WHERE " : " AND ") + std::string(condition);
    };
    if (window.start_mjd) add("start_mjd >= :start");
    if (window.end_mjd) add("start_mjd < :end");
    if (window.state) add("state = :state");
    bool const dated = window.start_mjd || window.end_mjd;
    std::string const order = dated ? " ORDER BY start_mjd, group_id" : " ORDER BY start_mjd NULLS FIRST, group_id";
    Query query(session, group_columns + where + order + (window.limit >= 0 ? " LIMIT :limit" : ""));
    if (window.start_mjd) query.bind(*window.start_mjd);
    if (window.end_mjd) query.bind(*window.end_mjd);
    if (window.state) query.bind(name(*window.state));
    if (window.limit >= 0) query.bind(window.limit);
    GroupReader const reader(query);
    std::vector<GroupRow> rows;
    while (query.fetch()) rows.push_back(reader.row());
    return rows;
}

std::optional<GroupRow> find_group(Session& session, std::string const& group_id)
{
    Query query(session, std::string(group_columns) + "WHERE group_id = :id");
    query.bind(group_id);
    GroupReader const reader(query);
    return query.fetch() ? std::optional(reader.row()) : std::nullopt;
}

std::vector<InputFile> files_of(Session& session, std::string const& group_id)
{
    Query query(session,
                "SELECT s.subband_idx, s.path, f.xxh128, f.file_size_bytes FROM subband_files s "
                "JOIN hdf5_files f ON f.path = s.path WHERE s.group_id = :id ORDER BY s.subband_idx");
    query.bind(group_id);
    auto& index = query.integer();
    auto& path = query.text();
    auto& hash = query.text();
    auto& bytes = query.integer();
    std::vector<InputFile> files;
    while (query.fetch()) files.push_back({static_cast<int>(index.get()), path.get(), hash.get(), bytes.get()});
    return files;
}

}  // namespace nocturne::db
