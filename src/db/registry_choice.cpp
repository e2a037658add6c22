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

/// Channels of sets with and without a bandpass (of none: with and without delays) are of different frames. CASA's sets lend each other what one lacks.
void prefer_one_kind(std::vector<SetRow>& sets)
{
    if (std::all_of(sets.begin(), sets.end(), [](SetRow const& set) { return set.preprocessing.empty(); })) return;
    prefer(sets, [](SetRow const& set) { return set.bandpass; });
    prefer(sets, [](SetRow const& set) { return set.delays; });
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
    prefer_one_kind(sets);
    return sets;
}

std::vector<std::string> warnings_of(SetChoice const& choice, SetSearch const& search)
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
    return warnings;
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
    choice.warnings = warnings_of(choice, search);
    return choice;
}

}  // namespace nocturne::db
