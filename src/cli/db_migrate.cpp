// Verb `db migrate`: an existing database to the newest schema, or what that would do.
#include "cli/verb.hpp"
#include "db/migrations.hpp"

#include <iostream>

namespace nocturne::cli {
namespace db_migrate_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto dry_run = std::make_shared<bool>(false);
    app.add_flag("--dry-run", *dry_run, "List the steps that are missing, change nothing");
    app.footer(
        "Every verb that writes does the same when it opens a database. Steps only go forward, each in one "
        "transaction.");
    return [dry_run, &globals] {
        auto session = db::Session::connect(database_of(globals), db::OpenMode::existing);
        int const from = db::schema_version(session);
        auto steps = nlohmann::ordered_json::array();
        for (auto const& step : db::migrations())
            if (step.version > from) steps.push_back({{"version", step.version}, {"name", step.name}});
        if (!*dry_run) db::migrate(session, db::migrations());
        int const to = db::schema_version(session);
        if (globals.json) {
            print_json({{"path", session.path()}, {"from", from}, {"to", to}, {"steps", steps}});
            return 0;
        }
        for (auto const& step : steps)
            std::cout << "step " << step["version"] << ", " << step["name"].get<std::string>()
                      << (*dry_run ? ": missing" : ": done") << "\n";
        std::cout << session.path() << ": schema " << to << (steps.empty() ? ", the newest" : "") << "\n";
        return 0;
    };
}

VerbRegistrar const here{{"db migrate", "Bring a database to the newest schema", &declare}};

}  // namespace db_migrate_verb
}  // namespace nocturne::cli
