// `jones_sums` with a model column on 64 baselines × 24 integrations × 96 channels of four correlations, a solution a channel and one for the band, as share
// of the read bandwidth.
#include "kernels/jones_sums.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void jones_sums(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 96, n = nt * nb * nc * 4, blocks = state.range(0);
    auto const vis = to_device(device, std::vector<Vis>(n, Vis{1, 2})),
               model = to_device(device, std::vector<Vis>(n, Vis{2, 1}));
    auto const one = to_device(device, std::vector<float>{1});
    std::vector<std::int32_t> channels;
    for (Index k = 0; k <= blocks; ++k) channels.push_back(static_cast<std::int32_t>(k * nc / blocks));
    auto const first_channel = to_device(device, channels);
    auto const first_integration = to_device(device, std::vector<std::int32_t>{0, static_cast<std::int32_t>(nt)});
    Buffer<std::uint8_t> flag(device, n);
    flag.clear();
    Buffer<float> sums(device, nb * blocks * JonesSumsArgs::planes);
    JonesSumsArgs args;
    args.vis = vis.view(nt, nb, nc, Index(4));
    args.model = model.view(nt, nb, nc, Index(4));
    args.flag = flag.view(nt, nb, nc, Index(4));
    args.weight = make_constant_view<float const>(one.data(), nt, nb, nc, Index(4));
    args.first_integration = first_integration.view(Index(2));
    args.first_channel = first_channel.view(blocks + 1);
    args.sums = sums.view(nb, blocks, JonesSumsArgs::planes);
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(2 * vis.bytes() + flag.bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(jones_sums)->Arg(1)->Arg(96);

}  // namespace

BENCHMARK_MAIN();
