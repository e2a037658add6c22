// Reading files of other layouts than DSA-110's from page cache into a block: survey, chunks, filters, unpack, on one core, of a file
// whose header is known. Beside it the medium (read() of the whole file into memory as large) and the decoder (the filters of all
// chunks, from memory to memory), in turn; the least processor time of each. $NOCTURNE_LAYOUTS is a folder of files, as perf/peers/make_layouts.py makes it; without it nothing is measured.
#include "io/filters.hpp"
#include "io/group_reader.hpp"
#include "io/hdf5.hpp"
#include "kernels/unpack.hpp"

#include "perf/bench/machine.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace nocturne;
using hdf5::Handle;

/// Of this thread alone: what others do on the machine costs bandwidth, not time.
double processor_seconds()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The least processor time of some work, over the times that it is run.
class Best {
public:
    template<class Work>
    double run(Work const& work)
    {
        double const start = processor_seconds();
        work();
        double const elapsed = processor_seconds() - start;
        seconds_ = std::min(seconds_, elapsed);
        return elapsed;
    }
    double seconds() const { return seconds_; }

private:
    double seconds_ = 1e9;
};

/// read() of a whole file into memory as large, which is kept.
class Medium {
public:
    explicit Medium(std::string const& path)
        : path_(path), memory_(make_device("kokkos"), static_cast<Index>(std::filesystem::file_size(path)))
    {
        memory_.clear();
    }
    void read()
    {
        int const file = open(path_.c_str(), O_RDONLY);
        std::size_t done = 0;
        while (done < memory_.bytes()) {
            ssize_t const got = ::read(file, memory_.data() + done, memory_.bytes() - done);
            if (got <= 0) break;
            done += static_cast<std::size_t>(got);
        }
        close(file);
    }

private:
    std::string path_;
    Buffer<char> memory_;
};

/// The stored chunks of one dataset.
struct Stored {
    std::vector<Filter> filters;
    std::vector<std::vector<unsigned char>> chunks;
    std::vector<unsigned> skipped;  ///< [chunk] filters that were not applied
    std::size_t chunk_bytes = 0;
};

std::vector<Filter> filters_of(hid_t properties)
{
    std::vector<Filter> filters;
    for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
        unsigned flags = 0, values[8] = {}, configuration = 0;
        std::size_t n = 8;
        int const id =
            H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &n, values, 0, nullptr, &configuration);
        filters.push_back({id, {values, values + std::min<std::size_t>(n, 8)}});
    }
    return filters;
}

Stored load_stored(hid_t file, std::string const& name)
{
    Stored stored;
    auto const set = hdf5::open_dataset(file, name);
    Handle const properties(H5Dget_create_plist(set.id()), H5Pclose), type(H5Dget_type(set.id()), H5Tclose);
    stored.filters = filters_of(properties.id());
    if (stored.filters.empty()) return stored;
    hsize_t chunk[8] = {}, n = 0;
    int const axes = H5Pget_chunk(properties.id(), 8, chunk);
    stored.chunk_bytes = H5Tget_size(type.id());
    for (int a = 0; a < axes; ++a) stored.chunk_bytes *= chunk[a];
    Handle const space(H5Dget_space(set.id()), H5Sclose);
    H5Dget_num_chunks(set.id(), space.id(), &n);
    for (hsize_t k = 0; k < n; ++k) {
        hsize_t at[8] = {}, size = 0;
        unsigned skipped = 0;
        haddr_t address = 0;
        H5Dget_chunk_info(set.id(), space.id(), k, at, &skipped, &address, &size);
        stored.chunks.emplace_back(size);
        H5Dread_chunk(set.id(), H5P_DEFAULT, at, &skipped, stored.chunks.back().data());
        stored.skipped.push_back(skipped);
    }
    return stored;
}

