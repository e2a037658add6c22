// `power` on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations, as share of the read bandwidth.
#include "kernels/power.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void power(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, na = 96, n = nt * nb * nc * np;
    auto const vis = to_device(device, std::vector<Vis>(n, Vis{1, 2}));
    Buffer<std::uint8_t> flag(device, n);
    flag.clear();
    auto const scale = to_device(device, std::vector<float>(nb * np, 1));
    std::vector<std::int32_t> ants;
    for (Index b = 0; b < nb; ++b) ants.insert(ants.end(), {static_cast<std::int32_t>(b), 95});
    auto const antennas = to_device(device, ants);
    Buffer<std::int32_t> sum(device, na * nt * nc), strays(device, na * nt * nc), lost(device, na * nt * nc);
    sum.clear();
    strays.clear();
    lost.clear();
    PowerArgs const args{vis.view(nt, nb, nc, np), flag.view(nt, nb, nc, np),
                         scale.view(nb, np),       scale.view(nb, np),
                         scale.view(nb, np),       antennas.view(nb, 2),
                         sum.view(na, nt, nc),     strays.view(na, nt, nc),
                         lost.view(na, nt, nc),    1024};
    for (auto _ : state) {
        sum.clear();
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(vis.bytes() + flag.bytes());
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(power);

}  // namespace

BENCHMARK_MAIN();
