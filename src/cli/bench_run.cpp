// Verb `bench run`: every benchmark that was built, several times in turn.
#include "cli/bench_table.hpp"
#include "cli/verb.hpp"

namespace nocturne::cli {
namespace bench_run_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto request = std::make_shared<BenchRequest>();
    add_bench_options(app, *request);
    app.add_option("--only", request->only, "Programs without bench_, with commas between: grid,fft")->delimiter(',');
    return [request, &globals] { return bench_verb(*request, globals); };
}

VerbRegistrar const here{{"bench run", "Measure all kernels against what this machine can do", &declare}};

}  // namespace bench_run_verb
}  // namespace nocturne::cli