/// The filters of all chunks of a file, from memory to memory.
class Decoder {
public:
    explicit Decoder(std::string const& path)
    {
        auto const file = hdf5::open_for_reading(path);
        for (auto const* name : {"Data/visdata", "Data/flags", "Data/nsamples"})
            sets_.push_back(load_stored(file.id(), name));
    }
    void run()
    {
        for (auto const& set : sets_) {
            out_.resize(std::max(out_.size(), set.chunk_bytes));
            for (std::size_t k = 0; k < set.chunks.size(); ++k)
                undo_filters(set.filters, set.skipped[k], set.chunks[k], {out_.data(), set.chunk_bytes});
        }
    }
    bool has_work() const
    {
        return std::any_of(sets_.begin(), sets_.end(), [](auto const& set) { return !set.filters.empty(); });
    }

private:
    std::vector<Stored> sets_;
    std::vector<unsigned char> out_;
};

class UnpackSink : public ChunkSink {
public:
    UnpackSink(Device const& device, UnpackArgs const& args) : device_(device), args_(args) {}
    Vis* place(RowRun const& rows) override { return lend_rows(args_, rows); }
    void put(ChunkBatch const& batch) override
    {
        args_.batch = batch;
        run(device_, args_);
    }

private:
    Device const& device_;
    UnpackArgs args_;
};

/// A block for the whole file, in memory that is kept.
class Block {
public:
    explicit Block(std::string const& path) : reader_({path})
    {
        auto const& header = reader_.header();
        nt_ = std::ssize(header.time_mjd_s);
        nb_ = std::ssize(header.baselines);
        nc_ = std::ssize(header.freq_hz);
        np_ = std::ssize(header.correlations);
        vis_ = Buffer<Vis>(device_, nt_ * nb_ * nc_ * np_);
        flag_ = Buffer<std::uint8_t>(device_, vis_.size());
        weight_ = Buffer<float>(device_, vis_.size());
        vis_.clear();
        flag_.clear();
        weight_.clear();
    }

    void read()
    {
        if (!reader_.is_whole()) std::memset(flag_.data(), flag_missing, flag_.bytes());
        UnpackSink sink(
            device_,
            {{}, vis_.view(nt_, nb_, nc_, np_), flag_.view(nt_, nb_, nc_, np_), weight_.view(nt_, nb_, nc_, np_)});
        reader_.read(0, nb_, sink);
    }

private:
    GroupReader reader_;
    Device device_ = make_device("kokkos");
    Buffer<Vis> vis_;
    Buffer<std::uint8_t> flag_;
    Buffer<float> weight_;
    Index nt_ = 0, nb_ = 0, nc_ = 0, np_ = 0;
};

/// The three in turn, so that all meet the same machine.
void read_layout(benchmark::State& state, std::string const& path)
{
    Block block(path);
    Medium medium(path);
    Decoder decoder(path);
    Best ours, of_medium, of_decoder;
    block.read();
    for (auto _ : state) {
        state.SetIterationTime(ours.run([&] { block.read(); }));
        of_medium.run([&] { medium.read(); });
        of_decoder.run([&] { decoder.run(); });
    }
    state.counters["ms"] = 1e3 * ours.seconds();
    state.counters["MB/s"] = static_cast<double>(std::filesystem::file_size(path)) / ours.seconds() / 1e6;
    state.counters["share_of_read()"] = of_medium.seconds() / ours.seconds();
    if (!decoder.has_work()) return;
    state.counters["share_of_decoder"] = of_decoder.seconds() / ours.seconds();
    state.counters["share_of_both"] = (of_medium.seconds() + of_decoder.seconds()) / ours.seconds();
}

}  // namespace

int main(int argc, char** argv)
{
    benchmark::Initialize(&argc, argv);
    auto const* folder = std::getenv("NOCTURNE_LAYOUTS");
    std::vector<std::string> paths;
    if (folder)
        for (auto const& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().extension() == ".uvh5") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (auto const& path : paths)
        benchmark::RegisterBenchmark(std::filesystem::path(path).stem().c_str(),
                                     [path](benchmark::State& state) { read_layout(state, path); })
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond)
            ->Iterations(path.find("gzip") == std::string::npos ? 25 : 5);
    benchmark::RunSpecifiedBenchmarks();
}
