// `stefcal` of 96 antennas, 768 channels and 2 correlations, from sums in memory: solves a second, on the device and by the shared body;
// as share of the peak flops, an iteration being 20 a baseline.
#include "kernels/stefcal.hpp"

#include "nocturne/team.hpp"
#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

namespace {

using namespace nocturne;

struct Sums {
    Index na = 96, nc = 768, np = 2;
    std::vector<AntennaPair> pairs;
    std::vector<float> re, im, power;

    Sums()
    {
        std::mt19937 random(1);
        std::normal_distribution<float> normal;
        std::vector<Vis> gain;
        for (Index a = 0; a < na; ++a) {
            float const amplitude = std::exp(0.1F * normal(random)), phase = normal(random);
            gain.push_back({amplitude * std::cos(phase), amplitude * std::sin(phase)});
        }
        for (std::int32_t two = 1; two < na; ++two)
            for (std::int32_t one = 0; one < two; ++one) {
                pairs.push_back({one, two});
                Vis const g = gain[static_cast<std::size_t>(one)], h = gain[static_cast<std::size_t>(two)];
                for (Index i = 0; i < np * nc; ++i) {
                    power.push_back(24 * 64);
                    re.push_back(1536 * (g.re * h.re + g.im * h.im) + 90 * normal(random));
                    im.push_back(1536 * (g.re * h.im - g.im * h.re) + 90 * normal(random));
                }
            }
    }
};

struct Solve {
    Buffer<float> re, im, power, gain_re, gain_im, information;
    Buffer<AntennaPair> pairs;
    Buffer<std::uint8_t> flag;
    Buffer<StefcalResult> result;
    StefcalArgs args;

    Solve(Device const& device, Sums const& in)
    {
        auto const nb = static_cast<Index>(in.pairs.size()), n = in.np * in.na * in.nc;
        re = to_device(device, in.re);
        im = to_device(device, in.im);
        power = to_device(device, in.power);
        pairs = to_device(device, in.pairs);
        for (auto* out : {&gain_re, &gain_im, &information}) *out = Buffer<float>(device, n);
        flag = Buffer<std::uint8_t>(device, n);
        result = Buffer<StefcalResult>(device, in.np * in.nc);
        args.n_antennas = in.na;
        args.product_re = re.view(nb, in.np, in.nc);
        args.product_im = im.view(nb, in.np, in.nc);
        args.power_model = power.view(nb, in.np, in.nc);
        args.pairs = pairs.view(nb);
        args.gain_re = gain_re.view(in.np, in.na, in.nc);
        args.gain_im = gain_im.view(in.np, in.na, in.nc);
        args.information = information.view(in.np, in.na, in.nc);
        args.flag = flag.view(in.np, in.na, in.nc);
        args.result = result.view(in.np, in.nc);
    }
};

void stefcal(benchmark::State& state)
{
    auto const device = make_device("auto");
    Sums const in;
    Solve solve(device, in);
    for (auto _ : state) {
        run(device, solve.args);
        finish(device);
    }
    auto const results = solve.result.to_host();
    double iterations = 0;
    for (auto const& one : results) iterations += one.iterations;
    state.counters["iterations"] = iterations / static_cast<double>(results.size());
    double const flops = 20 * static_cast<double>(in.pairs.size()) * (iterations + static_cast<double>(results.size()));
    state.counters["share_of_peak"] =
        benchmark::Counter(flops / bench::peak_flops(), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["solves/s"] =
        benchmark::Counter(static_cast<double>(results.size()), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(stefcal)->Unit(benchmark::kMillisecond);

void shared_body(benchmark::State& state)
{
    Sums const in;
    Solve solve(KokkosDevice{}, in);
    auto const bytes = StefcalTile::scratch_bytes(in.na);
    std::vector<double> scratch(bytes / 8 + 8);
    Index const tiles = 16;
    for (auto _ : state)
        for (Index t = 0; t < tiles; ++t) {
            SerialTeam team(scratch.data(), bytes + 64);
            StefcalTile{solve.args}(team, t);
        }
    state.counters["solves/s"] =
        benchmark::Counter(static_cast<double>(tiles), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(shared_body)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
