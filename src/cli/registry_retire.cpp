// Verb `registry retire`: a set that shall not be used any more. Its rows and files stay.
#include "cli/registry_json.hpp"
#include "cli/verb.hpp"

#include <iostream>

namespace nocturne::cli {
namespace registry_retire_verb {

struct Options {
    std::string set, reason;
};

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("set", o->set, "Name of the set")->required();
    app.add_option("--reason", o->reason, "Why; kept as the tables' remark");
    return [o, &globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto const n = db::retire_set(session, o->set, o->reason);
        if (globals.json)
            print_json({{"set_name", o->set}, {"retired", n}});
        else
            std::cout << o->set << ": " << n << " tables retired\n";
        return 0;
    };
}

VerbRegistrar const here{{"registry retire", "Retire a set of solutions: it is chosen no more", &declare}};

}  // namespace registry_retire_verb
}  // namespace nocturne::cli
