// `fft` on a plane of 1728 cells with three quarters of its tile columns touched, and back, beside two passes of FFTW over
// the same rows and columns (without its transposes), as share of the core's flops (5 n log2 n a transform).
#include "kernels/fft.hpp"
#include "perf/bench/machine.hpp"
#include "tests/support/lattice.hpp"

#include <benchmark/benchmark.h>

#include <fftw3.h>

namespace {
using namespace nocturne;

constexpr Index n = 1728, n_kept = 1040;

double flops() { return 5.0 * n * std::log2(static_cast<double>(n)) * static_cast<double>(n + n_kept); }

void report(benchmark::State& state)
{
    state.counters["flops/s"] = benchmark::Counter(flops(), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_flops"] =
        benchmark::Counter(flops() / bench::peak_flops(), benchmark::Counter::kIsIterationInvariantRate);
}

template<class T, class Run>
void measure(benchmark::State& state, Run const& run_it)
{
    Device const host = make_device("kokkos");
    test::SmallLattice const lattice(host, n, 4, 4, 4, 0.3);
    std::vector<std::int32_t> const theta((n_kept / 2 + 1) * n_kept, 1 << 28);
    auto const d_theta = to_device(host, theta);
    Buffer<T> pool(host, lattice.pool_size());
    Buffer<float> image(host, n_kept * n_kept), work(host, fft_work(KokkosDevice{}, n, n_kept));
    pool.clear();
    image.clear();
    KeptImage const kept{n_kept, d_theta.view(n_kept / 2 + 1, n_kept)};
    for (auto _ : state)
        run_it(lattice.value, pool.view(pool.size()), kept, image.view(n_kept, n_kept), work.view(work.size()));
    report(state);
}

void plane_to_image(benchmark::State& state)
{
    measure<std::int64_t>(state, [](auto const& lattice, auto pool, auto const& kept, auto image, auto work) {
        launch(KokkosDevice{}, PlaneToImageArgs{lattice, 1, pool, 1, kept, image, work});
    });
}
void image_to_plane(benchmark::State& state)
{
    measure<float>(state, [](auto const& lattice, auto pool, auto const& kept, auto image, auto work) {
        launch(KokkosDevice{}, ImageToPlaneArgs{lattice, 1, pool, kept, image, work});
    });
}

void fftw_rows(benchmark::State& state)
{
    int const length = n, count = 64;
    auto* data = fftwf_alloc_complex(static_cast<std::size_t>(length) * count);
    auto const plan = fftwf_plan_many_dft(1, &length, count, data, nullptr, 1, length, data, nullptr, 1, length,
                                          FFTW_FORWARD, FFTW_ESTIMATE);
    for (int i = 0; i < length * count; ++i) data[i][0] = data[i][1] = 0;
    for (auto _ : state)
        for (Index done = 0; done < n + n_kept; done += count) fftwf_execute(plan);
    fftwf_destroy_plan(plan);
    fftwf_free(data);
    report(state);
}
BENCHMARK(plane_to_image)->Unit(benchmark::kMillisecond);
BENCHMARK(image_to_plane)->Unit(benchmark::kMillisecond);
BENCHMARK(fftw_rows)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
