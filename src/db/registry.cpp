// Enters: rows of solutions. Leaves: the registry grown by them, or sets as it knows them.
#include "db/registry.hpp"

#include "db/query.hpp"
#include "nocturne/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <set>

namespace nocturne::db {
namespace {

double const nan = std::numeric_limits<double>::quiet_NaN();

constexpr char const* columns =
    "set_name, path, table_type, order_index, cal_field, refant, created_at, valid_start_mjd, valid_end_mjd, status, "
    "notes, source_ms_path, solver_command, solver_version, solver_params, quality_metrics, file_path, xxh128, bytes, "
    "group_id, mid_mjd, dec_deg, telescope, antennas, frequencies, correlations, preprocessing, qa, forced";

std::int64_t count(Session& session, std::string const& condition, std::string const& value)
{
    Query query(session, "SELECT count(*) FROM caltables WHERE " + condition);
    query.bind(value);
    auto& n = query.integer();
    return query.fetch() ? n.get() : 0;
}

void insert(Session& session, CalTableRow const& row)
{
    Query query(session, std::string("INSERT INTO caltables (") + columns +
                             ") VALUES (:set, :path, :type, :order, :field, :refant, :created, :start, :end, :status, "
                             ":notes, :ms, :command, :version, :params, :quality, :file, :hash, :bytes, :group, :mid, "
                             ":dec, :telescope, :antennas, :frequencies, :correlations, :preprocessing, :qa, :forced)");
    query.bind(row.set_name).bind(row.path).bind(row.table_type).bind(order_of(row.table_type));
    query.bind_text_or_null(row.cal_field).bind_text_or_null(row.refant);
    query.bind(row.created_s > 0 ? row.created_s : now_unix_s());
    query.bind(row.valid_start_mjd).bind(row.valid_end_mjd).bind(row.status);
    query.bind_text_or_null(row.notes).bind_text_or_null(row.source_ms_path).bind_text_or_null(row.solver_command);
    query.bind_text_or_null(row.solver_version)
        .bind_text_or_null(row.solver_params)
        .bind_text_or_null(row.quality_json);
    query.bind(row.file_path).bind(row.xxh128).bind(row.bytes).bind_text_or_null(row.group_id).bind(row.mid_mjd);
    query.bind(row.dec_deg).bind_text_or_null(row.telescope).bind(row.antennas_json).bind(row.frequencies_json);
    query.bind(row.correlations_json).bind_text_or_null(row.preprocessing).bind(row.qa).bind(row.forced ? 1 : 0).run();
}

std::vector<CalTableRow> select(Session& session, std::string const& condition, std::optional<std::string> const& value)
{
    Query query(session, std::string("SELECT ") + columns + " FROM caltables WHERE " + condition +
                             " ORDER BY set_name, status, order_index, path");
    if (value) query.bind(*value);
    auto &set = query.text(), &path = query.text(), &type = query.text();
    auto& order = query.integer();
    auto &field = query.text(), &refant = query.text();
    auto &created = query.real(), &start = query.real(), &end = query.real();
    auto &status = query.text(), &notes = query.text(), &ms = query.text(), &command = query.text(),
         &version = query.text(), &params = query.text(), &quality = query.text(), &file = query.text(),
         &hash = query.text();
    auto& bytes = query.integer();
    auto& group = query.text();
    auto &mid = query.real(), &dec = query.real();
    auto &telescope = query.text(), &antennas = query.text(), &frequencies = query.text(), &correlations = query.text(),
         &preprocessing = query.text(), &qa = query.text();
    auto& forced = query.integer();
    std::vector<CalTableRow> rows;
    while (query.fetch())
        rows.push_back({set.get(),       path.get(),        type.get(),        field.get(),        refant.get(),
                        start.get(nan),  end.get(nan),      status.get(),      notes.get(),        ms.get(),
                        command.get(),   version.get(),     params.get(),      quality.get(),      file.get(),
                        hash.get(),      bytes.get(),       group.get(),       mid.get(),          dec.get(nan),
                        telescope.get(), antennas.get(),    frequencies.get(), correlations.get(), preprocessing.get(),
                        qa.get(),        forced.get() != 0, created.get(),     order.get()});
    return rows;
}

/// Notes of tables whose set another file of the same group has taken over begin so; what a person retires has other notes.
constexpr char const* replaced_by = "its place was taken by ";

/// Adds what is active under `condition`, of whose values `value` is the first and `second` the second.
void note_active(Session& session, std::string const& condition, std::string const& value, std::string const& second,
                 CalTableRow const& row, std::set<GaveWay>& gone)
{
    Query query(session, "SELECT DISTINCT set_name, file_path FROM caltables WHERE status = 'active' AND " + condition);
    query.bind(value).bind(second);
    auto &set = query.text(), &file = query.text();
    while (query.fetch())
        if (set.get() != row.set_name || file.get() != row.file_path)
            gone.insert({set.get(), file.get(), row.set_name, row.file_path});
}

/// Other files of the group under the set's name are retired; `gone` grows by those that were active.
void retire_others(Session& session, CalTableRow const& row, std::set<std::string> const& files,
                   std::set<GaveWay>& gone)
{
    for (auto const& other : select(session, "status <> 'retired' AND set_name = :set", row.set_name)) {
        if (other.group_id != row.group_id || files.count(other.file_path)) continue;
        bool const active = other.status == "active";
        if (active) gone.insert({other.set_name, other.file_path, row.set_name, row.file_path});
        Query(session, "UPDATE caltables SET status = 'retired', notes = :notes WHERE path = :path")
            .bind((active ? "" : "it failed, and ") + (replaced_by + row.file_path))
            .bind(other.path)
            .run();
    }
}

/// Rows of the same path or file go: their solutions are no more. Rows of old may end in a slash.
void drop_rows_of_file(Session& session, CalTableRow const& row, Existing existing, std::set<GaveWay>& gone)
{
    std::string const same = "(rtrim(path, '/') = :path OR rtrim(file_path, '/') = :file)";
    bool const replace = existing == Existing::replace;
    if (replace) note_active(session, same, row.path, row.file_path, row, gone);
    Query(session, "DELETE FROM caltables WHERE " + same + (replace ? "" : " AND status <> 'active'"))
        .bind(row.path)
        .bind(row.file_path)
        .run();
}

bool is_taken(Session& session, CalTableRow const& row)
{
    Query query(session,
                "SELECT count(*) FROM caltables WHERE set_name = :set AND NOT (status <> 'active' AND "
                "coalesce(group_id, '') = :group)");
    query.bind(row.set_name).bind(row.group_id);
    auto& n = query.integer();
    return query.fetch() && n.get() > 0;
}

}  // namespace

std::int64_t order_of(std::string const& table_type)
{
    static std::vector<std::string> const types{"K", "BA", "BP", "GA", "GP", "2G", "FLUX"};
    auto const found = std::find(types.begin(), types.end(), table_type);
    if (found == types.end())
        throw Error(Code::usage, "table type '" + table_type + "'", "there is none",
                    "use K, BA, BP, GA, GP, 2G or FLUX");
    return 10 * (1 + (found - types.begin()));
}

std::vector<GaveWay> register_tables(Session& session, std::vector<CalTableRow> const& rows, Existing existing)
{
    Transaction transaction(session);  // once: a second try would find the names taken
    auto gone = register_within(session, rows, existing);
    transaction.commit();
    return gone;
}

std::vector<GaveWay> register_within(Session& session, std::vector<CalTableRow> const& rows, Existing existing)
{
    hold(session, Matter::registry);
    std::set<std::string> files;
    for (auto const& row : rows) files.insert(row.file_path);
    std::set<GaveWay> gone;
    for (auto const& row : rows) {
        if (existing == Existing::replace && !row.group_id.empty()) retire_others(session, row, files, gone);
        drop_rows_of_file(session, row, existing, gone);
        if (count(session, "rtrim(path, '/') = :path", row.path) > 0)
            throw Error(Code::bad_input, "table " + row.path + " is registered already", "its set is active",
                        "retire that set first: nocturne registry retire SET");
    }
    for (auto const& row : rows)
        if (row.set_name.empty() || is_taken(session, row))
            throw Error(Code::bad_input, "set '" + row.set_name + "' is registered already", "the name is taken",
                        "choose another with --set");
    for (auto const& row : rows) insert(session, row);
    return {gone.begin(), gone.end()};
}

Imported import_tables(Session& session, std::vector<CalTableRow> const& rows)
{
    Transaction transaction(session);
    hold(session, Matter::registry);
    Imported done;
    std::vector<CalTableRow> fresh;
    for (auto const& row : rows) {
        auto const here = select(session, "rtrim(path, '/') = :path", row.path);
        bool const active = !here.empty() && here.front().status == "active";
        bool const same = !here.empty() && here.front().set_name == row.set_name && here.front().xxh128 == row.xxh128;
        if (same && active && row.status == "retired") {
            Query(session, "UPDATE caltables SET status = 'retired', notes = :notes WHERE path = :path")
                .bind(row.notes)
                .bind(here.front().path)
                .run();
            ++done.retired;
        } else if (same || (active && row.status != "active")) {
            ++done.known;
        } else if (active) {
            throw Error(Code::bad_input, "table " + row.path + " of set '" + row.set_name + "' is another one here",
                        "here it is of set '" + here.front().set_name + "', which is active",
                        "retire that set first: nocturne registry retire " + here.front().set_name);
        } else {
            fresh.push_back(row);
        }
    }
    register_within(session, fresh, Existing::refuse);
    done.added = std::ssize(fresh);
    transaction.commit();
    return done;
}

bool lacks_solutions(Session& session, std::string const& file_path, std::string const& xxh128)
{
    for (auto const& row : tables_of_file(session, file_path))
        if (row.xxh128 == xxh128 && !(row.status == "retired" && row.notes.rfind(replaced_by, 0) == 0)) return false;
    return true;
}

std::vector<SetRow> list_sets(Session& session)
{
    Query query(session,
                "SELECT set_name, max(group_id), max(CASE WHEN qa = 'fail' THEN 1 ELSE 0 END), "
                "max(CASE WHEN qa = 'warn' THEN 1 ELSE 0 END), max(telescope), count(*), "
                "sum(CASE WHEN status = 'active' THEN 1 ELSE 0 END), min(order_index), avg(mid_mjd), avg(dec_deg), "
                "max(valid_start_mjd), "
                "min(valid_end_mjd), max(created_at), status, max(CASE WHEN table_type = 'K' THEN 1 ELSE 0 END), "
                "max(CASE WHEN table_type IN ('BA', 'BP') THEN frequencies END), "
                "min(CASE WHEN table_type IN ('BA', 'BP') THEN frequencies END), max(frequencies), min(frequencies), "
                "max(correlations), max(preprocessing) FROM caltables GROUP BY set_name, status "
                "ORDER BY avg(mid_mjd), set_name, status");
    auto &name = query.text(), &group = query.text();
    auto &fail = query.integer(), &warn = query.integer();
    auto& telescope = query.text();
    auto &total = query.integer(), &active = query.integer(), &order = query.integer();
    auto &mid = query.real(), &dec = query.real(), &start = query.real(), &end = query.real(), &created = query.real();
    auto& status = query.text();
    auto& delays = query.integer();
    auto &last_b = query.text(), &first_b = query.text(), &last = query.text(), &first = query.text(),
         &correlations = query.text(), &preprocessing = query.text();
    std::vector<SetRow> sets;
    auto const one_of = [](auto const& a, auto const& b) { return a.get() == b.get() ? a.get() : std::string(); };
    while (query.fetch())
        sets.push_back({name.get(), status.get(), group.get(),
                        fail.get()   ? "fail"
                        : warn.get() ? "warn"
                                     : "pass",
                        telescope.get(), total.get(), active.get(), order.get(), mid.get(), dec.get(nan),
                        start.get(nan), end.get(nan), created.get(), !first_b.null(), delays.get() > 0,
                        first_b.null() ? one_of(first, last) : one_of(first_b, last_b), correlations.get(),
                        preprocessing.get()});
    return sets;
}

std::vector<CalTableRow> show_set(Session& session, std::string const& set_name)
{
    auto rows = select(session, "set_name = :set", set_name);
    if (rows.empty())
        throw Error(Code::input_missing, "no set '" + set_name + "'",
                    "database " + session.path() + " has none of this name", "list them with nocturne registry list");
    return rows;
}

std::vector<CalTableRow> active_tables(Session& session, std::string const& set_name)
{
    return select(session, "status = 'active' AND set_name = :set", set_name);
}

std::vector<CalTableRow> tables_of_file(Session& session, std::string const& path)
{
    auto rows = select(session, "rtrim(file_path, '/') = :path", path);
    std::stable_partition(rows.begin(), rows.end(), [](CalTableRow const& row) { return row.status == "active"; });
    return rows;
}

std::vector<CalTableRow> tables_of_content(Session& session, std::string const& xxh128, std::string const& path)
{
    auto rows = select(session, "xxh128 = :content", xxh128);
    std::stable_sort(rows.begin(), rows.end(), [&](CalTableRow const& a, CalTableRow const& b) {
        auto const rank = [&](CalTableRow const& row) {
            return std::pair(row.status != "active", row.file_path != path);
        };
        return rank(a) < rank(b);
    });
    return rows;
}

std::vector<CalTableRow> all_tables(Session& session) { return select(session, "1 = 1", std::nullopt); }

std::vector<std::string> reasons_of(std::vector<CalTableRow> const& tables)
{
    std::vector<std::string> reasons;
    for (auto const& row : tables) {
        auto const quality = nlohmann::json::parse(row.quality_json, nullptr, false);
        if (!quality.is_object() || !quality.contains("reasons") || !quality["reasons"].is_array()) continue;
        for (auto const& one : quality["reasons"])
            if (one.is_string() && std::find(reasons.begin(), reasons.end(), one) == reasons.end())
                reasons.push_back(one);
    }
    return reasons;
}

std::string describe_warning(std::vector<CalTableRow> const& tables)
{
    auto const reasons = reasons_of(tables);
    return "passed its QA with a warning" + (reasons.empty() ? "" : ": " + join(reasons, "; "));
}

std::int64_t retire_set(Session& session, std::string const& set_name, std::string const& reason)
{
    show_set(session, set_name);
    Transaction transaction(session);
    hold(session, Matter::registry);
    auto const n = Query(session,
                         "UPDATE caltables SET status = 'retired', notes = coalesce(:reason, notes) "
                         "WHERE set_name = :set AND status <> 'retired'")
                       .bind_text_or_null(reason)
                       .bind(set_name)
                       .run();
    Query(session,
          "UPDATE caltables SET notes = :reason WHERE set_name = :set AND status = 'retired' AND notes LIKE :replaced")
        .bind_text_or_null(reason)
        .bind(set_name)
        .bind(std::string(replaced_by) + "%")
        .run();
    transaction.commit();
    return n;
}

}  // namespace nocturne::db
