// `expand` of 12 × 64 nodes a baseline to a block of 64 baselines × 24 integrations × 768 channels, as share of the flops of
// one core.
#include "kernels/expand.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void expand(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, pt = 12, pf = 64;
    Index const freq_size = NodeRect::matrix_size(pf, nc), time_size = NodeRect::matrix_size(pt, nt);
    auto const matrices = to_device(device, std::vector<float>(freq_size + time_size, 0.01F));
    std::vector<NodeRect> rects;
    for (Index b = 0; b < nb; ++b)
        rects.push_back({static_cast<std::int32_t>(b), 0, nt, 0, nc, pt, pf, freq_size, 0, b * pt * pf});
    auto const d_rects = to_device(device, rects);
    auto const y = to_device(device, std::vector<Vis>(nb * pt * pf, Vis{1, 2}));
    Buffer<Vis> vis(device, nt * nb * nc);
    ExpandArgs const args{y.view(y.size()),    d_rects.view(nb), 0, 0, matrices.view(matrices.size()),
                          vis.view(nt, nb, nc)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const flops = 2.0 * 2 * static_cast<double>(nb * pt * nc * (nt + pf));
    auto const rate = benchmark::Counter::kIsIterationInvariantRate;
    state.counters["vis/s"] = benchmark::Counter(static_cast<double>(nt * nb * nc), rate);
    state.counters["share_of_flops"] = benchmark::Counter(flops / bench::peak_flops(), rate);
}
BENCHMARK(expand);

}  // namespace

BENCHMARK_MAIN();
