// `statistics` of 4096 × 4096 pixels of noise: each launch and the whole measurement, as share of reading the image once.
#include "kernels/statistics.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

#include <random>

namespace {

using namespace nocturne;
constexpr Index side = 4096;

Buffer<float> const& image()
{
    static Buffer<float> const pixels = [] {
        std::mt19937 random(1);
        std::normal_distribution<float> normal(0, 1e-3F);
        std::vector<float> host(static_cast<std::size_t>(side * side));
        for (float& p : host) p = normal(random);
        return to_device(make_device("auto"), host);
    }();
    return pixels;
}

void count_bytes(benchmark::State& state)
{
    double const bytes = static_cast<double>(image().bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}

void moments(benchmark::State& state)
{
    auto const& device = image().device();
    Buffer<RowMoments> rows(device, side);
    StatisticsArgs const args{image().view(side, side), rows.view(side)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    count_bytes(state);
}
BENCHMARK(moments);

void counts(benchmark::State& state)
{
    auto const& device = image().device();
    Buffer<std::int32_t> below(device, side * CountArgs::n_thresholds);
    CountArgs args{image().view(side, side), below.view(side, Index(CountArgs::n_thresholds)),
                   CountArgs::Of::deviation};
    for (int k = 0; k < CountArgs::n_thresholds; ++k) args.threshold[k] = 1e-4F * static_cast<float>(k);
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    count_bytes(state);
}
BENCHMARK(counts);

void whole(benchmark::State& state)
{
    for (auto _ : state) benchmark::DoNotOptimize(measure_statistics(image().device(), image().view(side, side)));
    count_bytes(state);
}
BENCHMARK(whole);

}  // namespace

BENCHMARK_MAIN();
