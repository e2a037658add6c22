#include "driver/choose_solutions.hpp"

#include "db/address.hpp"
#include "db/groups.hpp"
#include "driver/attempt.hpp"
#include "driver/fitting_sets.hpp"
#include "nocturne/pointing.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

namespace nocturne {
namespace {

using Json = nlohmann::json;

constexpr double endless = std::numeric_limits<double>::infinity();

Validity validity_of(db::CalTableRow const& row)
{
    return {std::isnan(row.valid_start_mjd) ? -endless : row.valid_start_mjd,
            std::isnan(row.valid_end_mjd) ? endless : row.valid_end_mjd};
}

void add_set(db::Session& session, db::SetRow const& set, ChosenSolutions& chosen)
{
    chosen.use.sets.push_back(set.set_name);
    for (auto const& row : db::active_tables(session, set.set_name)) {
        bool const known = std::any_of(chosen.files.begin(), chosen.files.end(),
                                       [&](ChosenFile const& file) { return file.path == row.file_path; });
        if (!known) chosen.files.push_back({row.file_path, row.xxh128, validity_of(row), set.set_name});
    }
}

ChosenSolutions of_registry(db::Session& session, SolutionWish const& wish, db::SetSearch search)
{
    search.strip_deg = strip_deg;
    search.reach_days = wish.reach_days;
    search.least_gap_days = wish.least_gap_days;
    search.demand = wish.force ? db::SetDemand::nearest : db::SetDemand::fitting;
    auto const choice = db::choose_sets(session, search);
    ChosenSolutions chosen;
    for (auto const* side : {&choice.before, &choice.after})
        if (*side) add_set(session, **side, chosen);
    chosen.use.provenance = provenance_of(choice, search.mjd);
    chosen.notes = choice.warnings;
    return chosen;
}

/// What the registry says of a file that is named: of its content, so that links and copies are what they are of.
void recall(db::Session& session, ChosenFile& file, ChosenSolutions& chosen)
{
    auto const rows = db::tables_of_content(session, file.xxh128, file.path);
    if (rows.empty()) return;
    auto const& row = rows.front();
    if (row.status != "active") {
        chosen.notes.push_back("set " + row.set_name + " of solutions " + file.path + " is " + row.status +
                               (row.notes.empty() ? "" : ": " + row.notes));
        return;
    }
    file.validity = validity_of(row);
    file.set = row.set_name;
    if (row.qa == "warn") {
        auto note = "set " + row.set_name + " " + db::describe_warning(db::active_tables(session, row.set_name));
        auto& notes = chosen.notes;
        if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(std::move(note));
    }
    if (chosen.use.sets.empty() || chosen.use.sets.back() != row.set_name) chosen.use.sets.push_back(row.set_name);
}

}  // namespace

CalProvenance provenance_of(db::SetChoice const& choice, double mjd)
{
    auto provenance = CalProvenance::no_viable_table;
    for (auto const* side : {&choice.before, &choice.after}) {
        if (!*side) continue;
        if (std::abs((*side)->mid_mjd - mjd) > validity_days) return CalProvenance::borrowed_validated;
        provenance = CalProvenance::same_date_valid;
    }
    return provenance;
}

db::SetSearch place_of(db::GroupFacts const& group, SolutionWish const& wish)
{
    db::SetSearch place;
    place.dec_deg = group.dec_deg.value_or(std::numeric_limits<double>::quiet_NaN());
    auto const& row = group.row;
    if (row.start_mjd && row.end_mjd) place.mjd = 0.5 * (*row.start_mjd + *row.end_mjd);
    place.fits = [group, between = wish.between_channels, data = std::optional<DataFacts>(),
                  unreadable = false](db::SetRow const& set) mutable {
        if (!data && !unreadable) unreadable = attempt([&] { data = data_of(group); }).has_value();
        return unreadable || fits(set, *data, between);  // the road says what is wrong with its files
    };
    return place;
}

db::SetSearch place_of(GroupHeader const& header, SolutionWish const& wish)
{
    db::SetSearch place;
    place.mjd = header.mid_time_mjd_s() / day_s;
    place.dec_deg = pointing_dec_rad(header).value_or(std::numeric_limits<double>::quiet_NaN()) / degree_rad;
    place.fits = [data = data_of(header), between = wish.between_channels](db::SetRow const& set) {
        return fits(set, data, between);
    };
    return place;
}

ChosenSolutions choose_solutions(db::Session& session, SolutionWish const& wish, db::SetSearch place)
{
    if (wish.registry) return of_registry(session, wish, place);
    auto chosen = named_solutions(wish);
    for (auto& file : chosen.files) {
        file.path = solution_path(file.path);
        file.xxh128 = hash_solutions(file.path);
        recall(session, file, chosen);
    }
    return chosen;
}

nlohmann::json to_json(ChosenSolutions const& chosen)
{
    auto files = Json::array();
    for (auto const& file : chosen.files) {
        Json one{{"path", file.path}, {"xxh128", file.xxh128}, {"validity", nullptr}, {"set", file.set}};
        auto const end = [](double mjd) { return std::isfinite(mjd) ? Json(mjd) : Json(nullptr); };
        if (file.validity) one["validity"] = {end(file.validity->start_mjd), end(file.validity->end_mjd)};
        files.push_back(one);
    }
    return {{"files", files},
            {"sets", chosen.use.sets},
            {"provenance", static_cast<int>(chosen.use.provenance)},
            {"notes", chosen.notes}};
}

ChosenSolutions chosen_from_json(nlohmann::json const& document)
{
    ChosenSolutions chosen;
    for (auto const& one : document.at("files")) {
        ChosenFile file{one.at("path"), one.at("xxh128"), {}, one.at("set")};
        auto const end = [](Json const& mjd, double open) { return mjd.is_null() ? open : mjd.get<double>(); };
        if (auto const& v = one.at("validity"); !v.is_null())
            file.validity = Validity{end(v.at(0), -endless), end(v.at(1), endless)};
        chosen.files.push_back(std::move(file));
    }
    chosen.use.sets = document.at("sets").get<std::vector<std::string>>();
    chosen.notes = document.at("notes").get<std::vector<std::string>>();
    chosen.use.provenance = static_cast<CalProvenance>(document.at("provenance").get<int>());
    return chosen;
}

namespace {

/// An SQLite file that is not there yet knows nothing.
bool is_there(std::string const& database)
{
    std::error_code odd;
    return !database.empty() &&
           (db::dialect_of(database) == db::Dialect::postgresql || std::filesystem::exists(database, odd));
}

}  // namespace

SolutionBringer hand_bringer(Job const& job, std::string const& named)
{
    auto const wish = solution_wish(job);
    if (!wish) return {};
    bool const here = named.empty() && is_there(db::default_database);
    if (wish->registry && named.empty() && !here)
        throw Error(Code::usage, "--solutions registry",
                    std::string("no database is chosen, and here is no ") + db::default_database,
                    "name it with --db or NOCTURNE_DB");
    return [wish = *wish, database = here ? db::default_database : named](GroupState& state, Ranks const& team) {
        Json choice;
        team.agree(attempt([&] {
            if (!team.leader()) return;
            if (!wish.registry && !is_there(database)) {
                choice = to_json(named_solutions(wish));
                return;
            }
            auto session = db::Session::open(database, db::OpenMode::existing);
            choice = to_json(choose_solutions(session, wish, place_of(state.header, wish)));
        }));
        auto const chosen = chosen_from_json(Json::parse(team.broadcast(choice.dump())));
        team.agree(attempt([&] { bring_solutions(chosen, wish, state); }));
    };
}

}  // namespace nocturne
