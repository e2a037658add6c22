// `smooth`: an image of 4096² pixels to the scales of multiscale CLEAN (widths of 4, 16 and 64 pixels, every 1st, 4th and 16th
// pixel), and one laid back; as share of the read bandwidth and in operations.
#include "kernels/smooth.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace nocturne;

struct Scale {
    Device device = make_device("auto");
    Index n = 4096, step, coarse;
    Buffer<float> taps, fine, narrow, work;

    explicit Scale(Index width)
        : step(std::max<Index>(1, width / 4)),
          coarse(n / step),
          taps(to_device(device, std::vector<float>(static_cast<std::size_t>(5 * width / 2), 1e-3F))),
          fine(to_device(device, std::vector<float>(static_cast<std::size_t>(n * n), 1.0F))),
          narrow(to_device(device, std::vector<float>(static_cast<std::size_t>(coarse * coarse), 1.0F))),
          work(device, coarse * n)
    {}
    Smoothing smoothing() const { return {taps.view(taps.size()), step, 0}; }
    void count(benchmark::State& state) const
    {
        double const reach = 2 * static_cast<double>(taps.size()) - 1, pixels = static_cast<double>(coarse * n);
        state.counters["flops"] = benchmark::Counter(2 * reach * pixels * (1 + 1 / static_cast<double>(step)),
                                                     benchmark::Counter::kIsIterationInvariantRate);
        state.counters["share_of_read"] = benchmark::Counter(4 * static_cast<double>(n * n) / bench::read_bandwidth(),
                                                             benchmark::Counter::kIsIterationInvariantRate);
    }
};

void smooth(benchmark::State& state)
{
    Scale scale(state.range(0));
    SmoothArgs const args{scale.fine.view(scale.n, scale.n), scale.narrow.view(scale.coarse, scale.coarse),
                          scale.work.view(scale.coarse, scale.n), scale.smoothing()};
    for (auto _ : state) {
        run(scale.device, args);
        finish(scale.device);
    }
    scale.count(state);
}
BENCHMARK(smooth)->Arg(4)->Arg(16)->Arg(64)->Unit(benchmark::kMillisecond);

void spread(benchmark::State& state)
{
    Scale scale(state.range(0));
    SpreadArgs const args{scale.narrow.view(scale.coarse, scale.coarse), scale.fine.view(scale.n, scale.n),
                          scale.work.view(scale.coarse, scale.n), scale.smoothing()};
    for (auto _ : state) {
        run(scale.device, args);
        finish(scale.device);
    }
    scale.count(state);
}
BENCHMARK(spread)->Arg(4)->Arg(16)->Arg(64)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
