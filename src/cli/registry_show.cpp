// Verb `registry show`: the tables of one set, with everything that is known of them.
#include "cli/registry_json.hpp"
#include "cli/verb.hpp"

#include <iostream>

namespace nocturne::cli {
namespace registry_show_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto set = std::make_shared<std::string>();
    app.add_option("set", *set, "Name of the set")->required();
    return [set, &globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto const rows = db::show_set(session, *set);
        if (!globals.json) {
            print_tables(rows);
            auto in_use = rows;
            std::erase_if(in_use, [](auto const& row) { return row.status != "active"; });
            for (auto const& reason : db::reasons_of(in_use.empty() ? rows : in_use)) std::cout << reason << "\n";
            return 0;
        }
        auto document = nlohmann::ordered_json::array();
        for (auto const& row : rows) document.push_back(to_json(row));
        print_json(document);
        return 0;
    };
}

VerbRegistrar const here{{"registry show", "Show the tables of a set of solutions", &declare}};

}  // namespace registry_show_verb
}  // namespace nocturne::cli
