// `apply_jones` in place on 64 baselines × 24 integrations × 192 channels × 4 correlations, as share of the read bandwidth.
#include "kernels/apply_jones.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void apply_jones(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 192, na = 96, n = nt * nb * nc * 4;
    auto const vis = to_device(device, std::vector<Vis>(n, Vis{1, 2}));
    auto const one = to_device(device, std::vector<float>{1});
    std::vector<Vis> unitary;
    for (Index i = 0; i < na * nc; ++i)
        for (auto const v : {Vis{0.8F, 0}, Vis{0, 0.6F}, Vis{0, 0.6F}, Vis{0.8F, 0}}) unitary.push_back(v);
    auto const inverse = to_device(device, unitary);
    std::vector<GainPair> of;
    for (std::int32_t b = 0; b < nb; ++b) of.push_back({0, b + 1});
    auto const pairs = to_device(device, of);
    Buffer<std::int32_t> slot(device, nt);
    Buffer<std::uint8_t> flag(device, n);
    Buffer<float> weight(device, n);
    slot.clear();
    flag.clear();
    ApplyJonesArgs args;
    args.vis = vis.view(nt, nb, nc, Index(4));
    args.flag = flag.view(nt, nb, nc, Index(4));
    args.weight = make_constant_view<float const>(one.data(), nt, nb, nc, Index(4));
    args.new_weight = weight.view(nt, nb, nc, Index(4));
    args.pairs = pairs.view(nb);
    args.slot = slot.view(nt);
    args.inverse = inverse.view(Index(1), na, nc, Index(4));
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(2 * vis.bytes() + weight.bytes() + flag.bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(apply_jones);

}  // namespace

BENCHMARK_MAIN();
