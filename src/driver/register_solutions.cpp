#include "driver/register_solutions.hpp"

#include "driver/firewall.hpp"
#include "driver/header_json.hpp"
#include "nocturne/correlation.hpp"
#include "nocturne/text.hpp"
#include "stages/apply/sets.hpp"
#include "stages/apply/solution_axes.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>

namespace nocturne {
namespace {

using OrderedJson = nlohmann::ordered_json;

/// Amplitude and phase, or phase alone.
std::string type_of(CalTable const& table)
{
    switch (table.kind) {
        case CalKind::delay:
            return "K";
        case CalKind::bandpass:
            return table.phase_only ? "BP" : "BA";
        case CalKind::jones:
            throw Error(Code::bad_input, "Jones matrices cannot be registered",
                        "the registry knows delays, bandpasses and gains", "name their file with --solutions");
        case CalKind::gain:
            break;
    }
    return table.phase_only ? "GP" : "GA";
}

OrderedJson number_or_null(double value) { return std::isfinite(value) ? OrderedJson(value) : OrderedJson(nullptr); }

std::int64_t size_of(std::string const& path)
{
    namespace fs = std::filesystem;
    if (!fs::is_directory(path)) return static_cast<std::int64_t>(fs::file_size(path));
    std::int64_t sum = 0;
    for (auto const& entry : fs::recursive_directory_iterator(path))
        if (entry.is_regular_file()) sum += static_cast<std::int64_t>(entry.file_size());
    return sum;
}

double mid_mjd(LoadedSolutions const& loaded)
{
    auto const around = default_validity(loaded);
    return 0.5 * (around.start_mjd + around.end_mjd);
}

db::CalTableRow table_row(LoadedSolutions const& loaded, std::size_t index, RegisterRequest const& request)
{
    auto const& table = loaded.tables[index];
    db::CalTableRow row;
    row.table_type = type_of(table);
    row.path = loaded.file.path;
    if (!loaded.of_casa) row.path += std::string("#") + name(table.kind);
    if (loaded.of_casa && loaded.tables.size() > 1) row.path += "#" + std::to_string(index);
    row.set_name = request.set_name.empty() ? table.group_id : request.set_name;
    row.cal_field = table.model.substr(0, table.model.find(' '));
    if (table.reference_antenna >= 0)
        row.refant = table.antennas[static_cast<std::size_t>(table.reference_antenna)].name;
    auto const around = default_validity(loaded);
    row.valid_start_mjd = request.valid_start_mjd.value_or(around.start_mjd);
    row.valid_end_mjd = request.valid_end_mjd.value_or(around.end_mjd);
    if (row.valid_end_mjd <= row.valid_start_mjd)
        throw Error(Code::usage, "no set can be valid so",
                    "it would end at MJD " + std::to_string(row.valid_end_mjd) + " and begin at " +
                        std::to_string(row.valid_start_mjd),
                    request.valid_start_mjd && request.valid_end_mjd
                        ? "exchange --valid-from and --valid-to"
                        : "say both --valid-from and --valid-to: what is not said is half a day around the solutions");
    row.notes = request.notes;
    row.source_ms_path = table.group_id.empty() ? "" : (loaded.of_casa ? "" : "group:") + table.group_id;
    row.solver_command = request.command_line;
    row.solver_version = request.code_version;
    row.solver_params = table.method;
    row.file_path = loaded.file.path;
    row.xxh128 = loaded.file.xxh128;
    row.group_id = table.group_id;
    row.mid_mjd = mid_mjd(loaded);
    row.dec_deg = table.pointing_dec_rad / degree_rad;
    row.telescope = table.site.telescope_name;
    row.antennas_json = to_json(table.antennas).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    row.frequencies_json = OrderedJson{
        {"first_hz", table.freq_hz.front()},
        {"last_hz", table.freq_hz.back()},
        {"width_hz", table.channel_width_hz.front()},
        {"n",
         table.freq_hz.size()}}.dump();
    auto correlations = OrderedJson::array();
    for (auto correlation : table.correlations) correlations.push_back(name(correlation));
    row.correlations_json = correlations.dump();
    row.preprocessing = table.preprocessing;
    return row;
}

}  // namespace

nlohmann::ordered_json to_json(SolutionQuality const& quality)
{
    auto const hands = [](TableQuality const& t) {
        auto all = OrderedJson::array();
        for (auto const& h : t.hands)
            all.push_back({{"hand", name(h.hand)},
                           {"mean_snr", number_or_null(h.mean_snr)},
                           {"flagged_fraction", h.flagged_fraction},
                           {"broken_fraction", h.broken_fraction},
                           {"antennas", h.n_antennas},
                           {"amplitude_outliers", h.amplitude_outliers},
                           {"phase_scatter_deg", number_or_null(h.phase_scatter_deg)},
                           {"unexplained_ratio", number_or_null(h.unexplained_ratio)},
                           {"unexplained_share", number_or_null(h.unexplained_share)}});
        return all;
    };
    auto tables = OrderedJson::array();
    for (auto const& t : quality.tables)
        tables.push_back({{"type", name(t.kind)},
                          {"mean_snr", number_or_null(t.mean_snr)},
                          {"flagged_fraction", t.flagged_fraction},
                          {"broken_fraction", t.broken_fraction},
                          {"missing_band", t.missing_band},
                          {"antennas", t.n_antennas},
                          {"amplitude_outliers", t.amplitude_outliers},
                          {"phase_scatter_deg", number_or_null(t.phase_scatter_deg)},
                          {"unexplained_ratio", number_or_null(t.unexplained_ratio)},
                          {"unexplained_share", number_or_null(t.unexplained_share)},
                          {"largest_delay_ns", t.largest_delay_ns},
                          {"stray_channels", t.stray_channels},
                          {"poor_parts", t.poor_parts},
                          {"lost_parts", t.lost_parts},
                          {"reasons", t.reasons},
                          {"hands", hands(t)}});
    return {{"verdict", name(quality.verdict)}, {"reasons", quality.reasons}, {"tables", tables}};
}

void check_kinds(std::vector<CalTable> const& tables)
{
    for (auto const& table : tables) type_of(table);
}

std::vector<db::CalTableRow> rows_of(LoadedSolutions const& loaded, SolutionQuality const& quality, std::int64_t bytes,
                                     RegisterRequest const& request)
{
    bool const fails = quality.verdict == QualityVerdict::fail;
    std::vector<db::CalTableRow> rows;
    for (std::size_t i = 0; i < loaded.tables.size(); ++i) {
        auto& row = rows.emplace_back(table_row(loaded, i, request));
        row.bytes = bytes;
        row.qa = name(quality.verdict);
        row.status = fails ? "failed" : "active";
        row.forced = fails;
        row.quality_json = to_json(quality)["tables"][i].dump();
    }
    return rows;
}

namespace {

std::vector<LoadedSolutions> without_copies(std::vector<LoadedSolutions> files)
{
    std::set<std::string> known;
    std::erase_if(files, [&](LoadedSolutions const& one) { return !known.insert(one.file.xxh128).second; });
    return files;
}

std::string groups_of(LoadedSolutions const& loaded)
{
    std::vector<std::string> names;
    for (auto const& table : loaded.tables)
        if (std::find(names.begin(), names.end(), table.group_id) == names.end()) names.push_back(table.group_id);
    return join(names, ", ");
}

/// Some kind of one window is in both, and is not one on top of the other.
bool collide(LoadedSolutions const& one, LoadedSolutions const& two)
{
    return std::any_of(one.tables.begin(), one.tables.end(), [&](CalTable const& a) {
        return std::any_of(two.tables.begin(), two.tables.end(), [&](CalTable const& b) {
            return a.kind == b.kind && same_window(a, b) && !multiplied(a, b);
        });
    });
}

/// A set is of one group; CASA's tables of one set may be solved on several Measurement Sets, one kind on each.
void check_groups(std::vector<LoadedSolutions> const& files)
{
    for (std::size_t i = 0; i < files.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            auto const one = groups_of(files[j]), two = groups_of(files[i]);
            if (!collide(files[i], files[j]) && (one == two || (files[i].of_casa && files[j].of_casa))) continue;
            throw Error(Code::usage,
                        "cannot register " + files[j].file.path + " and " + files[i].file.path + " as one set",
                        one == two ? "they hold the same kind of solutions for different times"
                                   : "the one was solved on group " + one + ", the other on " + two,
                        "register each by itself");
        }
}

/// Tables of CASA are solved again where they come from.
char const* how_to_flag(std::vector<LoadedSolutions> const& files)
{
    bool const casa = std::any_of(files.begin(), files.end(), [](auto const& loaded) { return loaded.of_casa; });
    return casa ? "in CASA, and solve again there" : "antennas that are named: --flag-antennas";
}

/// Of the tables [first, first + n) of a set; verdict and reasons are those of the whole.
SolutionQuality part_of(SolutionQuality const& quality, std::size_t first, std::size_t n)
{
    auto part = quality;
    auto const begin = quality.tables.begin() + static_cast<std::ptrdiff_t>(first);
    part.tables.assign(begin, begin + static_cast<std::ptrdiff_t>(n));
    return part;
}

}  // namespace

Registered register_solutions(db::Session& session, RegisterRequest const& request)
{
    Registered made;
    auto const files = without_copies(load_solutions(request.paths));
    check_groups(files);
    std::vector<CalTable> all;
    for (auto const& loaded : files) all.insert(all.end(), loaded.tables.begin(), loaded.tables.end());
    made.quality = judge_solutions(all);
    if (made.quality.verdict == QualityVerdict::fail && !request.force)
        throw Error(Code::qa_fail, "solutions " + join(request.paths, "; ") + " were not registered",
                    join(made.quality.reasons, "; "),
                    remedy(made.quality, how_to_flag(files)) + "; --force registers them as failed");
    std::size_t first = 0;
    for (auto const& loaded : files) {
        auto const rows =
            rows_of(loaded, part_of(made.quality, first, loaded.tables.size()), size_of(loaded.file.path), request);
        made.rows.insert(made.rows.end(), rows.begin(), rows.end());
        first += loaded.tables.size();
    }
    made.set_name = made.rows.front().set_name;
    for (auto& row : made.rows) row.set_name = made.set_name;
    made.gone = db::register_tables(session, made.rows, request.existing);
    return made;
}

}  // namespace nocturne
