// `weigh` of a block of 64 baselines × 24 integrations × 768 channels on the uv grid of 4096² × 3″.
#include "kernels/weigh.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void weigh(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768;
    std::vector<double> uvw_m, freq_hz;
    for (Index i = 0; i < nt * nb; ++i)
        for (double x : {10.0 * static_cast<double>(i % nb), 5.0 * static_cast<double>(i % nb), 0.0})
            uvw_m.push_back(x + 0.1 * static_cast<double>(i / nb));
    for (Index c = 0; c < nc; ++c) freq_hz.push_back(1311.4e6 + 244140.625 * static_cast<double>(c));
    auto const uvw = to_device(device, uvw_m), freq = to_device(device, freq_hz);
    UvCells const cells{4096, 1 / (4096 * 3 * arcsec_rad)};
    Buffer<float> table(device, cells.size()), factor(device, nt * nb * nc);
    table.clear();
    WeighArgs const args{uvw.view(nt, nb, 3), freq.view(nc), cells, table.view(cells.size()), factor.view(nt, nb, nc)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    auto const rate = benchmark::Counter::kIsIterationInvariantRate;
    state.counters["vis/s"] = benchmark::Counter(static_cast<double>(nt * nb * nc), rate);
    state.counters["share_of_read"] =
        benchmark::Counter(static_cast<double>(factor.bytes()) / bench::read_bandwidth(), rate);
}
BENCHMARK(weigh);

}  // namespace

BENCHMARK_MAIN();
