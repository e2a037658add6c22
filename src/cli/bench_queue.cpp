// Verb `bench queue`: how fast waiting groups are taken from a long queue, by one and by many at once.
#include "cli/bench_place.hpp"
#include "cli/verb.hpp"
#include "db/queue_bench.hpp"

#include <iostream>

namespace nocturne::cli {
namespace bench_queue_verb {

struct Options {
    double groups = 1e6, take = 20000;
    int claimants = 64, batch = 1;
};

int run_verb(Options const& o, Globals const& globals)
{
    if (globals.db.empty())
        throw Error(Code::usage, "no database to measure", "--db names none",
                    "name an empty one: --db /tmp/bench.sqlite or --db postgresql://USER@HOST/NAME");
    if (!(o.groups >= 1 && o.groups <= 1e9 && o.take >= 1))
        throw Error(Code::usage, "cannot measure so many groups", "--groups is not in 1 to 1e9", "give --groups 1e6");
    auto const bench = db::measure_queue(
        globals.db, {static_cast<std::int64_t>(o.groups), o.claimants, o.batch, static_cast<std::int64_t>(o.take)});
    if (globals.json)
        print_json({{"groups", o.groups},
                    {"claimants", o.claimants},
                    {"batch", o.batch},
                    {"fill_s", bench.fill_s},
                    {"alone_ms", bench.alone_ms},
                    {"alone_median_ms", bench.alone_median_ms},
                    {"alone_worst_ms", bench.alone_worst_ms},
                    {"taken", bench.taken},
                    {"twice", bench.twice},
                    {"taken_per_s", bench.per_s},
                    {"claim_ms", bench.claim_ms},
                    {"database", db::dialect_of(globals.db) == db::Dialect::postgresql ? "postgresql" : "sqlite"},
                    {"measured", bench_place()}});
    else
        std::cout << "one claim alone " << bench.alone_ms << " ms (worst " << bench.alone_worst_ms << "); "
                  << o.claimants << " at once, " << o.batch << " a claim: " << bench.per_s << " groups/s, "
                  << bench.claim_ms << " ms a claim, " << bench.taken << " taken, " << bench.twice << " twice\n";
    return bench.twice == 0 ? 0 : exit_code(Code::qa_fail);
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("--groups", o->groups, "Groups in the index (default 1e6)");
    app.add_option("--claimants", o->claimants, "So many take at once (default 64)")->in_range(1, 1000);
    app.add_option("--batch", o->batch, "Groups a claim (default 1)")->in_range(1, 100000);
    app.add_option("--take", o->take, "Groups to be taken in all (default 20000)");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"bench queue", "Measure how fast groups are taken from a long queue", &declare}};

}  // namespace bench_queue_verb
}  // namespace nocturne::cli
