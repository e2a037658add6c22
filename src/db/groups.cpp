// Reads groups and files. Enters: a window, a name, a directory. Leaves: rows.
#include "db/groups.hpp"

#include "db/query.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>

namespace nocturne::db {
namespace {

constexpr char const* group_columns =
    "SELECT group_id, state, processing_stage, expected_subbands, n_subbands, missing, start_mjd, end_mjd, path, "
    "retry_count, error, error_stage, error_code, run_id, received_at, last_update, failures, failed_key FROM "
    "ingest_queue ";

/// Binds the columns of one group query once; `row()` makes a GroupRow of the current row.
class GroupRows {
public:
    explicit GroupRows(Query& query)
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
          updated_(query.real()),
          failures_(query.integer()),
          failed_key_(query.text())
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
        row.failures = static_cast<int>(failures_.get());
        row.failed_key = failed_key_.get();
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
    Cell<long long>& failures_;
    Cell<std::string>& failed_key_;
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
    GroupRows const reader(query);
    std::vector<GroupRow> rows;
    while (query.fetch()) rows.push_back(reader.row());
    return rows;
}

std::optional<GroupRow> find_group(Session& session, std::string const& group_id)
{
    Query query(session, std::string(group_columns) + "WHERE group_id = :id");
    query.bind(group_id);
    GroupRows const reader(query);
    return query.fetch() ? std::optional(reader.row()) : std::nullopt;
}

bool given_up(GroupRow const& group)
{
    return group.state == QueueState::failed && group.stage == "error" && !group.failed_key.empty();
}

bool settled_by_hand(GroupRow const& group)
{
    return group.state == QueueState::failed && group.stage == "error" && group.failed_key.empty();
}

bool awaits_files(GroupRow const& group)
{
    return group.state == QueueState::collecting && group.n_subbands == 0 && group.error.rfind(done_again, 0) == 0;
}

std::vector<InputFile> files_of(Session& session, std::string const& group_id)
{
    Query query(session,
                "SELECT s.subband_idx, s.path, f.xxh128, f.file_size_bytes, f.modified_time FROM subband_files s "
                "JOIN hdf5_files f ON f.path = s.path WHERE s.group_id = :id ORDER BY s.subband_idx");
    query.bind(group_id);
    auto& index = query.integer();
    auto& path = query.text();
    auto& hash = query.text();
    auto& bytes = query.integer();
    auto& modified = query.real();
    std::vector<InputFile> files;
    while (query.fetch())
        files.push_back({static_cast<int>(index.get()), path.get(), hash.get(), bytes.get(), modified.get()});
    return files;
}

namespace {

/// ":g0, :g1, …" of a part of the names, bound to the query.
std::string bind_names(Query& query, std::span<std::string const> names)
{
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
        list += (i ? ", :g" : ":g") + std::to_string(i);
        query.bind(names[i]);
    }
    return list;
}

void read_rows(Session& session, std::span<std::string const> names, std::map<std::string, GroupFacts>& facts)
{
    Query query(session, "");
    query.set_text(group_columns + ("WHERE group_id IN (" + bind_names(query, names) + ")"));
    GroupRows const reader(query);
    while (query.fetch()) {
        auto row = reader.row();
        auto& one = facts[row.group_id];
        one.row = std::move(row);
    }
}

void widen(GroupFacts& one, double first_hz, double last_hz)
{
    double const low = std::min(first_hz, last_hz);  // a file may descend
    one.low_hz = one.low_hz > 0 ? std::min(one.low_hz, low) : low;
    one.high_hz = std::max({one.high_hz, first_hz, last_hz});
}

void read_files(Session& session, std::span<std::string const> names, std::map<std::string, GroupFacts>& facts)
{
    Query query(session, "");
    query.set_text(
        "SELECT s.group_id, s.subband_idx, s.path, f.xxh128, f.file_size_bytes, f.modified_time, f.telescope_name, "
        "f.dec_deg, f.freq_first_hz, f.freq_last_hz FROM "
        "subband_files s JOIN hdf5_files f ON f.path = s.path WHERE s.group_id IN (" +
        bind_names(query, names) + ") ORDER BY s.group_id, s.subband_idx");
    auto& id = query.text();
    auto& index = query.integer();
    auto &path = query.text(), &hash = query.text();
    auto& bytes = query.integer();
    auto& modified = query.real();
    auto& telescope = query.text();
    auto &dec = query.real(), &first = query.real(), &last = query.real();
    while (query.fetch()) {
        auto const found = facts.find(id.get());
        if (found == facts.end()) continue;
        auto& one = found->second;
        if (one.files.empty()) one.telescope = telescope.get();
        if (!dec.null()) one.dec_deg = dec.get();
        if (!first.null() && !last.null()) widen(one, first.get(), last.get());
        one.files.push_back({static_cast<int>(index.get()), path.get(), hash.get(), bytes.get(), modified.get()});
    }
}

void read_results(Session& session, std::span<std::string const> names, std::map<std::string, GroupFacts>& facts)
{
    Query query(session, "");
    query.set_text("SELECT DISTINCT group_id FROM group_runs WHERE status = 'COMPLETED' AND group_id IN (" +
                   bind_names(query, names) + ")");
    auto& id = query.text();
    while (query.fetch())
        if (auto const found = facts.find(id.get()); found != facts.end()) found->second.has_results = true;
}

}  // namespace

std::map<std::string, GroupFacts> facts_of(Session& session, std::vector<std::string> const& group_ids)
{
    constexpr std::size_t at_once = 500;
    std::map<std::string, GroupFacts> facts;
    for (std::size_t first = 0; first < group_ids.size(); first += at_once) {
        auto const part = std::span(group_ids).subspan(first, std::min(at_once, group_ids.size() - first));
        read_rows(session, part, facts);
        read_files(session, part, facts);
        read_results(session, part, facts);
    }
    return facts;
}

}  // namespace nocturne::db
