// The registry of solutions: what is known of each table, which sets hold when, and which two stand before and after a time.
#pragma once

#include "db/session.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nocturne::db {

/// One row of caltables: a table of a set. Unknown numbers are NaN and stored as NULL.
struct CalTableRow {
    std::string set_name;
    std::string path;        ///< unique: FILE#KIND, for a CASA table its directory
    std::string table_type;  ///< K, BA, BP, GA, GP, 2G, FLUX
    std::string cal_field, refant;
    double valid_start_mjd = 0, valid_end_mjd = 0;  ///< NaN: open
    std::string status = "active";                  ///< active, retired, failed
    std::string notes, source_ms_path, solver_command, solver_version, solver_params, quality_json;
    std::string file_path, xxh128;  ///< absolute; of the whole file
    std::int64_t bytes = 0;
    std::string group_id;
    double mid_mjd = 0, dec_deg = 0;
    std::string telescope, antennas_json, frequencies_json, correlations_json, preprocessing;
    std::string qa;  ///< pass, warn, fail
    bool forced = false;
    double created_s = 0;  ///< 0: now
    std::int64_t order_index = 0;
};

/// K 10, BA 20, BP 30, GA 40, GP 50, 2G 60, FLUX 70: the order in which tables are applied. Throws Error(usage).
std::int64_t order_of(std::string const& table_type);

/// What becomes of active tables that have the same paths, or of a set of the same name and group.
enum class Existing { refuse, replace };

/// A file of an active set whose place another took.
struct GaveWay {
    std::string set_name, file_path;
    std::string for_set, for_file;
    auto operator<=>(GaveWay const&) const = default;
};

/// One transaction. Rows of the same path or file are gone, as their file is another now; with `replace` tables that another file of the same group has
/// under the set's name are retired, and their notes say by what. Error(bad_input) where an active one has the path (unless it is to be replaced) or the
/// set's name is taken; retired and failed tables of the same group take none. Returns what was active and is no more, a file solved anew in its place excepted.
std::vector<GaveWay> register_tables(Session& session, std::vector<CalTableRow> const& rows,
                                     Existing existing = Existing::refuse);

/// The same inside a transaction of the caller.
std::vector<GaveWay> register_within(Session& session, std::vector<CalTableRow> const& rows, Existing existing);

struct Imported {
    std::int64_t added = 0, known = 0, retired = 0;
};

/// What another database holds, in one transaction. Tables that are here (path, set and content) stay as they are, but are retired where they are there; a retirement here
/// holds. Error(bad_input) where an active table here has the path of another, or the set's name is taken.
Imported import_tables(Session& session, std::vector<CalTableRow> const& rows);

/// True where the registry does not know these solutions, or only as replaced by others; false where they are active, or a person retired them.
bool lacks_solutions(Session& session, std::string const& file_path, std::string const& xxh128);

/// The tables of one name and status.
struct SetRow {
    std::string set_name, status, group_id, qa, telescope;
    std::int64_t total = 0, active = 0, min_order = 0;
    double mid_mjd = 0, dec_deg = 0, valid_start_mjd = 0, valid_end_mjd = 0, created_s = 0;
    bool bandpass = false, delays = false;
    std::string frequencies_json;  ///< of its bandpass, else of all its tables; "" where these differ (CASA's windows)
    std::string correlations_json, preprocessing;
};

/// By rising mid time.
std::vector<SetRow> list_sets(Session& session);
/// Its tables, active ones first, by order; Error(input_missing) where there is no such set.
std::vector<CalTableRow> show_set(Session& session, std::string const& set_name);
/// The active ones of them.
std::vector<CalTableRow> active_tables(Session& session, std::string const& set_name);
std::vector<CalTableRow> all_tables(Session& session);
/// Tables of a file, by its absolute path without a slash at its end, active ones first.
std::vector<CalTableRow> tables_of_file(Session& session, std::string const& path);
/// Tables of files of this content, whatever they are called: active ones first, among them those of `path`.
std::vector<CalTableRow> tables_of_content(Session& session, std::string const& xxh128, std::string const& path);
/// Why their QA warned or failed, each reason once; nothing of tables that were registered before reasons were kept.
std::vector<std::string> reasons_of(std::vector<CalTableRow> const& tables);
/// "passed its QA with a warning: …"
std::string describe_warning(std::vector<CalTableRow> const& tables);
/// The number of tables retired. What was replaced under this name counts as retired by the person, too. Error(input_missing) where there is no such set.
std::int64_t retire_set(Session& session, std::string const& set_name, std::string const& reason);

enum class SetDemand {
    fitting,  ///< valid at the time, of the strip, within reach
    nearest,  ///< where there is none such, whatever is active
};

/// A time and the declination of the data; strip and reach as in the contract's A4.6.
struct SetSearch {
    double mjd = 0;
    double dec_deg = 0;  ///< NaN: any
    double strip_deg = 2.5;
    double reach_days = 0.5;
    SetDemand demand = SetDemand::fitting;
    double least_gap_days = 0;  ///< two sets that are closer to each other count as one: the nearer of them
    std::function<bool(SetRow const&)> fits =
        {};  ///< asked where sets differ in telescope, channels, hands or preprocessing
};

/// The sets before and after (or one of them): active, their QA passed, valid at the time, of the strip, no further than the reach; of several made of one
/// moment the newest. Where the declination of the data is known, sets that do not say theirs (CASA's tables) are taken only where none says it fits. Sets
/// that do not fit the data stand behind those that do, sets of ours without a bandpass behind those that have one. What is interpolated is of one kind:
/// where the nearest two differ in delays, the nearer one's kind is looked for on the other side.
struct SetChoice {
    std::optional<SetRow> before, after;
    std::string method;        ///< "interpolated", "nearest", "none"
    double weight_before = 0;  ///< linear in time; 1 with `before` alone
    /// Further than 6 h, of a declination that nobody knows, a warning of QA, gains alone, nearest ones passed over for their kind.
    std::vector<std::string> warnings;
};
SetChoice choose_sets(Session& session, SetSearch const& search);

}  // namespace nocturne::db
