// `density` of a block of 64 baselines × 24 integrations × 768 channels × 2 hands on the uv grid of 4096² × 3″.
#include "kernels/density.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void density(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2;
    Buffer<Vis> const vis(device, nt * nb * nc * np);
    Buffer<std::uint8_t> flag(device, nt * nb * nc * np), is_auto(device, nb);
    flag.clear();
    is_auto.clear();
    auto const one = to_device(device, std::vector<float>{1});
    std::vector<double> uvw_m, freq_hz;
    for (Index i = 0; i < nt * nb; ++i)
        for (double x : {10.0 * static_cast<double>(i % nb), 5.0 * static_cast<double>(i % nb), 0.0})
            uvw_m.push_back(x + 0.1 * static_cast<double>(i / nb));
    for (Index c = 0; c < nc; ++c) freq_hz.push_back(1311.4e6 + 244140.625 * static_cast<double>(c));
    auto const uvw = to_device(device, uvw_m), freq = to_device(device, freq_hz);
    UvCells const cells{4096, 1 / (4096 * 3 * arcsec_rad)};
    Buffer<std::int64_t> sum(device, cells.size());
    sum.clear();
    float const* w = one.data();
    DensityArgs const args{
        {vis.view(nt, nb, nc, np), flag.view(nt, nb, nc, np), make_constant_view(w, nt, nb, nc, np), 0, 1},
        uvw.view(nt, nb, 3),
        freq.view(nc),
        is_auto.view(nb),
        cells,
        1.0,
        sum.view(cells.size())};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    auto const rate = benchmark::Counter::kIsIterationInvariantRate;
    state.counters["vis/s"] = benchmark::Counter(static_cast<double>(nt * nb * nc), rate);
    state.counters["share_of_read"] =
        benchmark::Counter(static_cast<double>(flag.bytes()) / bench::read_bandwidth(), rate);
}
BENCHMARK(density);

}  // namespace

BENCHMARK_MAIN();
