// Reading a whole group from page cache into blocks: header, survey of flags and nsamples, chunks, unpack. In one process, and in
// two that read half of the baselines each, against read() of the same bytes into a buffer that stays in L2. The group is
// $NOCTURNE_GROUP (a folder of *_sbNN.hdf5, as `nocturne simulate` makes it), else a small one that is written for it.
#include "io/group_reader.hpp"
#include "io/hash.hpp"
#include "io/uvh5_files.hpp"
#include "io/uvh5_writer.hpp"
#include "kernels/unpack.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace nocturne;

/// 16 subbands of 48 channels, 96 antennas, `nt` integrations.
void write_group(std::string const& folder, Index nt)
{
    Uvh5Subband s;
    s.site = {"OVRO_MMA", 0.65, -2.06, 1188, "header"};
    for (int a = 0; a < 96; ++a) s.antennas.push_back({std::to_string(a + 1), a, {10.0 * a, 5.0 * a, 0}, 4.65});
    for (std::int32_t b = 0; b < 96; ++b)
        for (std::int32_t a = 0; a <= b; ++a) s.baselines.push_back({a, b});
    auto const nb = static_cast<Index>(s.baselines.size());
    s.uvw_m.assign(s.baselines.size(), {1, 2, 3});
    s.integration_s.assign(static_cast<std::size_t>(nt), 12.885);
    for (Index t = 0; t < nt; ++t) s.time_mjd_s.push_back(61100 * day_s + 12.885 * static_cast<double>(t));
    s.channel_width_hz = 187.5e6 / 768;
    s.correlations = {Correlation::XX, Correlation::YY};
    std::vector<Vis> const vis(static_cast<std::size_t>(nt * nb * 48 * 2), Vis{1, 2});
    s.vis = make_view(vis.data(), nt, nb, Index(48), Index(2));
    for (int k = 0; k < 16; ++k) {
        s.freq_hz.clear();
        for (int c = 0; c < 48; ++c) s.freq_hz.push_back(1498.6e6 - (48 * k + c) * s.channel_width_hz);
        write_uvh5(folder + "/" + subband_file_name("2026-03-01T05:00:00", k), s);
    }
}

std::vector<std::string> const& group_files()
{
    static std::vector<std::string> const files = [] {
        auto const* given = std::getenv("NOCTURNE_GROUP");
        std::string const folder =
            given ? given : (std::filesystem::temp_directory_path() / "nocturne-bench-group").string();
        if (!given && !std::filesystem::exists(folder)) write_group(folder, 4);
        std::vector<std::string> found;
        for (auto const& entry : std::filesystem::directory_iterator(folder))
            if (parse_subband_name(entry.path())) found.push_back(entry.path());
        std::sort(found.begin(), found.end());
        return found;
    }();
    return files;
}

double group_bytes()
{
    double bytes = 0;
    for (auto const& path : group_files()) bytes += static_cast<double>(std::filesystem::file_size(path));
    return bytes;
}

/// Seconds of read() over all files with one 256 kB buffer, best of 5.
double raw_seconds()
{
    static double const best = [] {
        double least = 1e9;
        std::vector<char> buffer(256 * 1024);
        for (int repeat = 0; repeat < 5; ++repeat) {
            double const start = bench::seconds();
            for (auto const& path : group_files()) {
                int const file = open(path.c_str(), O_RDONLY);
                while (read(file, buffer.data(), buffer.size()) > 0) {
                }
                close(file);
            }
            least = std::min(least, bench::seconds() - start);
        }
        return least;
    }();
    return best;
}

class UnpackSink : public ChunkSink {
public:
    UnpackSink(Device const& device, UnpackArgs args) : device_(device), args_(args) {}
    void put(ChunkBatch const& batch) override
    {
        args_.batch = batch;
        run(device_, args_);
    }

private:
    Device const& device_;
    UnpackArgs args_;
};

/// Part `part` of `parts` of the baselines, into memory that is kept.
class Part {
public:
    Part(int part, int parts)
    {
        auto const header = group_header(group_files());
        auto const n = static_cast<Index>(header.baselines.size());
        first_ = n * part / parts;
        count_ = n * (part + 1) / parts - first_;
        nt_ = static_cast<Index>(header.time_mjd_s.size());
        nc_ = static_cast<Index>(header.freq_hz.size());
        np_ = static_cast<Index>(header.correlations.size());
        vis_ = Buffer<Vis>(device_, nt_ * count_ * nc_ * np_);
        flag_ = Buffer<std::uint8_t>(device_, vis_.size());
        vis_.clear();
    }

    void read()
    {
        std::memset(flag_.data(), flag_missing, flag_.bytes());
        GroupReader reader(group_files());
        UnpackSink sink(device_, {{}, vis_.view(nt_, count_, nc_, np_), flag_.view(nt_, count_, nc_, np_), {}});
        auto const survey = reader.survey(first_, count_);
        if (!survey.weight_is_constant)
            throw Error(Code::bad_input, "the group's weights vary", "not this bench's case", "simulate one");
        reader.read(first_, count_, survey, sink);
    }

private:
    Device device_ = make_device("kokkos");
    Buffer<Vis> vis_;
    Buffer<std::uint8_t> flag_;
    Index first_ = 0, count_ = 0, nt_ = 0, nc_ = 0, np_ = 0;
};

/// A child process that reads its part each time it is told to.
class Worker {
public:
    Worker(int part, int parts)
    {
        if (pipe(command_) != 0 || pipe(answer_) != 0) std::abort();
        child_ = fork();
        if (child_ != 0) return;
        close(command_[1]);
        Part own(part, parts);
        char word = 0;
        while (::read(command_[0], &word, 1) == 1) {
            own.read();
            if (write(answer_[1], &word, 1) != 1) break;
        }
        _exit(0);
    }
    ~Worker()
    {
        close(command_[1]);
        waitpid(child_, nullptr, 0);
    }
    Worker(Worker const&) = delete;
    Worker& operator=(Worker const&) = delete;
    void start() { say(command_[1]); }
    void wait()
    {
        char word = 0;
        if (::read(answer_[0], &word, 1) != 1) std::abort();
    }

private:
    static void say(int pipe_end)
    {
        char const word = 1;
        if (write(pipe_end, &word, 1) != 1) std::abort();
    }
    int command_[2], answer_[2];
    pid_t child_;
};

void report(benchmark::State& state)
{
    state.counters["bytes/s"] = benchmark::Counter(group_bytes(), benchmark::Counter::kIsIterationInvariantRate);
    state.counters["share_of_read()"] =
        benchmark::Counter(raw_seconds(), benchmark::Counter::kIsIterationInvariantRate);
}

void read_two_processes(benchmark::State& state)
{
    Worker first(0, 2), second(1, 2);
    for (int warm = 0; warm < 2; ++warm) {
        first.start(), second.start();
        first.wait(), second.wait();
    }
    for (auto _ : state) {
        first.start(), second.start();
        first.wait(), second.wait();
    }
    report(state);
}
BENCHMARK(read_two_processes)->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(2);

void read_one_process(benchmark::State& state)
{
    Part part(0, 1);
    part.read();
    for (auto _ : state) part.read();
    report(state);
}
BENCHMARK(read_one_process)->UseRealTime()->Unit(benchmark::kMillisecond)->MinTime(2);

void hash(benchmark::State& state)
{
    for (auto _ : state)
        for (auto const& path : group_files()) benchmark::DoNotOptimize(hash_file(path));
    report(state);
}
BENCHMARK(hash)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
