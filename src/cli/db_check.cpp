// Verb `db check`: whether a database in use is sound.
#include "cli/verb.hpp"
#include "db/backup.hpp"
#include "db/migrations.hpp"

#include <iostream>

namespace nocturne::cli {
namespace db_check_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    app.footer(
        "Looks at pages and references (SQLite), the checksums of the schema, and states that contradict each other. "
        "Exit 3 where it finds anything.");
    return [&globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto const faults = db::find_faults(session);
        if (globals.json)
            print_json({{"path", session.path()},
                        {"schema_version", db::schema_version(session)},
                        {"sound", faults.empty()},
                        {"faults", faults}});
        else
            std::cout << session.path() << ": "
                      << (faults.empty() ? "sound" : std::to_string(faults.size()) + " faults") << "\n";
        for (auto const& fault : faults)
            if (!globals.json) std::cout << "  " << fault << "\n";
        return faults.empty() ? 0 : exit_code(Code::qa_fail);
    };
}

VerbRegistrar const here{{"db check", "Whether a database is sound", &declare}};

}  // namespace db_check_verb
}  // namespace nocturne::cli
