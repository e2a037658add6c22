// Which sets correct data of a time. Enters: what the registry knows, a time, a declination, what the data are of. Leaves: the sets before and after.
#include "db/registry.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace nocturne::db {
namespace {

/// Sets that are no further apart are of one moment.
constexpr double same_moment_days = 1.0 / 86400;

bool is_active(SetRow const& set) { return set.active > 0 && set.active == set.total; }

bool holds(SetRow const& set, SetSearch const& search)
{
    bool const valid = !(search.mjd < set.valid_start_mjd) && !(search.mjd > set.valid_end_mjd);  // NaN: open
    bool const strip = !(std::abs(set.dec_deg - search.dec_deg) > search.strip_deg);
    return set.qa != "fail" && valid && strip && std::abs(set.mid_mjd - search.mjd) <= search.reach_days;
}

/// Those of which `good` is true, where there are any; else all.
template<class Good>
void prefer(std::vector<SetRow>& sets, Good const& good)
{
    if (std::any_of(sets.begin(), sets.end(), good)) std::erase_if(sets, [&](SetRow const& set) { return !good(set); });
}

/// Where all are of the same, which of them fits is for the firewall to say.
void prefer_fitting(std::vector<SetRow>& sets, SetSearch const& search)
{
    auto const what = [](SetRow const& set) {
        return std::tie(set.telescope, set.frequencies_json, set.correlations_json, set.preprocessing);
    };
    bool const alike =
        std::all_of(sets.begin(), sets.end(), [&](SetRow const& set) { return what(set) == what(sets.front()); });
    if (search.fits && !alike) prefer(sets, search.fits);
}

std::vector<SetRow> sets_that_hold(Session& session, SetSearch const& search)
{
    auto sets = list_sets(session);
    std::erase_if(sets, [&](SetRow const& set) { return !is_active(set); });
    auto const good = [&](SetRow const& set) { return holds(set, search); };
    if (search.demand == SetDemand::nearest)
        prefer(sets, good);
    else
        std::erase_if(sets, [&](SetRow const& set) { return !good(set); });
    if (!std::isnan(search.dec_deg)) prefer(sets, [](SetRow const& set) { return !std::isnan(set.dec_deg); });
    prefer_fitting(sets, search);
    return sets;
}

std::vector<std::string> warnings_of(Session& session, SetChoice const& choice, SetSearch const& search)
{
    std::vector<std::string> warnings;
    auto const each = [&](auto const& trouble, char const* what) {
        for (auto const* side : {&choice.before, &choice.after})
            if (*side && trouble(**side)) warnings.push_back("set " + (*side)->set_name + " " + what);
    };
    each([&](SetRow const& set) { return std::abs(set.mid_mjd - search.mjd) > 0.25; }, "is more than 6 h away");
    each([&](SetRow const& set) { return std::isnan(set.dec_deg) && !std::isnan(search.dec_deg); },
         "does not say its declination");
    each([](SetRow const& set) { return !set.bandpass && !set.preprocessing.empty(); },
         "has no bandpass, and no set that has one fits");
    for (auto const* side : {&choice.before, &choice.after})
        if (*side && (*side)->qa == "warn")
            warnings.push_back("set " + (*side)->set_name + " " +
                               describe_warning(active_tables(session, (*side)->set_name)));
    return warnings;
}

/// Sets in reach, and which of them are asked for: of ours those with a bandpass, where there are any.
struct SetsInReach {
    std::vector<SetRow> sets;
    double mjd = 0;
    bool bandpass = false;
};

SetsInReach reach_of(Session& session, SetSearch const& search)
{
    SetsInReach reach{sets_that_hold(session, search), search.mjd};
    auto const& sets = reach.sets;
    reach.bandpass =
        std::any_of(sets.begin(), sets.end(), [](auto const& set) { return !set.preprocessing.empty(); }) &&
        std::any_of(sets.begin(), sets.end(), [](auto const& set) { return set.bandpass; });
    return reach;
}

/// Of those of which `good` is true on a side; of one moment the newest.
template<class Good>
std::optional<SetRow> nearest(SetsInReach const& reach, bool before, Good const& good)
{
    std::optional<SetRow> best;
    for (auto const& set : reach.sets) {
        if ((set.mid_mjd <= reach.mjd) != before || !good(set)) continue;
        bool const same = best && std::abs(best->mid_mjd - set.mid_mjd) < same_moment_days;
        bool const nearer = !best || std::abs(set.mid_mjd - reach.mjd) < std::abs(best->mid_mjd - reach.mjd);
        if (same ? set.created_s > best->created_s : nearer) best = set;
    }
    return best;
}

/// Channels of sets with and without a bandpass, or delays, are of different frames. CASA's sets lend each other what one lacks.
bool of_one_kind(SetRow const& one, SetRow const& two)
{
    bool const of_casa = one.preprocessing.empty() && two.preprocessing.empty();
    return of_casa || (one.bandpass == two.bandpass && one.delays == two.delays);
}

bool before_is_nearer(SetChoice const& choice, double mjd)
{
    return mjd - choice.before->mid_mjd <= choice.after->mid_mjd - mjd;
}

/// Where both sides differ in kind, the nearer one's is asked for on the other side.
SetChoice sides_of(SetsInReach const& reach)
{
    SetChoice choice;
    auto const whole = [&](SetRow const& set) { return set.bandpass || !reach.bandpass; };
    choice.before = nearest(reach, true, whole);
    choice.after = nearest(reach, false, whole);
    if (!choice.before || !choice.after || of_one_kind(*choice.before, *choice.after)) return choice;
    bool const before = before_is_nearer(choice, reach.mjd);
    auto const& first = before ? *choice.before : *choice.after;
    (before ? choice.after : choice.before) =
        nearest(reach, !before, [&](SetRow const& set) { return whole(set) && of_one_kind(set, first); });
    return choice;
}

/// Nearest sets that others were taken before because of their kind.
std::vector<std::string> passed_over(SetsInReach const& reach, SetChoice const& choice)
{
    std::vector<std::string> notes;
    for (bool before : {true, false}) {
        auto const& side = before ? choice.before : choice.after;
        auto const first = nearest(reach, before, [](SetRow const&) { return true; });
        if (!first || (side && side->set_name == first->set_name)) continue;
        auto const& other = before ? choice.after : choice.before;
        std::string why;
        if (reach.bandpass && !first->bandpass)
            why = "no bandpass, and others have one";
        else if (other && !of_one_kind(*first, *other))
            why = first->delays ? "delays, and set " + other->set_name + " has none"
                                : "no delays, and set " + other->set_name + " has";
        if (why.empty()) continue;
        notes.push_back("set " + first->set_name + " is passed over: it has " + why);
    }
    return notes;
}

}  // namespace

SetChoice choose_sets(Session& session, SetSearch const& search)
{
    auto const reach = reach_of(session, search);
    auto choice = sides_of(reach);
    auto const notes = passed_over(reach, choice);
    if (choice.before && choice.after && choice.after->mid_mjd - choice.before->mid_mjd < search.least_gap_days)
        (before_is_nearer(choice, search.mjd) ? choice.after : choice.before).reset();
    bool const both = choice.before && choice.after;
    choice.method = both ? "interpolated" : choice.before || choice.after ? "nearest" : "none";
    choice.weight_before = both
                               ? (choice.after->mid_mjd - search.mjd) / (choice.after->mid_mjd - choice.before->mid_mjd)
                               : (choice.before ? 1 : 0);
    choice.warnings = warnings_of(session, choice, search);
    choice.warnings.insert(choice.warnings.end(), notes.begin(), notes.end());
    return choice;
}

}  // namespace nocturne::db
