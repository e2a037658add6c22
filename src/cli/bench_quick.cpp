// Verb `bench quick`: the kernels of an image, once, in a minute or two.
#include "cli/bench_table.hpp"
#include "cli/verb.hpp"

namespace nocturne::cli {
namespace bench_quick_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto request = std::make_shared<BenchRequest>();
    request->only = quick_programs();
    request->rounds = 3;
    request->min_time_s = 0.02;
    request->peer_size = {"--rounds", "1", "--antennas", "48", "--imsize", "2048", "--cell", "6"};
    add_bench_options(app, *request);
    return [request, &globals] { return bench_verb(*request, globals); };
}

VerbRegistrar const here{{"bench quick", "Measure the kernels of an image against what this machine can do", &declare}};

}  // namespace bench_quick_verb
}  // namespace nocturne::cli
