#include "stages/apply/sets.hpp"

#include "nocturne/error.hpp"
#include "stages/apply/solution_axes.hpp"

#include <algorithm>
#include <filesystem>

namespace nocturne {
namespace {

using Tables = std::vector<CalTable const*>;

constexpr double one_moment_s = 60;

std::pair<double, double> range_of(CalTable const& table)
{
    auto const [first, last] =
        std::minmax_element(table.intervals.begin(), table.intervals.end(),
                            [](auto const& a, auto const& b) { return a.time_mjd_s < b.time_mjd_s; });
    return {first->time_mjd_s, last->time_mjd_s};
}

bool of_casa(CalTable const& table) { return !table.antennas.empty() && table.antennas.front().number < 0; }

bool has(Tables const& tables, CalKind kind)
{
    return std::any_of(tables.begin(), tables.end(), [&](CalTable const* table) { return table->kind == kind; });
}

template<class Relation>
bool any_pair(Tables const& one, Tables const& two, Relation const& holds)
{
    return std::any_of(one.begin(), one.end(), [&](CalTable const* a) {
        return std::any_of(two.begin(), two.end(), [&](CalTable const* b) { return holds(*a, *b); });
    });
}

/// A kind of one window in both, of different times.
bool collide(Tables const& one, Tables const& two)
{
    return any_pair(one, two, [](CalTable const& a, CalTable const& b) {
        return a.kind == b.kind && same_window(a, b) && !multiplied(a, b);
    });
}

/// First and last solved moment overlap.
bool at_one_time(CalTable const& one, CalTable const& two)
{
    if (one.intervals.empty() || two.intervals.empty()) return false;
    double const slack = one.intervals.size() == 1 || two.intervals.size() == 1 ? one_moment_s : 0;
    auto const [a_low, a_high] = range_of(one);
    auto const [b_low, b_high] = range_of(two);
    return std::max(a_low, b_low) <= std::min(a_high, b_high) + slack;
}

double middle_of(Tables const& tables)
{
    double sum = 0, n = 0;
    for (auto const* table : tables)
        for (auto const& interval : table->intervals) sum += interval.time_mjd_s, n += 1;
    return n > 0 ? sum / n : 0;
}

void append(Tables& to, Tables const& from) { to.insert(to.end(), from.begin(), from.end()); }

/// Tables that name the same set, each other by itself; by rising time.
std::vector<SolutionSet> units_of(std::vector<CalTable> const& tables)
{
    std::vector<SolutionSet> units;
    for (auto const& table : tables) {
        auto const known = std::find_if(units.begin(), units.end(), [&](SolutionSet const& unit) {
            return !table.set.empty() && unit.name == table.set;
        });
        if (known == units.end())
            units.push_back({table.set, {&table}});
        else
            known->tables.push_back(&table);
    }
    std::stable_sort(units.begin(), units.end(),
                     [](auto const& a, auto const& b) { return middle_of(a.tables) < middle_of(b.tables); });
    return units;
}

bool of_one_group(SolutionSet const& one, SolutionSet const& two)
{
    return one.tables.back()->group_id == two.tables.back()->group_id;
}

std::vector<SolutionSet> join_groups(std::vector<SolutionSet> const& units)
{
    std::vector<SolutionSet> sets;
    for (auto const& unit : units) {
        auto const mine = std::find_if(sets.begin(), sets.end(), [&](SolutionSet const& set) {
            return (of_one_group(set, unit) || any_pair(set.tables, unit.tables, multiplied)) &&
                   !collide(set.tables, unit.tables);
        });
        if (mine == sets.end())
            sets.push_back(unit);
        else
            append(mine->tables, unit.tables);
    }
    return sets;
}

/// Tables that CASA solved on the Measurement Set itself, where others of their kind were solved elsewhere.
Tables take_own(std::vector<SolutionSet>& units, std::string const& group_id)
{
    auto const is_own = [&](SolutionSet const& unit) {
        auto const& table = *unit.tables.front();
        auto const solved_on = std::filesystem::path(table.group_id).lexically_normal();
        return of_casa(table) && !table.registered && !group_id.empty() && solved_on.stem() == group_id;
    };
    auto const rest = std::stable_partition(units.begin(), units.end(), is_own);
    Tables own;
    std::vector<SolutionSet> kept;
    for (auto unit = units.begin(); unit != rest; ++unit)
        if (std::any_of(rest, units.end(), [&](auto const& other) { return collide(unit->tables, other.tables); }))
            append(own, unit->tables);
        else
            kept.push_back(*unit);
    kept.insert(kept.end(), rest, units.end());
    std::stable_sort(kept.begin(), kept.end(),
                     [](auto const& a, auto const& b) { return middle_of(a.tables) < middle_of(b.tables); });
    units = std::move(kept);
    return own;
}

std::string called(SolutionSet const& set) { return set.name.empty() ? set.tables.back()->group_id : set.name; }

/// CASA sets that share no kind with any other serve all. Each of ours is a whole gain of its own group.
void take_apart(SolutionSets& all)
{
    std::vector<SolutionSet> rest;
    for (auto const& set : all.sets) {
        bool const alone = std::none_of(all.sets.begin(), all.sets.end(), [&](SolutionSet const& other) {
            return &other != &set && collide(set.tables, other.tables);
        });
        if (alone && !of_casa(*set.tables.front()))
            throw Error(Code::bad_input, "solutions of different groups that share no kind are not multiplied",
                        "what " + called(set) + " holds was solved without the others, and would be counted twice",
                        "solve for K, B and G together, or for --types G with --solutions of the others");
        if (alone)
            append(all.common, set.tables);
        else
            rest.push_back(set);
    }
    all.sets = std::move(rest);
}

/// Whether delays of one set stand below the bandpass of another, no CASA table says.
void check_lent(CalKind kind, std::vector<SolutionSet> const& sets)
{
    if (kind != CalKind::delay) return;
    for (auto const& set : sets)
        if (!has(set.tables, kind) && has(set.tables, CalKind::bandpass))
            throw Error(Code::bad_input, "one CASA set alone has delays, and another a bandpass of its own",
                        "that of " + called(set) + " was solved below these delays, or holds its own: no table says",
                        "solve both for the same kinds, or name one bandpass");
}

/// Kinds that one CASA set alone has serve the others, too.
void lend_kinds(SolutionSets& all)
{
    for (auto const& set : all.sets)
        if (!of_casa(*set.tables.front())) return;
    for (auto kind : {CalKind::delay, CalKind::bandpass, CalKind::gain}) {
        auto const having =
            std::count_if(all.sets.begin(), all.sets.end(), [&](auto const& set) { return has(set.tables, kind); });
        if (having != 1) continue;
        check_lent(kind, all.sets);
        for (auto& set : all.sets) {
            auto const kept = std::stable_partition(set.tables.begin(), set.tables.end(),
                                                    [&](CalTable const* table) { return table->kind != kind; });
            all.common.insert(all.common.end(), kept, set.tables.end());
            set.tables.erase(kept, set.tables.end());
        }
    }
    std::erase_if(all.sets, [](SolutionSet const& set) { return set.tables.empty(); });
}

/// Between phases alone and a whole gain there is no amplitude.
void check_modes(std::vector<SolutionSet> const& sets)
{
    auto const phases_alone = [](SolutionSet const& set) {
        return of_casa(*set.tables.front()) && has(set.tables, CalKind::gain) && !has(set.tables, CalKind::bandpass) &&
               std::all_of(set.tables.begin(), set.tables.end(),
                           [](auto const* table) { return table->kind != CalKind::gain || table->phase_only; });
    };
    auto const with = std::find_if(sets.begin(), sets.end(), phases_alone);
    auto const without = std::find_if_not(sets.begin(), sets.end(), phases_alone);
    if (with == sets.end() || without == sets.end()) return;
    throw Error(
        Code::bad_input, "phases alone and gains with amplitudes cannot be interpolated",
        called(*with) + " has phases alone and " + called(*without) + " amplitudes, and they hold at other times",
        "name those that hold at one time, or correct with the one, and then with the other");
}

void check_frames(std::vector<SolutionSet> const& sets)
{
    for (auto kind : {CalKind::bandpass, CalKind::delay}) {
        auto const lacks = [&](SolutionSet const& set) { return !has(set.tables, kind); };
        auto const with = std::find_if_not(sets.begin(), sets.end(), lacks);
        auto const without = std::find_if(sets.begin(), sets.end(), lacks);
        if (with == sets.end()) continue;
        if (without == sets.end()) return;
        std::string const what = kind == CalKind::bandpass ? "bandpass" : "delays";
        throw Error(Code::bad_input, "solutions of sets without and with " + what + " cannot be interpolated",
                    called(*without) + " has no " + what + " and " + called(*with) +
                        " has: their channels are of different frames",
                    "solve both for the same kinds, or name one of them alone");
    }
}

}  // namespace

std::vector<double> SolutionSet::moments() const
{
    std::vector<double> times;
    for (auto const* table : tables)
        for (auto const& interval : table->intervals) times.push_back(interval.time_mjd_s);
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    return times;
}

std::vector<Tables> SolutionSets::layers(std::size_t set) const
{
    auto all = layers_of(common);
    for (auto& layer : layers_of(sets[set].tables)) all.push_back(std::move(layer));
    return all;
}

bool SolutionSets::layered() const
{
    for (auto const& set : sets)
        if (layers_of(set.tables).size() > 1 || collide(common, set.tables)) return true;
    return layers_of(common).size() > 1;
}

bool multiplied(CalTable const& one, CalTable const& two)
{
    bool const apart = (one.registered || two.registered) && one.set != two.set;
    return of_casa(one) && of_casa(two) && !apart && one.kind == two.kind && same_window(one, two) &&
           at_one_time(one, two);
}

std::vector<Tables> layers_of(Tables const& tables)
{
    std::vector<Tables> layers;
    for (auto const* table : tables) {
        auto const layer = std::find_if(layers.begin(), layers.end(),
                                        [&](Tables const& others) { return !any_pair({table}, others, multiplied); });
        if (layer == layers.end())
            layers.push_back({table});
        else
            layer->push_back(table);
    }
    return layers;
}

SolutionSets solution_sets(std::vector<CalTable> const& tables, std::string const& group_id)
{
    SolutionSets all;
    auto units = units_of(tables);
    all.common = take_own(units, group_id);
    all.sets = join_groups(units);
    if (all.sets.size() < 2) return all;
    take_apart(all);
    lend_kinds(all);
    check_frames(all.sets);
    check_modes(all.sets);
    if (all.sets.empty() && !all.common.empty()) all.sets.push_back({"", std::exchange(all.common, {})});
    return all;
}

Timeline::Timeline(SolutionSets const& sets)
{
    for (std::size_t s = 0; s < sets.sets.size(); ++s)
        for (double time : sets.sets[s].moments()) moments_.push_back({time, s});
    std::stable_sort(moments_.begin(), moments_.end(),
                     [](auto const& a, auto const& b) { return a.time_mjd_s < b.time_mjd_s; });
}

Bracket Timeline::at(double time_mjd_s) const
{
    if (moments_.empty()) return {};
    auto const later = std::upper_bound(moments_.begin(), moments_.end(), time_mjd_s,
                                        [](double t, auto const& moment) { return t < moment.time_mjd_s; });
    if (later == moments_.begin()) return {*later, *later, 0};
    auto const before = later - 1;
    if (later == moments_.end() || later->set == before->set)
        return {*before, later == moments_.end() ? *before : *later, 0};
    return {*before, *later, (time_mjd_s - before->time_mjd_s) / (later->time_mjd_s - before->time_mjd_s)};
}

}  // namespace nocturne
