// Verb `db backup`: a copy of the database as it is now, an SQLite file whatever the database is.
#include "cli/verb.hpp"
#include "db/backup.hpp"
#include "db/file_system.hpp"
#include "driver/scratch_space.hpp"
#include "io/product.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <vector>

namespace nocturne::cli {
namespace db_backup_verb {

struct Options {
    std::string file;
    bool force = false;
};

/// SQLite does not write between machines: it makes the copy on a disk of this one, from where it goes to its place.
db::RowCounts copy_by_way_of_scratch(db::Session& session, ProductFile& file)
{
    auto const scratch = scratch_space();
    if (auto const system = db::file_system_of(scratch.string()); system.network)
        throw Error(Code::bad_config, "no room for copy " + file.path() + " on its way",
                    "scratch space " + scratch.string() + " lies on a network file system, too (" + system.name + ")",
                    "name a directory on a local disk with NOCTURNE_SCRATCH");
    remove_stray_temporaries(scratch.string());                           // of calls that were killed
    ProductFile const here((scratch / "nocturne-copy.sqlite").string());  // never committed: goes away with its end
    auto counts = db::copy_into_file(session, here.temporary_path());
    std::ifstream bytes(here.temporary_path(), std::ios::binary);
    std::vector<char> part(std::size_t(1) << 20);
    while (bytes.read(part.data(), static_cast<std::streamsize>(part.size())), bytes.gcount() > 0)
        file.write(part.data(), static_cast<std::size_t>(bytes.gcount()));
    if (!bytes.eof())
        throw Error(Code::io, "cannot read " + here.temporary_path(), "its disk fails", "see to the disk");
    return counts;
}

db::RowCounts make_copy(db::Session& session, ProductFile& file)
{
    if (db::file_system_of(file.path()).network) return copy_by_way_of_scratch(session, file);
    return db::copy_into_file(session, file.temporary_path());
}

int run_verb(Options const& o, Globals const& globals)
{
    namespace fs = std::filesystem;
    std::error_code other;  // an address of a server is no file
    if (fs::equivalent(o.file, database_of(globals), other))
        throw Error(Code::usage, "cannot write " + o.file, "it is the database itself", "name another file");
    if (fs::exists(o.file) && !o.force)
        throw Error(Code::cannot_create, "cannot write " + o.file, "it is there already",
                    "name another, or say --force");
    db::refuse_remains(fs::absolute(o.file).lexically_normal().string());
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    ProductFile file(fs::absolute(o.file).lexically_normal().string());
    auto const counts = make_copy(session, file);
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
        "database of it. A copy for a network file system is made in NOCTURNE_SCRATCH (else TMPDIR) first.");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"db backup", "Copy the database, as it is at one moment, into a file", &declare}};

}  // namespace db_backup_verb
}  // namespace nocturne::cli
