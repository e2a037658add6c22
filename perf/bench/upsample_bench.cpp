// `upsample` from 2080² to 4096² pixels with 24 taps, and back, as share of the bandwidth that its images alone would take.
#include "kernels/upsample.hpp"
#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {
using namespace nocturne;

template<class Args>
void measure(benchmark::State& state)
{
    auto const device = make_device("auto");
    Index const n = 4096, nc = 2080;
    Buffer<float> fine(device, n * n), coarse(device, nc * nc), work(device, n * nc);
    fine.clear();
    coarse.clear();
    work.clear();
    HalfBand filter;
    filter.half_taps = 12;
    for (auto _ : state) {
        if constexpr (std::is_same_v<Args, UpsampleArgs>)
            run(device, UpsampleArgs{coarse.view(nc, nc), fine.view(n, n), work.view(n, nc), filter});
        else
            run(device, DownsampleArgs{fine.view(n, n), coarse.view(nc, nc), work.view(n, nc), filter});
        finish(device);
    }
    double const bytes = static_cast<double>(fine.bytes() + coarse.bytes() + 2 * work.bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}

void upsample(benchmark::State& state) { measure<UpsampleArgs>(state); }
void downsample(benchmark::State& state) { measure<DownsampleArgs>(state); }
BENCHMARK(upsample)->Unit(benchmark::kMillisecond);
BENCHMARK(downsample)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
