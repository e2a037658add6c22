// What a target's block goes through on the way to its image: `apply_gains` in place, then `project`, which forms Stokes I, on 64 baselines × 24 integrations ×
// 768 channels × 2 hands and 12 × 48 nodes a baseline, a few baselines at a time, so that what was corrected is still in cache. Bytes are those of the visibilities.
#include "kernels/apply_gains.hpp"
#include "kernels/project.hpp"
#include "nocturne/folded_matrix.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace nocturne;

constexpr Index nt = 24, nb = 64, nc = 768, np = 2, na = 96, pt = 12, pf = 48;

struct Block {
    Device device = make_device("auto");
    Buffer<Vis> vis = to_device(device, std::vector<Vis>(nt* nb* nc* np, Vis{1, 2}));
    Buffer<float> one = to_device(device, std::vector<float>{1}), weight{device, nt*nb*nc*np};
    Buffer<Vis> band = to_device(device, std::vector<Vis>(na*nc*np, Vis{0.6F, 0.8F})),
                drift = to_device(device, std::vector<Vis>(nt*na*np, Vis{0.8F, -0.6F}));
    Buffer<GainPair> pairs;
    Buffer<std::int32_t> slot{device, nt};
    Buffer<std::uint8_t> flag{device, nt* nb* nc* np};
    Buffer<float> matrices;
    Buffer<NodeRect> rects;
    Buffer<Vis> y{device, nb*pt*pf}, psf{device, nb*pt*pf};
    Buffer<double> sums{device, nb};

    Block()
    {
        slot.clear();
        flag.clear();
        Index const freq_size = NodeRect::matrix_size(pf, nc), time_size = NodeRect::matrix_size(pt, nt);
        std::vector<float> coefficients(static_cast<std::size_t>(freq_size + time_size), 0.01F);
        Index const time_folded = append_folded(coefficients, freq_size, pt, nt),
                    freq_folded = append_folded(coefficients, 0, pf, nc);
        matrices = to_device(device, coefficients);
        std::vector<GainPair> of;
        std::vector<NodeRect> made;
        for (Index b = 0; b < nb; ++b) {
            of.push_back({0, static_cast<std::int32_t>(b + 1)});
            made.push_back({static_cast<std::int32_t>(b), 0, nt, 0, nc, pt, pf, freq_size, 0, b * pt * pf, time_folded,
                            freq_folded});
        }
        pairs = to_device(device, of);
        rects = to_device(device, made);
    }

    void apply(Index first, Index n) const
    {
        auto const part = [&](auto const& buffer) { return buffer.view(nt, nb, nc, np).slice(1, first, n); };
        auto const b = band.view(Index(1), na, nc, np);
        auto const d = drift.view(nt, na, np);
        run(device, ApplyGainsArgs{part(vis), part(flag), make_constant_view<float const>(one.data(), nt, n, nc, np),
                                   part(weight), pairs.view(nb).slice(0, first, n), slot.view(nt), b, d, b, d});
    }

    /// With the weights of `apply`.
    void project(Index first, Index n) const
    {
        run(device,
            ProjectArgs{{vis.view(nt, nb, nc, np), flag.view(nt, nb, nc, np), weight.view(nt, nb, nc, np), 0, 1},
                        make_constant_view<float const>(one.data(), nt, nb, nc),
                        rects.view(nb).slice(0, first, n),
                        0,
                        0,
                        matrices.view(matrices.size()),
                        y.view(y.size()),
                        psf.view(psf.size()),
                        sums.view(nb).slice(0, first, n)});
    }

    void count(benchmark::State& state) const
    {
        auto const bytes = static_cast<double>(vis.bytes());
        auto const rate = benchmark::Counter::kIsIterationInvariantRate;
        state.counters["bytes/s"] = benchmark::Counter(bytes, rate);
        state.counters["share_of_read"] = benchmark::Counter(bytes / bench::read_bandwidth(), rate);
    }
};

void apply_alone(benchmark::State& state)
{
    Block const block;
    for (auto _ : state) {
        block.apply(0, nb);
        finish(block.device);
    }
    block.count(state);
}
BENCHMARK(apply_alone);

void apply_and_project(benchmark::State& state)
{
    Block const block;
    Index const step = state.range(0);
    for (auto _ : state) {
        for (Index b = 0; b < nb; b += step) {
            block.apply(b, step);
            block.project(b, step);
        }
        finish(block.device);
    }
    block.count(state);
}
BENCHMARK(apply_and_project)->Arg(1)->Arg(4)->Arg(64);

}  // namespace

BENCHMARK_MAIN();
