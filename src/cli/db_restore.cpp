// Verb `db restore`: a new database of a copy; of either kind, whatever the copy was of.
#include "cli/db_copies.hpp"
#include "cli/verb.hpp"
#include "db/file_system.hpp"
#include "io/product.hpp"

#include <filesystem>
#include <iostream>

namespace nocturne::cli {
namespace db_restore_verb {

void into_file(std::string const& copy, std::string const& target)
{
    namespace fs = std::filesystem;
    db::refuse_network(db::file_system_of(target), target);
    if (fs::exists(target))
        throw Error(Code::cannot_create, "cannot restore into " + target, "it is there already",
                    "move it away with its -wal and -shm, or name a new file with --db");
    db::refuse_remains(fs::absolute(target).lexically_normal().string());
    ProductFile file(fs::absolute(target).lexically_normal().string());
    db::expand_copy(copy, file.temporary_path());
    file.commit();
}

int run_verb(std::string const& copy, Globals const& globals)
{
    auto const target = database_of(globals, "");
    auto const copy_of = verify_copy(copy);
    if (db::dialect_of(target) == db::Dialect::sqlite) {
        into_file(copy, target);
    } else {
        auto session = db::Session::open(target);
        db::fill_from_copy(session, copy);
    }
    std::int64_t rows = 0;
    for (auto const& [table, n] : copy_of.rows) rows += n;
    auto const where = db::without_password(target);
    if (globals.json)
        print_json({{"file", copy}, {"database", where}, {"rows", rows}});
    else
        std::cout << where << ": " << rows << " rows of " << copy << "\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto copy = std::make_shared<std::string>();
    app.add_option("file", *copy, "A file of 'db backup'")->required();
    app.footer(
        "--db (or NOCTURNE_DB) names the new database: an SQLite file that is not there yet, or a PostgreSQL database "
        "without rows. The copy is verified first.");
    return [copy, &globals] { return run_verb(*copy, globals); };
}

VerbRegistrar const here{{"db restore", "Make a database of a copy", &declare}};

}  // namespace db_restore_verb
}  // namespace nocturne::cli
