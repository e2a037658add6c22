// `correct` on 2080 × 2080 pixels, as share of the read bandwidth.
#include "kernels/correct.hpp"
#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void correct(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const n = 2080;
    Buffer<float> image(device, n * n), axis(device, n);
    Buffer<std::int32_t> theta(device, (n / 2 + 1) * n);
    image.clear();
    axis.clear();
    theta.clear();
    CorrectArgs args;
    args.image = image.view(n, n);
    args.axis = axis.view(n);
    args.theta = theta.view(n / 2 + 1, n);
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(2 * image.bytes() + theta.bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(correct)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
