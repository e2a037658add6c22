// Verb `db init`: makes a database, or brings one to the newest schema.
#include "cli/verb.hpp"
#include "db/file_system.hpp"
#include "db/migrations.hpp"
#include "db/session.hpp"

#include <iostream>

namespace nocturne::cli {
namespace db_init_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto path = std::make_shared<std::string>();
    app.add_option("path", *path, "The SQLite file or postgresql:// address; else --db, NOCTURNE_DB or PIPELINE_DB");
    return [path, &globals] {
        auto session = db::Session::open(path->empty() ? database_of(globals) : *path);
        int const version = db::schema_version(session);
        bool const file = session.dialect() == db::Dialect::sqlite;
        auto const place = file ? db::file_system_of(session.path()).name : "postgresql";
        if (globals.json)
            print_json({{"path", session.path()}, {"schema_version", version}, {"file_system", place}});
        else
            std::cout << session.path() << ": schema " << version << ", on " << place << std::endl;
        return 0;
    };
}

VerbRegistrar const here{{"db init", "Make a database, or bring one to the newest schema", &declare}};

}  // namespace db_init_verb
}  // namespace nocturne::cli
