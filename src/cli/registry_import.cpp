// Verb `registry import`: rows that another database exported. Every file must be there, and be the one that was registered.
#include "cli/registry_json.hpp"
#include "cli/verb.hpp"
#include "driver/solution_files.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

namespace nocturne::cli {
namespace registry_import_verb {

std::vector<db::CalTableRow> read_rows(std::string const& path)
{
    std::error_code odd;
    if (std::filesystem::is_directory(path, odd))
        throw Error(Code::bad_input, path + " is no exported registry", "it is a directory",
                    "give a file that nocturne registry export wrote");
    std::ifstream file(path);
    if (!file) throw Error(Code::input_missing, "no file " + path, "no such file", "check the path");
    auto const document = nlohmann::ordered_json::parse(file, nullptr, false);
    if (document.is_discarded() || !document.is_object() || !document.contains("format") ||
        document["format"] != "nocturne registry" || !document.contains("tables"))
        throw Error(Code::bad_input, path + " is no exported registry", "its format is not 'nocturne registry'",
                    "give a file that nocturne registry export wrote");
    std::vector<db::CalTableRow> rows;
    for (auto const& row : document["tables"]) rows.push_back(row_from_json(row));
    return rows;
}

void check_files(std::vector<db::CalTableRow> const& rows)
{
    std::map<std::string, std::string> seen;
    for (auto const& row : rows) {
        if (row.status == "retired") continue;  // another file may have its place, or none
        auto [at, fresh] = seen.emplace(row.file_path, "");
        if (fresh) at->second = hash_solutions(row.file_path);
        if (at->second != row.xxh128)
            throw Error(Code::bad_input, "solutions " + row.file_path + " are not those that were exported",
                        "their xxh3-128 is " + at->second + ", exported was " + row.xxh128, "put the file back");
    }
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto path = std::make_shared<std::string>();
    app.add_option("file", *path, "A JSON file of registry export")->required();
    return [path, &globals] {
        auto const rows = within("file " + *path, [&] { return read_rows(*path); });
        check_files(rows);
        auto session = db::Session::open(database_of(globals));
        auto const done = db::import_tables(session, rows);
        if (globals.json)
            print_json({{"path", *path},
                        {"tables", rows.size()},
                        {"registered", done.added},
                        {"known", done.known},
                        {"retired", done.retired}});
        else
            std::cout << done.added << " tables registered, " << done.known << " known already, " << done.retired
                      << " retired\n";
        return 0;
    };
}

VerbRegistrar const here{{"registry import", "Register what another database exported", &declare}};

}  // namespace registry_import_verb
}  // namespace nocturne::cli
