// `settle` on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations, as share of the read bandwidth.
#include "kernels/settle.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void settle(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, n = nt * nb * nc * np;
    auto const vis = to_device(device, std::vector<Vis>(n, Vis{1, 2}));
    Buffer<std::uint8_t> flag(device, n);
    flag.clear();
    auto const limit = to_device(device, std::vector<float>(nb * np, 100));
    SettleArgs const args{vis.view(nt, nb, nc, np), flag.view(nt, nb, nc, np), limit.view(nb, np), 0.5F, 0.5F};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(vis.bytes() + flag.bytes());
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(settle);

}  // namespace

BENCHMARK_MAIN();
