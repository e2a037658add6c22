// Verb `queue resolve`: failed groups that need no run any more.
#include "cli/verb.hpp"
#include "db/queue.hpp"

#include <iostream>

namespace nocturne::cli {
namespace queue_resolve_verb {

struct Options {
    std::vector<std::string> groups;
    std::string note;
};

int run_verb(Options const& o, Globals const& globals)
{
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    for (auto const& group : o.groups) db::resolve_group(session, group, o.note);
    if (globals.json)
        print_json({{"ok", true}, {"groups", o.groups}, {"note", o.note}});
    else
        for (auto const& group : o.groups) std::cout << group << ": settled, runs leave it alone\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("group", o->groups, "Groups that failed")->required();
    app.add_option("--note", o->note, "What became of it; kept in place of the error");
    app.footer("The groups stay failed (stage error) until 'queue retry' or changed files bring them back.");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"queue resolve", "Settle failed groups: no run tries them again", &declare}};

}  // namespace queue_resolve_verb
}  // namespace nocturne::cli
