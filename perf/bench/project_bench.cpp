// `project` of a block of 64 baselines × 24 integrations × 768 channels × 2 hands to 12 × 64 nodes a baseline, as share of the
// flops of one core (products alone, without forming Stokes I).
#include "kernels/project.hpp"
#include "nocturne/folded_matrix.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void project(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, pt = 12, pf = 64;
    auto const vis = to_device(device, std::vector<Vis>(nt * nb * nc * np, Vis{1, 2}));
    Buffer<std::uint8_t> flag(device, nt * nb * nc * np);
    flag.clear();
    auto const one = to_device(device, std::vector<float>{1});
    Index const freq_size = NodeRect::matrix_size(pf, nc), time_size = NodeRect::matrix_size(pt, nt);
    std::vector<float> coefficients(static_cast<std::size_t>(freq_size + time_size), 0.01F);
    Index const time_folded = append_folded(coefficients, freq_size, pt, nt),
                freq_folded = append_folded(coefficients, 0, pf, nc);
    auto const matrices = to_device(device, coefficients);
    std::vector<NodeRect> rects;
    for (Index b = 0; b < nb; ++b)
        rects.push_back(
            {static_cast<std::int32_t>(b), 0, nt, 0, nc, pt, pf, freq_size, 0, b * pt * pf, time_folded, freq_folded});
    auto const d_rects = to_device(device, rects);
    Buffer<Vis> y(device, nb * pt * pf), psf(device, nb * pt * pf);
    Buffer<double> sums(device, nb);
    float const* w = one.data();
    ProjectArgs const args{
        {vis.view(nt, nb, nc, np), flag.view(nt, nb, nc, np), make_constant_view(w, nt, nb, nc, np), 0, 1},
        make_constant_view(w, nt, nb, nc),
        d_rects.view(nb),
        0,
        0,
        matrices.view(matrices.size()),
        y.view(y.size()),
        psf.view(psf.size()),
        sums.view(nb)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const flops = 2.0 * 2 * static_cast<double>(nb * pt * nc * (nt + pf));
    auto const rate = benchmark::Counter::kIsIterationInvariantRate;
    state.counters["vis/s"] = benchmark::Counter(static_cast<double>(nt * nb * nc), rate);
    state.counters["share_of_flops"] = benchmark::Counter(flops / bench::peak_flops(), rate);
    state.counters["share_of_read"] =
        benchmark::Counter(static_cast<double>(vis.bytes() + flag.bytes()) / bench::read_bandwidth(), rate);
}
BENCHMARK(project);

}  // namespace

BENCHMARK_MAIN();
