// `jones` of 96 antennas and 16 columns, an unpolarised model, from sums in memory: solves a second and flops as share of this machine's.
#include "kernels/jones.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

namespace {

using namespace nocturne;

struct Sums {
    std::vector<float> values;
    std::vector<std::int32_t> row;
};

/// Antenna a has the matrix exp(i turn_a), the model is 1.
Sums make_sums(Index na, Index nc)
{
    Index const nb = na * (na - 1) / 2, planes = JonesSumsArgs::planes;
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> turn;
    for (Index a = 0; a < na; ++a) turn.push_back(normal(random));
    std::vector<float> sums(static_cast<std::size_t>(nb * nc * planes), 0.F);
    std::vector<std::int32_t> row(static_cast<std::size_t>(na * na), -1);
    for (Index two = 1, b = 0; two < na; ++two)
        for (Index one = 0; one < two; ++one, ++b) {
            row[static_cast<std::size_t>(one * na + two)] = row[static_cast<std::size_t>(two * na + one)] =
                static_cast<std::int32_t>(b);
            float const phase = turn[static_cast<std::size_t>(one)] - turn[static_cast<std::size_t>(two)];
            for (Index c = 0; c < nc; ++c) {
                float* to = sums.data() + (b * nc + c) * planes;
                for (Index x = 0; x < 2; ++x)  // J_a = exp(i turn_a), M = 1
                    for (Index y = 0; y < 2; ++y) {
                        Index const s = jones_slot(x, y, x, y);
                        to[s] = 1536 * std::cos(phase) + 90 * normal(random);
                        to[16 + s] = 1536 * std::sin(phase) + 90 * normal(random);
                        to[32 + s] = 1536;
                    }
                to[JonesSumsArgs::count] = 1536;
            }
        }
    return {std::move(sums), std::move(row)};
}

void jones(benchmark::State& state)
{
    auto const device = make_device("auto");
    Index const na = 96, nc = 16, nb = na * (na - 1) / 2, planes = JonesSumsArgs::planes;
    auto const [sums, row] = make_sums(na, nc);
    auto const values = to_device(device, sums);
    auto const rows = to_device(device, row);
    Buffer<Vis> const matrices(device, nc * na * 4);
    Buffer<float> const information(device, nc * na * 4);
    Buffer<std::uint8_t> const flag(device, nc * na);
    Buffer<StefcalResult> const result(device, nc);
    JonesArgs args;
    args.sums = values.view(nb, nc, planes);
    args.row = rows.view(na, na);
    args.n_antennas = na;
    args.jones = matrices.view(nc, na, Index(4));
    args.information = information.view(nc, na, Index(4));
    args.flag = flag.view(nc, na);
    args.result = result.view(nc);
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double iterations = 0;
    for (auto const& each : result.to_host()) iterations += each.iterations;
    double const flops = (iterations + static_cast<double>(nc)) * static_cast<double>(na * (na - 1)) * 320;
    state.counters["solves/s"] =
        benchmark::Counter(static_cast<double>(nc), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["iterations"] = iterations / static_cast<double>(nc);
    state.counters["share_of_flops"] =
        benchmark::Counter(flops / bench::peak_flops(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(jones);

}  // namespace

BENCHMARK_MAIN();
