// `sumthreshold` on noise, 32 baselines × 24 integrations × 768 channels × 2 correlations: clean, and with interference in 8 % of the
// cells. Samples per second, and the share of the read bandwidth.
#include "kernels/sumthreshold.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

#include <random>

namespace {

void sumthreshold(benchmark::State& state)
{
    using namespace nocturne;
    auto const device = make_device("auto");
    Index const nt = 24, nb = 32, nc = 768, np = 2, n = nt * nb * nc * np, work = sumthreshold_work(nt, nc);
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<Vis> host(static_cast<std::size_t>(n));
    bool const dirty = state.range(0) != 0;
    for (Index i = 0; i < n; ++i) {
        Index const c = i / np % nc, t = i / (np * nc * nb);
        float const jy = dirty && (c % 97 == 3 || (t == 7 && c > 300 && c < 420) || (t == 15 && c < 128)) ? 6 : 0;
        host[static_cast<std::size_t>(i)] = {jy + 4 + normal(random), normal(random)};
    }
    auto const vis = to_device(device, host);
    Buffer<std::uint8_t> flag(device, n);
    flag.clear();
    Buffer<std::uint32_t> mask(device, nb * nc);
    Buffer<float> memory(device, nb * work);
    auto const course = to_device(device, std::vector<float>(nt * nc, 1.F));
    SumThresholdArgs const args{vis.view(nt, nb, nc, np), flag.view(nt, nb, nc, np), mask.view(nb, 1, nc),
                                memory.view(nb, work),    course.view(nt, nc),       {}};
    for (auto _ : state) {
        run(device, args);
        finish(device);
    }
    double const bytes = static_cast<double>(vis.bytes() + flag.bytes());
    state.counters["samples/s"] =
        benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read"] =
        benchmark::Counter(bytes / bench::read_bandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(sumthreshold)->ArgName("interference")->Arg(0)->Arg(1);

}  // namespace

BENCHMARK_MAIN();
