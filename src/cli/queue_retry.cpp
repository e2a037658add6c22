// Verb `queue retry`: failed groups wait for a run again.
#include "cli/queue_json.hpp"
#include "cli/verb.hpp"

#include <iostream>

namespace nocturne::cli {
namespace queue_retry_verb {

struct Options {
    std::vector<std::string> groups;
    bool all = false, force = false;
};

int run_verb(Options const& o, Globals const& globals)
{
    if (o.groups.empty() != o.all)
        throw Error(Code::usage, "which groups", o.all ? "names and --all are both given" : "none is named",
                    "name them, or say --all for every failed one");
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    auto groups = o.groups;
    std::vector<std::string> settled;
    if (o.all)
        for (auto const& row : db::list_queue(session, {"", db::QueueState::failed, -1}))
            (db::settled_by_hand(row.group) ? settled : groups).push_back(row.group.group_id);
    for (auto const& group : groups) db::retry_group(session, group, o.force ? db::Force::yes : db::Force::no);
    if (globals.json) {
        print_json({{"ok", true}, {"groups", groups}, {"settled", settled}});
        return 0;
    }
    for (auto const& group : groups) std::cout << group << ": pending\n";
    for (auto const& group : settled)
        std::cout << group << ": settled by hand, left alone (name it to bring it back)\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("group", o->groups, "Groups that failed");
    app.add_flag("--all", o->all, "Every failed group that nobody has settled");
    app.add_flag("--force", o->force, "Also groups that someone holds: what the holder records later is refused");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"queue retry", "Let failed groups wait for a run again", &declare}};

}  // namespace queue_retry_verb
}  // namespace nocturne::cli
