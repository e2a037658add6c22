// Verb `registry export`: what the registry knows as one JSON file, for another database. The files of solutions stay where they are.
#include "cli/registry_json.hpp"
#include "cli/verb.hpp"
#include "io/product.hpp"

#include <iostream>

namespace nocturne::cli {
namespace registry_export_verb {

struct Options {
    std::string out, set;
};

int export_verb(Options const& options, Globals const& globals)
{
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    auto const rows = options.set.empty() ? db::all_tables(session) : db::show_set(session, options.set);
    nlohmann::ordered_json document{{"format", "nocturne registry"}, {"version", 1}};
    document["tables"] = nlohmann::ordered_json::array();
    for (auto const& row : rows) document["tables"].push_back(to_json(row));
    auto const text = document.dump(2) + "\n";
    write_product(options.out, text);
    if (globals.json)
        print_json({{"path", options.out}, {"tables", rows.size()}});
    else
        std::cout << options.out << ": " << rows.size() << " tables\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("-o,--out", o->out, "The JSON file")->required();
    app.add_option("--set", o->set, "One set; default all");
    return [o, &globals] { return export_verb(*o, globals); };
}

VerbRegistrar const here{{"registry export", "Write the registry as a JSON file", &declare}};

}  // namespace registry_export_verb
}  // namespace nocturne::cli
