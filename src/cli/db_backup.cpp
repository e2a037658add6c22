// Verb `db backup`: a copy of the database as it is now, an SQLite file whatever the database is.
#include "cli/verb.hpp"
#include "db/backup.hpp"
#include "io/product.hpp"

#include <filesystem>
#include <iostream>

namespace nocturne::cli {
namespace db_backup_verb {

struct Options {
    std::string file;
    bool force = false;
};

int run_verb(Options const& o, Globals const& globals)
{
    namespace fs = std::filesystem;
    if (fs::exists(o.file) && !o.force)
        throw Error(Code::cannot_create, "cannot write " + o.file, "it is there already",
                    "name another, or say --force");
    db::refuse_remains(fs::absolute(o.file).lexically_normal().string());
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    ProductFile file(fs::absolute(o.file).lexically_normal().string());
    auto const counts = db::copy_into_file(session, file.temporary_path());
    auto const hash = file.xxh128();
    file.commit();
    write_product(file.path() + ".xxh128", hash + "  " + fs::path(file.path()).filename().string() + "\n");
    std::int64_t rows = 0;
    for (auto const& [table, n] : counts) rows += n;
    if (globals.json)
        print_json({{"database", session.path()},
                    {"file", file.path()},
                    {"xxh128", hash},
                    {"bytes", fs::file_size(file.path())},
                    {"rows", rows}});
    else
        std::cout << file.path() << ": " << rows << " rows of " << session.path() << "\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("file", o->file, "The copy, an SQLite file; its checksum is written beside it as FILE.xxh128")
        ->required();
    app.add_flag("--force", o->force, "Replace a file that is there");
    app.footer(
        "Runs may go on meanwhile: the copy is of one moment. 'db verify' reads it again, 'db restore' makes a "
        "database of it.");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"db backup", "Copy the database, as it is at one moment, into a file", &declare}};

}  // namespace db_backup_verb
}  // namespace nocturne::cli
