#include "driver/calibration.hpp"

#include "nocturne/text.hpp"
#include "nocturne/units.hpp"
#include "stages/apply/sets.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace nocturne {
namespace {

/// The hands of a CASA table that does not name them are those of the group.
void name_hands(std::vector<CalTable>& tables, GroupHeader const& header)
{
    auto const& of_group = header.correlations;
    auto const circular = [](Correlation c) {
        return c == Correlation::RR || c == Correlation::LL || c == Correlation::RL || c == Correlation::LR;
    };
    if (!std::any_of(of_group.begin(), of_group.end(), circular)) return;
    for (auto& table : tables) table.correlations = {Correlation::RR, Correlation::LL};
}

/// Between two sets at the group's middle, or by one; throws where they cannot be interpolated with each other.
void describe_method(GroupState const& state, CalibrationUse& use)
{
    double const middle = state.header.mid_time_mjd_s();
    auto const where = Timeline(solution_sets(state.solutions, state.header.group_id)).at(middle);
    use.method = where.between_sets() ? "interpolated" : "nearest";
    use.weight_before = where.between_sets() ? 1 - where.weight_after : where.before.time_mjd_s <= middle ? 1 : 0;
}

/// What no note says yet: of a registered set the registry has told what it kept, of hands by the names that its file gave them.
std::vector<std::string> untold(std::vector<std::string> doubts, std::vector<std::string> const& notes)
{
    std::erase_if(doubts, [&](std::string const& doubt) {
        auto const hand = doubt.rfind(" (");
        auto const without_hand = hand == std::string::npos ? doubt : doubt.substr(0, hand + 2);
        return std::any_of(notes.begin(), notes.end(),
                           [&](std::string const& note) { return note.find(without_hand) != std::string::npos; });
    });
    return doubts;
}

void check_hash(ChosenFile const& file, LoadedSolutions const& loaded)
{
    if (file.xxh128.empty() || file.xxh128 == loaded.file.xxh128) return;
    throw Error(Code::bad_input, "solutions " + file.path + " are not those that were registered",
                "their xxh3-128 is " + loaded.file.xxh128 + ", registered was " + file.xxh128,
                "put the file back, or register the new one");
}

}  // namespace

std::optional<SolutionWish> solution_wish(Job const& job)
{
    for (auto const& task : job.tasks) {
        if (task.stage->name != "apply") continue;
        SolutionWish wish;
        wish.paths = split_paths(task.params.text("solutions"));
        if (wish.paths == std::vector<std::string>{"registry"}) wish.paths.clear(), wish.registry = true;
        wish.registry |= wish.paths.empty() && task.params.text("from") == "registry";
        wish.force = task.params.flag("force");
        wish.between_channels = task.params.text("freq-interp") == "linear";
        wish.reach_days = task.params.number("reach") / 24;
        wish.least_gap_days = task.params.number("min-gap") / 24;
        if (wish.registry || !wish.paths.empty()) return wish;
    }
    return std::nullopt;
}

bool exports_corrected(Job const& job)
{
    bool corrected = false;
    for (auto const& task : job.tasks) {
        corrected |= task.stage->name == "apply" && !task.stage->make(task.params).empty();
        if (task.stage->name == "export") return corrected;
    }
    return false;
}

ChosenSolutions named_solutions(SolutionWish const& wish)
{
    ChosenSolutions chosen;
    for (auto const& path : wish.paths) chosen.files.push_back({path, "", {}});
    chosen.use.provenance = CalProvenance::borrowed_validated;
    return chosen;
}

void bring_solutions(ChosenSolutions const& chosen, SolutionWish const& wish, GroupState& state)
{
    if (chosen.files.empty())
        throw Error(Code::input_missing, "no solutions for group " + state.header.group_id,
                    std::string(name(CalProvenance::no_viable_table)) +
                        ": the registry has no active set of its strip that holds at its time",
                    "solve on a calibrator and register it, or see nocturne registry active --mjd " +
                        std::to_string(state.header.mid_time_mjd_s() / day_s));
    CalibrationUse use = chosen.use;
    std::set<std::string> unverified, known;
    for (auto const& file : chosen.files) {
        auto loaded = load_solutions(file.path);
        if (!known.insert(loaded.file.xxh128).second) continue;  // the same solutions once more
        check_hash(file, loaded);
        if (!loaded.names_hands) name_hands(loaded.tables, state.header);
        auto const verdict = examine(
            {loaded, file.validity ? *file.validity : default_validity(loaded), state.header, wish.between_channels});
        if (!verdict.refusals.empty() && !wish.force) throw refusal(file.path, state.header, verdict.refusals);
        if (auto const doubts = untold(verdict.doubts, chosen.notes); !doubts.empty())
            state.notes.push_back("QA warns of solutions " + file.path + ": " + join(doubts, "; "));
        for (auto const& reason : verdict.refusals) use.waived.push_back(file.path + ": " + reason);
        unverified.insert(verdict.unverified.begin(), verdict.unverified.end());
        use.files.push_back(loaded.file);
        for (auto& table : loaded.tables) {
            table.registered = !file.set.empty();
            table.set = table.registered ? file.set : loaded.file.path;
        }
        std::move(loaded.tables.begin(), loaded.tables.end(), std::back_inserter(state.solutions));
    }
    use.unverified.assign(unverified.begin(), unverified.end());
    describe_method(state, use);
    if (!use.waived.empty() && use.provenance == CalProvenance::same_date_valid)
        use.provenance = CalProvenance::borrowed_validated;  // not valid by the rules, but by who forced it
    state.notes.insert(state.notes.end(), chosen.notes.begin(), chosen.notes.end());
    state.calibration = std::move(use);
}

}  // namespace nocturne
