// Enters: rows of solutions. Leaves: the registry grown by them, or sets as it knows them.
#include "db/registry.hpp"

#include "db/query.hpp"

#include <algorithm>
#include <limits>

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
                             " ORDER BY set_name, order_index, path");
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

/// Sets that are no further apart are of one moment.
constexpr double same_moment_days = 1.0 / 86400;

bool holds(SetRow const& set, SetSearch const& search)
{
    if (search.demand == SetDemand::nearest) return set.active > 0 && set.active == set.total;
    bool const valid = !(search.mjd < set.valid_start_mjd) && !(search.mjd > set.valid_end_mjd);  // NaN: open
    bool const strip = !(std::abs(set.dec_deg - search.dec_deg) > search.strip_deg);
    return set.active > 0 && set.active == set.total && set.qa != "fail" && valid && strip &&
           std::abs(set.mid_mjd - search.mjd) <= search.reach_days;
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

void register_tables(Session& session, std::vector<CalTableRow> const& rows, Existing existing)
{
    Transaction transaction(session);  // once: a second try would find the names taken
    register_within(session, rows, existing);
    transaction.commit();
}

void register_within(Session& session, std::vector<CalTableRow> const& rows, Existing existing)
{
    hold(session, Matter::registry);
    for (auto const& row : rows) {
        if (existing == Existing::replace && !row.group_id.empty())
            Query(session, "DELETE FROM caltables WHERE set_name = :set AND group_id = :group")
                .bind(row.set_name)
                .bind(row.group_id)
                .run();
        std::string const which = existing == Existing::replace ? "" : " AND status <> 'active'";
        Query(session, "DELETE FROM caltables WHERE path = :path" + which).bind(row.path).run();
        if (count(session, "path = :path", row.path) > 0)
            throw Error(Code::bad_input, "table " + row.path + " is registered already", "its set is active",
                        "retire that set first: nocturne registry retire SET");
    }
    for (auto const& row : rows)
        if (row.set_name.empty() || count(session, "set_name = :set", row.set_name) > 0)
            throw Error(Code::bad_input, "set '" + row.set_name + "' is registered already", "the name is taken",
                        "choose another with --set");
    for (auto const& row : rows) insert(session, row);
}

std::vector<SetRow> list_sets(Session& session)
{
    Query query(session,
                "SELECT set_name, max(group_id), max(CASE WHEN qa = 'fail' THEN 1 ELSE 0 END), "
                "max(CASE WHEN qa = 'warn' THEN 1 ELSE 0 END), max(telescope), count(*), "
                "sum(CASE WHEN status = 'active' THEN 1 ELSE 0 END), min(order_index), avg(mid_mjd), avg(dec_deg), "
                "max(valid_start_mjd), "
                "min(valid_end_mjd), max(created_at), max(status) FROM caltables GROUP BY set_name "
                "ORDER BY avg(mid_mjd), set_name");
    auto &name = query.text(), &group = query.text();
    auto &fail = query.integer(), &warn = query.integer();
    auto& telescope = query.text();
    auto &total = query.integer(), &active = query.integer(), &order = query.integer();
    auto &mid = query.real(), &dec = query.real(), &start = query.real(), &end = query.real(), &created = query.real();
    auto& status = query.text();
    std::vector<SetRow> sets;
    while (query.fetch())
        sets.push_back({name.get(), status.get(), group.get(),
                        fail.get()   ? "fail"
                        : warn.get() ? "warn"
                                     : "pass",
                        telescope.get(), total.get(), active.get(), order.get(), mid.get(), dec.get(nan),
                        start.get(nan), end.get(nan), created.get()});
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

std::vector<CalTableRow> tables_of_file(Session& session, std::string const& path)
{
    return select(session, "status = 'active' AND file_path = :path", path);
}

std::vector<CalTableRow> all_tables(Session& session) { return select(session, "1 = 1", std::nullopt); }

std::int64_t retire_set(Session& session, std::string const& set_name, std::string const& reason)
{
    show_set(session, set_name);
    Transaction transaction(session);
    hold(session, Matter::registry);
    auto const n = Query(session,
                         "UPDATE caltables SET status = 'retired', notes = coalesce(:reason, notes) "
                         "WHERE set_name = :set AND status = 'active'")
                       .bind_text_or_null(reason)
                       .bind(set_name)
                       .run();
    transaction.commit();
    return n;
}

namespace {

std::vector<SetRow> sets_that_hold(Session& session, SetSearch const& search)
{
    auto sets = list_sets(session);
    std::erase_if(sets, [&](SetRow const& set) { return !holds(set, search); });
    auto const unknown = [](SetRow const& set) { return std::isnan(set.dec_deg); };
    if (!std::isnan(search.dec_deg) && !std::all_of(sets.begin(), sets.end(), unknown)) std::erase_if(sets, unknown);
    return sets;
}

}  // namespace

SetChoice choose_sets(Session& session, SetSearch const& search)
{
    SetChoice choice;
    for (auto const& set : sets_that_hold(session, search)) {
        auto& side = set.mid_mjd <= search.mjd ? choice.before : choice.after;
        bool const same = side && std::abs(side->mid_mjd - set.mid_mjd) < same_moment_days;
        bool const nearer = !side || std::abs(set.mid_mjd - search.mjd) < std::abs(side->mid_mjd - search.mjd);
        if (same ? set.created_s > side->created_s : nearer) side = set;
    }
    if (choice.before && choice.after && choice.after->mid_mjd - choice.before->mid_mjd < search.least_gap_days) {
        bool const before = search.mjd - choice.before->mid_mjd <= choice.after->mid_mjd - search.mjd;
        (before ? choice.after : choice.before).reset();
    }
    bool const both = choice.before && choice.after;
    choice.method = both ? "interpolated" : choice.before || choice.after ? "nearest" : "none";
    choice.weight_before = both
                               ? (choice.after->mid_mjd - search.mjd) / (choice.after->mid_mjd - choice.before->mid_mjd)
                               : (choice.before ? 1 : 0);
    for (auto const* side : {&choice.before, &choice.after})
        if (*side && std::abs((*side)->mid_mjd - search.mjd) > 0.25)
            choice.warnings.push_back("set " + (*side)->set_name + " is more than 6 h away");
    for (auto const* side : {&choice.before, &choice.after})
        if (*side && std::isnan((*side)->dec_deg) && !std::isnan(search.dec_deg))
            choice.warnings.push_back("set " + (*side)->set_name + " does not say its declination");
    return choice;
}

}  // namespace nocturne::db
