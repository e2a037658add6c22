// `rotate` on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations. A full group of 96 antennas is 73
// such blocks: "group_s" is the time for it.
#include "kernels/rotate.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void rotate(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2;
    auto const vis = to_device(device, std::vector<Vis>(nt * nb * nc * np, Vis{1, 0}));
    std::vector<double> uvw(nt * nb * 3), shift(nt * nb), freq(nc);
    for (std::size_t i = 0; i < uvw.size(); ++i) uvw[i] = 0.37 * static_cast<double>(i);
    for (std::size_t i = 0; i < shift.size(); ++i) shift[i] = 0.37 * static_cast<double>(i + 1);
    for (std::size_t c = 0; c < freq.size(); ++c) freq[c] = 1.311e9 + 244140.625 * static_cast<double>(c);
    Buffer<double> const out(device, nt * nb * 3);
    auto const d_uvw = to_device(device, uvw), d_shift = to_device(device, shift), d_freq = to_device(device, freq);
    RotateArgs const args{vis.view(nt, nb, nc, np), out.view(nt, nb, 3), d_uvw.view(nt, nb, 3), d_shift.view(nt, nb),
                          d_freq.view(nc)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = 2.0 * static_cast<double>(vis.bytes());
    double const groups = static_cast<double>(vis.size()) / 171.6e6;
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["group_s"] =
        benchmark::Counter(groups, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(rotate);

}  // namespace

BENCHMARK_MAIN();
