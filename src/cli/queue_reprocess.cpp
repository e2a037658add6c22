// Verb `queue reprocess`: a finished group is made again by the next run, whatever it was made with.
#include "cli/verb.hpp"
#include "db/queue.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/stage.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace queue_reprocess_verb {

struct Options {
    std::string group, from;
};

void check_stage(std::string const& stage)
{
    std::vector<std::string> stages;
    for (auto const& type : stage_types()) stages.push_back(type.name);
    if (stage.empty() || std::find(stages.begin(), stages.end(), stage) != stages.end()) return;
    throw Error(Code::usage, "stage '" + stage + "' is unknown", "no stage has that name",
                "see nocturne stages" + did_you_mean(stage, stages));
}

bool is_seen(db::InputFile const& file)
{
    std::error_code hidden;
    return std::filesystem::exists(file.path, hidden);
}

int run_verb(Options const& o, Globals const& globals)
{
    check_stage(o.from);
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    db::reprocess_group(session, o.group, o.from);
    auto const files = db::files_of(session, o.group);
    if (std::none_of(files.begin(), files.end(), is_seen))
        spdlog::warn("no file of group {} is seen from here: where they are gone, bring them back before the next run",
                     o.group);
    if (globals.json)
        print_json({{"ok", true}, {"group_id", o.group}});
    else
        std::cout << o.group << ": pending\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("group", o->group, "A group that is completed or failed")->required();
    app.add_option("--from", o->from,
                   "The first stage whose outcome is to be new (flag, solve, apply, export, image); default: all are");
    app.footer(
        "What earlier stages keep serves again: a Measurement Set of export where --from image, solutions of other "
        "groups "
        "in the registry always. Stages that keep nothing are passed again on the way. Products are replaced when the "
        "new "
        "ones are whole.");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"queue reprocess", "Let the next run make a finished group again", &declare}};

}  // namespace queue_reprocess_verb
}  // namespace nocturne::cli
