// `votes` on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations, as share of the read bandwidth.
#include "kernels/votes.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void votes(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, n = nt * nb * nc * np;
    std::vector<std::uint32_t> words(static_cast<std::size_t>(nb * nc));
    for (std::size_t i = 0; i < words.size(); i += 50) words[i] = 0xffffff;
    auto const mask = to_device(device, words);
    Buffer<std::int32_t> count(device, nt * nc);
    count.clear();
    VotesArgs const args{mask.view(nb, 1, nc), count.view(nt, nc)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(mask.bytes());
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(votes);

}  // namespace

BENCHMARK_MAIN();
