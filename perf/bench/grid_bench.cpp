// `grid` on node-like lines (64 points, a cell apart) and on raw-like ones (768 points on few footprints), support 6, beside
// the shared body, as share of the flops of its taps.
#include "kernels/grid.hpp"
#include "kernels/kokkos/loop.hpp"
#include "perf/bench/machine.hpp"
#include "tests/support/lattice.hpp"

#include <benchmark/benchmark.h>

namespace {
using namespace nocturne;

constexpr Index n_cells = 512, n_planes = 12;

NodeGeometry lines_of(int n, double cells_apart)
{
    std::mt19937 random(1);
    std::uniform_real_distribution<double> unit(-1, 1);
    NodeGeometry points;
    for (int p = 0; p < n; ++p) points.freq_hz.push_back(1e9 + 1e6 * p);
    double const step = cells_apart / 1e-9 / 1e6;  // metres that move one frequency step by so many cells
    for (Index i = 0; i < 200'000 / n; ++i, points.n_points += n)
        points.lines.push_back({{step * unit(random), step * unit(random), 4 * unit(random)}, points.n_points, 0, n});
    return points;
}

template<class Launch>
void measure(benchmark::State& state, NodeGeometry const& points, Launch const& launch_it)
{
    Device const host = make_device("kokkos");
    test::SmallLattice const lattice(host, n_cells, n_planes, 6, 6);
    auto const lines = to_device(host, points.lines);
    auto const freq_hz = to_device(host, points.freq_hz);
    auto const y = to_device(host, test::random_values(points.n_points, 1));
    Buffer<std::int64_t> pool(host, lattice.pool_size());
    pool.clear();
    GridArgs const args{lattice.value, lines.view(lines.size()), freq_hz.view(freq_hz.size()), y.view(y.size()),
                        0x1p30F,       pool.view(pool.size())};
    for (auto _ : state) launch_it(args);
    double const n = static_cast<double>(points.n_points), flops = 4.0 * 216 * n;
    state.counters["points/s"] = benchmark::Counter(n, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_flops"] =
        benchmark::Counter(flops / bench::peak_flops(), benchmark::Counter::kIsIterationInvariantRate);
}

void tuned(GridArgs const& args) { launch(KokkosDevice{}, args); }
void body(GridArgs const& args)
{
    kokkos::for_each_tile(args.lines.extent[0], GridTile::scratch_bytes, GridTile{args});
}

void grid_nodes(benchmark::State& state) { measure(state, lines_of(64, 1.0), tuned); }
void grid_raw(benchmark::State& state) { measure(state, lines_of(768, 0.1), tuned); }
void grid_nodes_body(benchmark::State& state) { measure(state, lines_of(64, 1.0), body); }
BENCHMARK(grid_nodes);
BENCHMARK(grid_raw);
BENCHMARK(grid_nodes_body);

}  // namespace

BENCHMARK_MAIN();
