// Writing a full group (24 integrations, 4,656 baselines, 768 channels, 2 correlations) as a Measurement Set into the page cache:
// tables by casacore, samples by one process or by two that share the baselines, from open to close. Beside it the same bytes by bare
// pwrite of a buffer that stays in cache, by as many processes, into files that are new as well: the yardstick.
// NOCTURNE_BENCH_DIR says where; else the directory of temporary files. NOCTURNE_BENCH_INTEGRATIONS: fewer than 24.
#include "io/ms_create.hpp"
#include "io/ms_readback.hpp"
#include "io/ms_writer.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace nocturne;

constexpr Index antennas = 96, channels = 768, correlations = 2, block_baselines = 64;

std::string place()
{
    auto const* given = std::getenv("NOCTURNE_BENCH_DIR");
    return (given ? std::string(given) : std::filesystem::temp_directory_path().string()) + "/nocturne-bench.ms";
}

MsRequest full_group(MsColumns columns)
{
    auto const* fewer = std::getenv("NOCTURNE_BENCH_INTEGRATIONS");
    Index const integrations = fewer ? std::atoi(fewer) : 24;
    MsRequest request;
    auto& h = request.header;
    h.group_id = "bench";
    h.site = {"OVRO_MMA", 0.65, -2.06, 1188, "header"};
    h.correlations = {Correlation::XX, Correlation::YY};
    for (int a = 0; a < antennas; ++a) h.antennas.push_back({std::to_string(a + 1), a, {10.0 * a, 5.0 * a, 0}, 4.65});
    for (std::int32_t b = 0; b < antennas; ++b)
        for (std::int32_t a = 0; a <= b; ++a) h.baselines.push_back({a, b});
    for (Index t = 0; t < integrations; ++t) {
        h.time_mjd_s.push_back(61100 * day_s + 12.885 * static_cast<double>(t));
        h.integration_s.push_back(12.885);
    }
    for (Index c = 0; c < channels; ++c) {
        h.freq_hz.push_back(1311.4e6 + 244140.625 * static_cast<double>(c));
        h.channel_width_hz.push_back(244140.625);
    }
    request.fields = {{"meridian", {Radians(1), Radians(0.5)}}};
    request.field_of_moment.assign(h.time_mjd_s.size(), 0);
    request.scan_of_moment.assign(h.time_mjd_s.size(), 1);
    request.columns = columns;
    return request;
}

/// One block's memory stands for all: a road hands over blocks from a span that it has just worked on.
class Blocks {
public:
    explicit Blocks(MsRequest const& request)
        : nt_(std::ssize(request.header.time_mjd_s)),
          vis_(static_cast<std::size_t>(nt_ * block_baselines * channels * correlations), Vis{1, 2}),
          flag_(vis_.size(), 0),
          uvw_(static_cast<std::size_t>(nt_ * block_baselines * 3), 1.0)
    {}

    VisBlock block(Index first, Index n)
    {
        return {first, make_view(vis_.data(), nt_, n, channels, correlations),
                make_view(flag_.data(), nt_, n, channels, correlations),
                make_constant_view<float const>(&weight_, nt_, n, channels, correlations),
                make_view(uvw_.data(), nt_, n, Index(3))};
    }

private:
    Index nt_;
    std::vector<Vis> vis_;
    std::vector<std::uint8_t> flag_;
    std::vector<double> uvw_;
    float weight_ = 12;
};

/// Part `part` of `parts` of the baselines.
void write_part(MsRequest const& request, Blocks& blocks, int part, int parts)
{
    auto const n = static_cast<Index>(request.header.baselines.size());
    Index const first = n * part / parts, end = n * (part + 1) / parts;
    MsWriter writer(place(), place(), request);
    for (Index b = first; b < end; b += block_baselines)
        writer.write(blocks.block(b, std::min(block_baselines, end - b)));
}

/// Runs `work(part)` in processes of their own, all at once.
void in_processes(int parts, std::function<void(int)> const& work)
{
    std::vector<pid_t> children;
    for (int part = 1; part < parts; ++part) {
        auto const child = fork();
        if (child == 0) {
            work(part);
            _exit(0);
        }
        children.push_back(child);
    }
    work(0);
    for (auto child : children) {
        int status = 0;
        waitpid(child, &status, 0);
        if (status != 0) std::abort();
    }
}

std::int64_t bytes_of(MsRequest const& request)
{
    std::int64_t bytes = 0;
    for (auto const& tiles : plan_tiles(request, MsRows(request))) bytes += tiles.n_rows * tiles.row_bytes;
    return bytes;
}

/// Seconds of pwrite of so many bytes by so many processes, into new files; median of 3.
double bare_seconds(std::int64_t bytes, int parts)
{
    std::vector<double> times;
    std::vector<char> const buffer(786432, 1);  // a block's rows of one integration
    auto const path = [](int part) { return place() + ".bare" + std::to_string(part); };
    for (int repeat = 0; repeat < 3; ++repeat) {
        double const start = bench::seconds();
        in_processes(parts, [&](int part) {
            int const file = open(path(part).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
            for (std::int64_t at = 0; at < bytes / parts; at += std::ssize(buffer))
                if (pwrite(file, buffer.data(), buffer.size(), at) < 0) std::abort();
            close(file);
        });
        times.push_back(bench::seconds() - start);
        for (int part = 0; part < parts; ++part) std::filesystem::remove(path(part));
    }
    std::sort(times.begin(), times.end());
    return times[1];
}

void write_group(benchmark::State& state)
{
    bool const all = state.range(0) == 1;
    int const parts = static_cast<int>(state.range(1));
    auto const request = full_group(all ? MsColumns{true, true, true} : MsColumns{});
    Blocks blocks(request);
    double create_s = 0;
    for (auto _ : state) {
        state.PauseTiming();
        std::filesystem::remove_all(place());
        state.ResumeTiming();
        double const start = bench::seconds();
        create_measurement_set(place(), request);
        create_s = bench::seconds() - start;
        in_processes(parts, [&](int part) { write_part(request, blocks, part, parts); });
    }
    std::filesystem::remove_all(place());
    auto const bytes = bytes_of(request);
    state.counters["create_s"] = create_s;
    state.counters["bytes/s"] =
        benchmark::Counter(static_cast<double>(bytes), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_pwrite()"] =
        benchmark::Counter(bare_seconds(bytes, parts), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(write_group)
    ->ArgNames({"all_columns", "processes"})
    ->ArgsProduct({{0, 1}, {1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);

/// Making the cells alone: what is not the kernel's copy.
void make_cells(benchmark::State& state)
{
    auto const request = full_group({});
    Blocks blocks(request);
    create_measurement_set(place(), request);
    MsWriter writer(place(), place(), request);
    auto const block = blocks.block(0, block_baselines);
    writer.write(block);  // the second time its pages are there
    for (auto _ : state) writer.write(block);
    std::filesystem::remove_all(place());
    state.counters["bytes/s"] = benchmark::Counter(
        static_cast<double>(bytes_of(request)) * block_baselines / static_cast<double>(request.header.baselines.size()),
        benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(make_cells)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
