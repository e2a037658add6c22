// Verb `registry active`: which sets would correct data of a time: the one before, the one after, and their weights.
#include "cli/registry_json.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "driver/choose_solutions.hpp"

#include <iostream>
#include <limits>

namespace nocturne::cli {
namespace registry_active_verb {

using Json = nlohmann::ordered_json;

struct Options {
    std::string mjd;
    db::SetSearch search{0, std::numeric_limits<double>::quiet_NaN()};
    double hours = 12, gap_hours = 0;
};

Json side(db::Session& session, std::optional<db::SetRow> const& set)
{
    if (!set) return nullptr;
    auto document = to_json(*set);
    for (auto const& row : db::active_tables(session, set->set_name)) document["paths"].push_back(row.path);
    return document;
}

int active_verb(Options options, Globals const& globals)
{
    options.search.mjd = parse_mjd(options.mjd, "--mjd");
    options.search.reach_days = options.hours / 24;
    options.search.least_gap_days = options.gap_hours / 24;
    auto session = db::Session::open(database_of(globals));  // none yet: an empty registry
    auto const choice = db::choose_sets(session, options.search);
    bool const any = choice.before || choice.after;
    if (globals.json) {
        print_json({{"method", choice.method},
                    {"provenance", name(provenance_of(choice, options.search.mjd))},
                    {"weight_before", choice.weight_before},
                    {"weight_after", any ? 1 - choice.weight_before : 0},
                    {"before", side(session, choice.before)},
                    {"after", side(session, choice.after)},
                    {"warnings", choice.warnings}});
        return any ? 0 : exit_code(Code::input_missing);
    }
    if (!any)
        throw Error(Code::input_missing, "no viable table at MJD " + format_number(options.search.mjd, 12),
                    "no active set of the strip holds at that time", "solve on a calibrator and register it");
    std::cout << choice.method << "\n";
    for (auto const* set : {&choice.before, &choice.after})
        if (*set)
            std::cout << (set == &choice.before ? "  before " : "  after  ") << (*set)->set_name << ", weight "
                      << (set == &choice.before ? choice.weight_before : 1 - choice.weight_before) << "\n";
    for (auto const& warning : choice.warnings) std::cout << "  " << warning << "\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("--mjd", o->mjd, "Time: an MJD, or UTC such as 2026-01-25T22:26:05")->required();
    app.add_option("--dec", o->search.dec_deg, "Declination of the data, degrees; default: any strip");
    app.add_option("--strip", o->search.strip_deg, "Sets may lie so far in declination, degrees; default 2.5")
        ->in_range(0.0, 180.0);
    app.add_option("--hours", o->hours, "Sets may lie so far in time; default 12")->in_range(0.0, 1e6);
    app.add_option("--min-gap", o->gap_hours,
                   "Two sets that are closer than so many hours are not interpolated; default 0")
        ->in_range(0.0, 1e6);
    return [o, &globals] { return active_verb(*o, globals); };
}

VerbRegistrar const here{{"registry active", "Show the sets before and after a time, and their weights", &declare}};

}  // namespace registry_active_verb
}  // namespace nocturne::cli
