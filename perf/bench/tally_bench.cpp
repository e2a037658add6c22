// `tally` on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations, as share of the read bandwidth.
#include "kernels/tally.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void tally(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, n = nt * nb * nc * np;
    auto const flag = to_device(device, std::vector<std::uint8_t>(n, 0));
    Buffer<std::int32_t> count(device, nt * nb * TallyArgs::kinds);
    TallyArgs const args{flag.view(nt, nb, nc, np), count.view(nt, nb, TallyArgs::kinds)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(flag.bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(tally);

}  // namespace

BENCHMARK_MAIN();
