// `time_sums` of one calibrator on a block of 64 baselines × 24 integrations × 768 channels × 2 correlations in 5 intervals, as share
// of the read bandwidth.
#include "kernels/time_sums.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

namespace {

void time_sums(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 64, nc = 768, np = 2, ni = 5, n = nt * nb * nc * np, cells = nb * nc * np;
    auto const vis = to_device(device, std::vector<Vis>(n, Vis{1, 2}));
    auto const one = to_device(device, std::vector<float>{1});
    auto const flux = to_device(device, std::vector<float>(nt * nc, 8.F));
    std::vector<double> hertz(nc);
    for (Index c = 0; c < nc; ++c) hertz[static_cast<std::size_t>(c)] = 1.311e9 + 2.44e5 * static_cast<double>(c);
    auto const freq = to_device(device, hertz);
    SourceFringe fringe;
    fringe.delay_s = 3e-8;
    auto const fringes = to_device(device, std::vector<SourceFringe>(nt * nb, fringe));
    std::vector<std::int32_t> of(nt);
    for (Index t = 0; t < nt; ++t) of[static_cast<std::size_t>(t)] = static_cast<std::int32_t>(t * ni / nt);
    auto const interval = to_device(device, of);
    Buffer<std::uint8_t> flag(device, n);
    flag.clear();
    Buffer<float> re(device, ni * cells), im(device, ni * cells), model(device, ni * cells), data(device, cells),
        count(device, cells);
    TimeSumsArgs const args{vis.view(nt, nb, nc, np),
                            flag.view(nt, nb, nc, np),
                            make_constant_view<float const>(one.data(), nt, nb, nc, np),
                            freq.view(nc),
                            fringes.view(nt, nb, 1),
                            flux.view(nt, 1, nc),
                            interval.view(nt),
                            re.view(ni, nb, np, nc),
                            im.view(ni, nb, np, nc),
                            model.view(ni, nb, np, nc),
                            data.view(nb, np, nc),
                            count.view(nb, np, nc)};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(vis.bytes() + flag.bytes());
    state.counters["bytes/s"] = benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(time_sums);

}  // namespace

BENCHMARK_MAIN();
