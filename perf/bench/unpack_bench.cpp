// `unpack` of one subband over all integrations of 64 baselines (chunks of 128 × 12 × 1, falling channels), as share of the read
// bandwidth: bytes are those read from the chunks.
#include "kernels/unpack.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void unpack(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, n = nt * nb * nc * np, rows = nt * nb;
    ChunkBatch batch;
    batch.n_bands = rows / 128;
    batch.n_channel_chunks = 4;
    batch.n_correlation_chunks = 2;
    batch.chunk_rows = 128;
    batch.chunk_channels = 12;
    batch.chunk_correlations = 1;
    batch.n_channels = 48;
    batch.n_correlations = 2;
    batch.first_channel = 95;
    batch.channel_step = -1;
    std::vector<RowTarget> targets;
    for (Index r = 0; r < rows; ++r)
        targets.push_back({static_cast<std::int32_t>(r / nb), static_cast<std::int32_t>(r % nb), 0});
    auto const d_targets = to_device(device, targets);
    auto const data = to_device(device, std::vector<Vis>(batch.n_bands * batch.band_elements(), Vis{1, 2}));
    Buffer<Vis> vis(device, n);
    Buffer<std::uint8_t> flag(device, n);
    vis.clear();
    flag.clear();
    batch.data = data.data();
    batch.rows = d_targets.view(rows);
    UnpackArgs const args{batch, vis.view(nt, nb, nc, np), flag.view(nt, nb, nc, np), {}};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(data.bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(unpack);

}  // namespace

BENCHMARK_MAIN();
