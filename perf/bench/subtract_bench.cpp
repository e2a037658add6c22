// `subtract`: one component at a time from a whole image of 4096² pixels (Högbom as it is written down), and 32 at once from a
// tile (as tiles are done that were left alone for a while); as share of the read bandwidth and in operations.
#include "kernels/subtract.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace nocturne;

void subtract(benchmark::State& state)
{
    auto const device = make_device("auto");
    Index const n = state.range(0), pending = state.range(1);
    auto const image = to_device(device, std::vector<float>(n * n, 1.0F));
    auto const psf = to_device(device, std::vector<float>(n * n, 1e-3F));
    auto const mask = to_device(device, std::vector<std::uint8_t>{1});
    std::vector<CleanComponent> components;
    for (Index k = 0; k < pending; ++k)
        components.push_back(
            {static_cast<std::int32_t>(n / 2 + 37 * k % 200), static_cast<std::int32_t>(n / 2), 1e-3F});
    std::vector<PendingTile> tiles;
    for (std::int32_t y = 0; y < n; y += PendingTile::size)
        for (std::int32_t x = 0; x < n; x += PendingTile::size)
            tiles.push_back({x, y, 0, static_cast<std::int32_t>(pending)});
    auto const list = to_device(device, components);
    auto const todo = to_device(device, tiles);
    Buffer<TilePeak> peaks(device, todo.size());
    SubtractArgs const args{
        image.view(n, n),       make_constant_view(static_cast<std::uint8_t const*>(mask.data()), n, n),
        psf.view(n, n),         list.view(list.size()),
        todo.view(todo.size()), peaks.view(peaks.size())};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const pixels = static_cast<double>(n * n);
    state.counters["subtractions/s"] =
        benchmark::Counter(pixels * static_cast<double>(pending), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(8 * pixels / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(subtract)->Args({4096, 1})->Args({4096, 32})->Args({1024, 1})->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
