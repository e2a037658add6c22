// `apply_gains` in place on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations, as share of the read bandwidth.
#include "kernels/apply_gains.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void apply_gains(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, na = 96, n = nt * nb * nc * np;
    auto const vis = to_device(device, std::vector<Vis>(n, Vis{1, 2}));
    auto const one = to_device(device, std::vector<float>{1});
    auto const band = to_device(device, std::vector<Vis>(na * nc * np, Vis{0.6F, 0.8F}));
    auto const drift = to_device(device, std::vector<Vis>(nt * na * np, Vis{0.8F, -0.6F}));
    std::vector<GainPair> of(nb);
    for (Index b = 0; b < nb; ++b) of[static_cast<std::size_t>(b)] = {0, static_cast<std::int32_t>(b + 1)};
    auto const pairs = to_device(device, of);
    Buffer<std::int32_t> slot(device, nt);
    Buffer<std::uint8_t> flag(device, n);
    Buffer<float> weight(device, n);
    slot.clear();
    flag.clear();
    ApplyGainsArgs const args{vis.view(nt, nb, nc, np),
                              flag.view(nt, nb, nc, np),
                              make_constant_view<float const>(one.data(), nt, nb, nc, np),
                              weight.view(nt, nb, nc, np),
                              pairs.view(nb),
                              slot.view(nt),
                              band.view(1, na, nc, np),
                              drift.view(nt, na, np),
                              band.view(1, na, nc, np),
                              drift.view(nt, na, np)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(2 * vis.bytes() + weight.bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(apply_gains);

}  // namespace

BENCHMARK_MAIN();
