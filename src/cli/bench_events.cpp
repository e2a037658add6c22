// Verb `bench events`: how fast events go into a database.
#include "cli/verb.hpp"
#include "db/event_bench.hpp"

#include <iostream>

namespace nocturne::cli {
namespace bench_events_verb {

int run_verb(int events, int batch, Globals const& globals)
{
    if (globals.db.empty())
        throw Error(Code::usage, "no database to measure", "--db names none",
                    "name an empty one: --db bench.sqlite or --db postgresql://USER@HOST/NAME");
    auto session = db::Session::open(globals.db);
    auto const bench = db::measure_events(session, events, batch);
    double const per_s = static_cast<double>(events) / bench.ship_s,
                 again = static_cast<double>(events) / bench.again_s;
    if (globals.json)
        print_json(
            {{"events", events}, {"batch", batch}, {"per_s", per_s}, {"again_per_s", again}, {"stored", bench.stored}});
    else
        std::cout << events << " events, " << batch << " a transaction: " << per_s << " a second, the same again "
                  << again << " a second; " << bench.stored << " rows\n";
    return bench.stored == events ? 0 : exit_code(Code::qa_fail);
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto events = std::make_shared<int>(20000), batch = std::make_shared<int>(100);
    app.add_option("--events", *events, "So many (default 20000)")->in_range(1, 10000000);
    app.add_option("--batch", *batch, "So many a transaction (default 100)")->in_range(1, 100000);
    return [events, batch, &globals] { return run_verb(*events, *batch, globals); };
}

VerbRegistrar const here{{"bench events", "Measure how fast events go into a database", &declare}};

}  // namespace bench_events_verb
}  // namespace nocturne::cli
