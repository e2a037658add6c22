// `mark` on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations with 2 % of the cells masked, as share of the
// read bandwidth.
#include "kernels/mark.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void mark(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, n = nt * nb * nc * np;
    Buffer<std::uint8_t> flag(device, n), rows(device, nt * nb);
    flag.clear();
    rows.clear();
    std::vector<std::uint32_t> words(static_cast<std::size_t>(nc));
    for (std::size_t c = 0; c < words.size(); c += 50) words[c] = 0xffffff;
    auto const masks = to_device(device, words);
    Buffer<std::int32_t> which(device, nb);
    which.clear();
    MarkArgs const args{flag.view(nt, nb, nc, np), masks.view(1, 1, nc), which.view(nb, 1), rows.view(nt, nb)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    auto const bytes = static_cast<double>(flag.bytes());
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(mark);

}  // namespace

BENCHMARK_MAIN();
