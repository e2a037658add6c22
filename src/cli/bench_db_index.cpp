// Verb `bench db-index`: how fast a window of time is found among many groups.
#include "cli/bench_place.hpp"
#include "cli/verb.hpp"
#include "db/groups.hpp"
#include "db/window_bench.hpp"
#include "nocturne/error.hpp"

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>

#include <unistd.h>

namespace nocturne::cli {
namespace bench_db_index_verb {

struct Options {
    double rows = 1e6, max_ms = 50;
    std::string directory;
};

/// A database in a directory of its own, both gone afterwards.
class TemporaryDatabase {
public:
    explicit TemporaryDatabase(std::string const& where)
    {
        namespace fs = std::filesystem;
        auto pattern =
            ((where.empty() ? fs::temp_directory_path() : fs::path(where)) / "nocturne-bench-XXXXXX").string();
        if (!mkdtemp(pattern.data()))
            throw Error(Code::cannot_create, "cannot make " + pattern, "the directory is not writable",
                        "name another with --dir");
        directory_ = pattern;
    }
    ~TemporaryDatabase()
    {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    TemporaryDatabase(TemporaryDatabase const&) = delete;
    TemporaryDatabase& operator=(TemporaryDatabase const&) = delete;
    std::string path() const { return directory_ + "/bench.sqlite"; }

private:
    std::string directory_;
};

int run_verb(Options const& options, Globals const& globals)
{
    if (!(options.rows >= 1 && options.rows <= 1e9))
        throw Error(Code::usage, "cannot measure so many rows", "--rows is not in 1 to 1e9",
                    "give --rows 1e6, for example");
    bool const server = db::dialect_of(globals.db) == db::Dialect::postgresql;
    std::optional<TemporaryDatabase> database;
    if (!server) database.emplace(options.directory);
    auto session = db::Session::open(server ? globals.db : database->path());
    if (server && !db::list_groups(session, {std::nullopt, std::nullopt, std::nullopt, 1}).empty())
        throw Error(Code::usage, "cannot measure in database " + session.path(), "it holds groups",
                    "name an empty one: it is filled with made-up groups");
    auto const bench = db::measure_windows(session, static_cast<std::int64_t>(options.rows));
    bool const good = bench.groups_ms <= options.max_ms && bench.files_ms <= options.max_ms;
    if (globals.json)
        print_json({{"rows", bench.rows},
                    {"fill_s", bench.fill_s},
                    {"groups_found", bench.groups_found},
                    {"groups_ms", bench.groups_ms},
                    {"files_found", bench.files_found},
                    {"files_ms", bench.files_ms},
                    {"max_ms", options.max_ms},
                    {"pass", good},
                    {"database", server ? "postgresql" : "sqlite"},
                    {"measured", bench_place()}});
    else
        std::cout << bench.rows << " rows: a day of groups (" << bench.groups_found << ") in " << bench.groups_ms
                  << " ms, 2.4 hours of files (" << bench.files_found << ") in " << bench.files_ms << " ms\n";
    return good ? 0 : exit_code(Code::qa_fail);
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<Options>();
    app.add_option("--rows", options->rows, "Groups, and as many files (default 1e6)");
    app.add_option("--max-ms", options->max_ms, "Slowest window allowed [ms], else exit 3 (default 50)");
    app.add_option("--dir", options->directory,
                   "Where the database is made (default the system's temporary directory)");
    app.footer(
        "With --db postgresql://… the rows go into that database, which must be empty; otherwise into a temporary "
        "file.");
    return [options, &globals] { return run_verb(*options, globals); };
}

VerbRegistrar const here{{"bench db-index", "Measure how fast a window of time is found among many groups", &declare}};

}  // namespace bench_db_index_verb
}  // namespace nocturne::cli
