// `level` on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations, every fourth integration looked at; noise.
#include "kernels/level.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

#include <random>

namespace {

std::vector<nocturne::Vis> noise(nocturne::Index n)
{
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<nocturne::Vis> all(static_cast<std::size_t>(n));
    for (auto& v : all) v = {normal(random), normal(random)};
    return all;
}

void level(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, n = nt * nb * nc * np;
    auto const vis = to_device(device, noise(n));
    Buffer<std::uint8_t> flag(device, n);
    flag.clear();
    Buffer<Level> out(device, nb * np);
    LevelArgs const args{vis.view(nt, nb, nc, np), flag.view(nt, nb, nc, np), out.view(nb, np), 4};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(vis.bytes() + flag.bytes()) / 4;
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(level);

}  // namespace

BENCHMARK_MAIN();
