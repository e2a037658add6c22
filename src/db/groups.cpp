// Reads groups and files. Enters: a window, a name, a directory. Leaves: rows.
#include "db/groups.hpp"

#include "db/group_rows.hpp"

#include <algorithm>
#include <span>

namespace nocturne::db {
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
    Query query(session, "SELECT " + group_columns() + " FROM ingest_queue " + where + order +
                             (window.limit >= 0 ? " LIMIT :limit" : ""));
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
    Query query(session, "SELECT " + group_columns() + " FROM ingest_queue WHERE group_id = :id");
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
    query.set_text("SELECT " + group_columns() + " FROM ingest_queue WHERE group_id IN (" + bind_names(query, names) +
                   ")");
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
