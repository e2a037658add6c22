// Verb `db verify`: whether a copy can be relied on.
#include "cli/db_copies.hpp"
#include "cli/verb.hpp"
#include "io/hash.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

namespace nocturne::cli {

db::RowCounts verify_copy(std::string const& file)
{
    namespace fs = std::filesystem;
    if (!fs::is_regular_file(file))
        throw Error(Code::input_missing, "no copy " + file, "there is no such file", "name one that 'db backup' wrote");
    if (std::ifstream beside(file + ".xxh128"); beside) {
        std::string wanted;
        beside >> wanted;
        if (auto const found = hash_file(file); found != wanted)
            throw Error(Code::bad_input, "copy " + file + " is not sound",
                        "its checksum is " + found + ", " + wanted + " was written", "use another copy");
    }
    return db::check_copy(file);
}

namespace db_verify_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto file = std::make_shared<std::string>();
    app.add_option("file", *file, "A file of 'db backup'")->required();
    return [file, &globals] {
        auto const counts = verify_copy(*file);
        nlohmann::ordered_json tables;
        for (auto const& [table, n] : counts) tables[table] = n;
        if (globals.json)
            print_json({{"file", *file}, {"sound", true}, {"rows", tables}});
        else
            std::cout << *file << ": sound, " << counts.size() << " tables\n";
        return 0;
    };
}

VerbRegistrar const here{{"db verify", "Read a copy of a database again: checksum, pages, rows", &declare}};

}  // namespace db_verify_verb
}  // namespace nocturne::cli
