// What `bench quick` and `bench run` have in common. Enters: a request. Leaves: its table, printed.
#pragma once

#include "cli/verb.hpp"
#include "driver/bench.hpp"

namespace nocturne::cli {

/// --programs, --filter, --rounds.
void add_bench_options(App& app, BenchRequest& request);

int bench_verb(BenchRequest const& request, Globals const& globals);

}  // namespace nocturne::cli
