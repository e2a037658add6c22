// Verbs `runs get` and `runs show`: all that is recorded of one run, its groups and the moves of its status.
#include "cli/queue_json.hpp"
#include "cli/runs_json.hpp"
#include "cli/verb.hpp"

#include <iostream>

namespace nocturne::cli {
namespace {

nlohmann::ordered_json document_of(db::Session& session, db::RunRow const& run)
{
    auto document = to_json(run);
    document["status_history"] = to_json(db::history_of(session, "run", run.run_id));
    auto groups = nlohmann::ordered_json::array(), errors = nlohmann::ordered_json::array();
    for (auto const& group : db::groups_of_run(session, run.run_id)) {
        groups.push_back(to_json(group));
        if (!group.error.empty())
            errors.push_back({{"group_id", group.group_id},
                              {"stage", group.error_stage},
                              {"code", group.error_code ? nlohmann::ordered_json(*group.error_code) : nullptr},
                              {"message", group.error}});
    }
    document["groups"] = groups;
    document["errors"] = errors;
    return document;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto id = std::make_shared<std::string>();
    app.add_option("run", *id, "Id of the run, or its beginning")->required();
    return [id, &globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto const document = document_of(session, db::find_run(session, *id));
        if (globals.json) {
            print_json(document);
            return 0;
        }
        for (auto const& [key, value] : document.items())
            if (!value.is_array() && !value.is_null())
                std::cout << key << ": " << (value.is_string() ? value.get<std::string>() : value.dump()) << "\n";
        for (auto const& change : document["status_history"])
            std::cout << "  " << change["timestamp"].get<std::string>() << "  " << change["status"].get<std::string>()
                      << "\n";
        for (auto const& group : document["groups"])
            std::cout << "group " << group["group_id"].get<std::string>() << ": " << group["status"].get<std::string>()
                      << (group["error"].is_string() ? ", " + group["error"].get<std::string>() : "") << "\n";
        return 0;
    };
}

VerbRegistrar const get{{"runs get", "All that is recorded of one run", &declare}};
VerbRegistrar const show{{"runs show", "The same as runs get", &declare}};

}  // namespace
}  // namespace nocturne::cli
