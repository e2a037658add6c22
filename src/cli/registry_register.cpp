// Verb `registry register`: a file of solutions, or CASA tables, as one set.
#include "driver/register_again.hpp"

#include "cli/registry_json.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

#include <iostream>

namespace nocturne::cli {
namespace registry_register_verb {

struct Options {
    RegisterRequest request;
    std::string from, to;
    bool replace = false;
};

int register_verb(Options options, Globals const& globals)
{
    auto& request = options.request;
    if (!options.from.empty()) request.valid_start_mjd = parse_mjd(options.from, "--valid-from");
    if (!options.to.empty()) request.valid_end_mjd = parse_mjd(options.to, "--valid-to");
    request.existing = options.replace ? db::Existing::replace : db::Existing::refuse;
    auto session = db::Session::open(database_of(globals));
    auto const made = register_solutions(session, request);
    tell_replaced(made.gone);
    if (!globals.json) {
        std::cout << made.set_name << ": " << made.rows.size() << " tables, QA " << name(made.quality.verdict) << "\n";
        for (auto const& reason : made.quality.reasons) std::cout << "  " << reason << "\n";
        return 0;
    }
    auto tables = nlohmann::ordered_json::array();
    for (auto const& row : db::show_set(session, made.set_name))
        if (row.status == made.rows.front().status) tables.push_back(to_json(row));
    print_json({{"set_name", made.set_name}, {"quality", nocturne::to_json(made.quality)}, {"tables", tables}});
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("files", o->request.paths, "A file that solve wrote, or CASA tables that belong together")
        ->required();
    app.add_option("--set", o->request.set_name, "Name of the set; default the group that was solved on");
    app.add_option("--valid-from", o->from, "UTC or MJD; default half a day before what was solved");
    app.add_option("--valid-to", o->to, "UTC or MJD; default half a day after it");
    app.add_option("--notes", o->request.notes, "A remark");
    app.add_flag("--force", o->request.force, "Register solutions that fail their QA, too: as failed, never chosen");
    app.add_flag("--replace", o->replace, "Tables that are registered with the same paths give way");
    return [o, &globals] { return register_verb(*o, globals); };
}

VerbRegistrar const here{{"registry register", "Register solutions, with their validity and what they fit", &declare}};

}  // namespace registry_register_verb
}  // namespace nocturne::cli
