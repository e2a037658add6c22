// Verb `db verify`: whether a copy can be relied on.
#include "cli/db_copies.hpp"
#include "cli/verb.hpp"
#include "io/hash.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include <spdlog/spdlog.h>

namespace nocturne::cli {

VerifiedCopy verify_copy(std::string const& file)
{
    namespace fs = std::filesystem;
    if (!fs::is_regular_file(file))
        throw Error(Code::input_missing, "no copy " + file, "there is no such file", "name one that 'db backup' wrote");
    std::string wanted;
    if (std::ifstream beside(file + ".xxh128"); beside >> wanted) {
        if (auto const found = hash_file(file); found != wanted)
            throw Error(Code::bad_input, "copy " + file + " is not sound",
                        "its checksum is " + found + ", " + wanted + " was written", "use another copy");
    }
    if (wanted.empty())
        spdlog::warn(
            "{}.xxh128, its checksum, is not there: only pages and rows are looked at, and a changed value is not seen",
            file);
    return {db::check_copy(file), wanted};
}

namespace db_verify_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto file = std::make_shared<std::string>();
    app.add_option("file", *file, "A file of 'db backup'")->required();
    return [file, &globals] {
        auto const copy = verify_copy(*file);
        nlohmann::ordered_json tables, checksum;
        for (auto const& [table, n] : copy.rows) tables[table] = n;
        if (!copy.xxh128.empty()) checksum = copy.xxh128;
        if (globals.json)
            print_json({{"file", *file}, {"sound", true}, {"xxh128", checksum}, {"rows", tables}});
        else
            std::cout << *file << ": sound" << (copy.xxh128.empty() ? " as far as pages and rows tell, " : ", ")
                      << copy.rows.size() << " tables\n";
        return 0;
    };
}

VerbRegistrar const here{{"db verify", "Read a copy of a database again: checksum, pages, rows", &declare}};

}  // namespace db_verify_verb
}  // namespace nocturne::cli
