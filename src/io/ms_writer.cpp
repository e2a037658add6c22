// Enters: blocks. Leaves: rows in the files of the columns.
#include "io/ms_writer.hpp"

#include "io/hash.hpp"
#include "io/ms_cells.hpp"
#include "nocturne/check.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace nocturne {
namespace {

/// One open file of a column.
class TileFile {
public:
    TileFile(std::string const& directory, std::string named, MsTiles tiles)
        : tiles_(std::move(tiles)), named_(std::move(named))
    {
        descriptor_ = open((directory + "/" + tiles_.file).c_str(), O_WRONLY | O_CLOEXEC);
        if (descriptor_ < 0) fail("open", errno);
    }
    TileFile(TileFile&& other) noexcept
        : tiles_(std::move(other.tiles_)), named_(std::move(other.named_)), descriptor_(other.descriptor_)
    {
        other.descriptor_ = -1;
    }
    TileFile& operator=(TileFile&&) = delete;
    ~TileFile()
    {
        if (descriptor_ >= 0) close(descriptor_);
    }

    MsTiles const& tiles() const { return tiles_; }

    /// Returns the bytes.
    std::size_t write(std::int64_t first_row, std::int64_t n_rows, void const* data)
    {
        auto const* next = static_cast<char const*>(data);
        auto left = static_cast<std::size_t>(n_rows * tiles_.row_bytes);
        auto offset = first_row * tiles_.row_bytes;
        auto const bytes = left;
        while (left > 0) {
            ssize_t const n = pwrite(descriptor_, next, left, offset);
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) fail("write", n < 0 ? errno : EIO);
            next += n;
            offset += n;
            left -= static_cast<std::size_t>(n);
        }
        return bytes;
    }

    void sync_and_close()
    {
        if (descriptor_ < 0) return;
        if (fsync(descriptor_) != 0) fail("sync", errno);
        int const closed = close(descriptor_);
        descriptor_ = -1;
        if (closed != 0) fail("close", errno);
    }

private:
    [[noreturn]] void fail(char const* call, int error) const
    {
        bool const absent = error == ENOENT;
        throw Error(
            Code::io, std::string("cannot ") + call + " " + named_ + "/" + tiles_.file,
            absent ? "this rank does not see the directory that the group's first rank made" : std::strerror(error),
            absent ? "write to a file system that all nodes share, or keep a group's ranks on one node"
                   : "free some space or check the medium, then run the same command again");
    }

    MsTiles tiles_;
    std::string named_;
    int descriptor_ = -1;
};

}  // namespace

struct MsWriter::Parts {
    MsRows rows;
    CellMaker cells;
    RowTurner turner;
    bool weight_spectrum, mirrored;
    std::vector<TileFile> files;
    std::vector<Vis> vis, raw, model;  ///< raw: DATA, where it differs from CORRECTED_DATA
    std::vector<float> weight, median, sigma, raw_weight;
    bool has_raw = false;
    std::vector<std::uint8_t> bits;
    std::vector<double> uvw;
    std::int64_t rows_written = 0;
    std::uint64_t bytes_written = 0;
    std::vector<MsSample> samples;
    std::size_t every = 1, runs = 0;

    explicit Parts(MsRequest const& request)
        : rows(request),
          cells(rows.correlations()),
          turner(request.header.correlations, rows.hands()),
          weight_spectrum(request.columns.weight_spectrum),
          mirrored(request.header.mirrored)
    {}

    /// Baselines [b, b + n) of integration t in a window, whose rows stand one after another.
    struct Run {
        Index t, b, n;
        std::size_t window;
        MsRows::Row at;
    };

    Index run_length(VisBlock const& block, Run const& run) const
    {
        Index n = 1;
        for (; run.b + n < block.n_baselines(); ++n) {
            auto const next = rows.row({run.t, block.first_baseline + run.b + n, run.window});
            if (next.row != run.at.row + n || next.in_cube != run.at.in_cube + n || next.turned != run.at.turned) break;
        }
        return n;
    }

    RowIn turned(RowIn const& row, Run const& run)
    {
        auto const& window = rows.windows()[run.window];
        if (!run.at.turned && window.channel.empty() && turner.same_hands()) return row;
        return turner.turn(row, window.channel, run.at.turned);
    }

    RowIn plain_row_of(VisBlock const& block, Run const& run, Index k) const
    {
        auto const& window = rows.windows()[run.window];
        Index const t = run.t, b = run.b + k, c = window.first_channel;
        return {&block.vis(t, b, c, 0), &block.flag(t, b, c, 0), &block.weight(t, b, c, 0), block.weight.stride[2],
                block.weight.stride[3], window.n_channels,       block.n_correlations()};
    }

    RowIn row_of(VisBlock const& block, Run const& run, Index k) { return turned(plain_row_of(block, run, k), run); }

    /// The same row before it was calibrated.
    RowIn raw_row_of(VisBlock const& block, Run const& run, Index k)
    {
        auto row = plain_row_of(block, run, k);
        Index const t = run.t, b = run.b + k, c = rows.windows()[run.window].first_channel;
        row.vis = &block.raw_vis(t, b, c, 0);
        row.weight = &block.raw_weight(t, b, c, 0);
        row.weight_channel_stride = block.raw_weight.stride[2];
        row.weight_correlation_stride = block.raw_weight.stride[3];
        return turned(row, run);
    }

    template<class T>
    static void grow(std::vector<T>& memory, Index size)
    {
        if (std::ssize(memory) < size) memory.resize(static_cast<std::size_t>(size));
    }

    void make_data(RowIn const& in, Vis* out, Index n) const
    {
        cells.data(in, out);
        for (Index i = 0; mirrored && i < n; ++i) out[i].im *= -1;
    }

    /// DATA and SIGMA of what was calibrated: as it was before.
    void make_raw_cells(VisBlock const& block, Run const& run)
    {
        Index const n = rows.windows()[run.window].n_channels * cells.n_out();
        grow(raw, run.n * n);
        grow(raw_weight, n);
        for (Index k = 0; k < run.n; ++k) {
            auto const in = raw_row_of(block, run, k);
            make_data(in, raw.data() + k * n, n);
            cells.weights(in, raw_weight.data());
            cells.medians(in, raw_weight.data(), sigma.data() + k * cells.n_out());
        }
    }

    void make_cells(VisBlock const& block, Run const& run)
    {
        auto const& window = rows.windows()[run.window];
        Index const n = window.n_channels * cells.n_out(), n_bytes = (n + 7) / 8;
        grow(vis, run.n * n);
        grow(weight, run.n * n);
        grow(bits, run.n * n_bytes);
        grow(median, run.n * cells.n_out());
        grow(sigma, run.n * cells.n_out());
        for (Index k = 0; k < run.n; ++k) {
            auto const in = row_of(block, run, k);
            make_data(in, vis.data() + k * n, n);
            cells.flags(in, bits.data() + k * n_bytes);
            cells.weights(in, weight.data() + k * n);
            cells.medians(in, weight.data() + k * n, median.data() + k * cells.n_out());
        }
        std::copy(median.begin(), median.begin() + run.n * cells.n_out(), sigma.begin());
        if (has_raw) make_raw_cells(block, run);
        for (Index i = 0; i < run.n * cells.n_out(); ++i) {
            auto& value = sigma[static_cast<std::size_t>(i)];
            value = value > 0 ? 1 / std::sqrt(value) : 0;
        }
    }

    void make_uvw(VisBlock const& block, Run const& run)
    {
        uvw.resize(static_cast<std::size_t>(3 * run.n));
        double const sign = mirrored == run.at.turned ? -1 : 1;
        for (Index k = 0; k < run.n; ++k)
            for (Index i = 0; i < 3; ++i)
                uvw[static_cast<std::size_t>(3 * k + i)] = sign * block.uvw_m(run.t, run.b + k, i);
    }

    void make_model(Index n_rows, Index n_channels)
    {
        auto const size = static_cast<std::size_t>(n_rows * n_channels * cells.n_out());
        if (model.size() >= size) return;
        model.resize(size);
        cells.unit_model(n_rows * n_channels, model.data());
    }

    void const* cells_of(MsColumn column) const
    {
        switch (column) {
            case MsColumn::uvw:
                return uvw.data();
            case MsColumn::flag:
                return bits.data();
            case MsColumn::weight:
                return median.data();
            case MsColumn::sigma:
                return sigma.data();
            case MsColumn::weight_spectrum:
                return weight.data();
            case MsColumn::model_data:
                return model.data();
            case MsColumn::data:
                return has_raw ? raw.data() : vis.data();
            case MsColumn::corrected_data:
                break;
        }
        return vis.data();
    }

    /// Hashes are kept of all columns of every `every`-th run and window; where there are too many, every second of those is dropped.
    bool is_sample()
    {
        if (samples.size() + files.size() > most_samples) {
            std::vector<MsSample> kept;
            std::int64_t last = -1;
            bool keep = false;
            for (auto const& sample : samples) {
                if (sample.first_row != last) keep = !keep;
                last = sample.first_row;
                if (keep) kept.push_back(sample);
            }
            samples = std::move(kept);
            every *= 2;
        }
        return runs++ % every == 0;
    }

    void note(MsTiles const& tiles, std::int64_t first_row, std::int64_t n_rows)
    {
        samples.push_back({tiles.column, first_row, n_rows,
                           hash_bytes(cells_of(tiles.column), static_cast<std::size_t>(n_rows * tiles.row_bytes))});
    }

    void write_run(VisBlock const& block, Run const& run)
    {
        auto const& window = rows.windows()[run.window];
        make_uvw(block, run);
        make_cells(block, run);
        bool const sample = is_sample();
        for (auto& file : files) {
            auto const& tiles = file.tiles();
            if (by_channel(tiles.column) && tiles.cube != window.cube) continue;
            if (tiles.column == MsColumn::model_data) make_model(run.n, window.n_channels);
            bytes_written +=
                file.write(by_channel(tiles.column) ? run.at.in_cube : run.at.row, run.n, cells_of(tiles.column));
            if (sample) note(tiles, run.at.row, run.n);
        }
        rows_written += run.n;
    }
};

MsWriter::MsWriter(std::string directory, std::string named, MsRequest const& request)
    : parts_(std::make_unique<Parts>(request))
{
    for (auto const& tiles : plan_tiles(request, parts_->rows)) parts_->files.emplace_back(directory, named, tiles);
}

MsWriter::~MsWriter() = default;

void MsWriter::write(VisBlock const& block)
{
    bool const contiguous = block.vis.stride[3] == 1 && block.vis.stride[2] == block.n_correlations() &&
                            block.flag.stride[3] == 1 && block.flag.stride[2] == block.n_correlations();
    NOCT_CHECK(contiguous, "channels and correlations of a block must be contiguous");
    parts_->has_raw = block.raw_vis.data != nullptr;
    for (Index t = 0; t < block.n_integrations(); ++t)
        for (std::size_t w = 0; w < parts_->rows.windows().size(); ++w)
            for (Index b = 0; b < block.n_baselines();) {
                Parts::Run run{t, b, 1, w, parts_->rows.row({t, block.first_baseline + b, w})};
                if (run.at.row >= 0) {
                    run.n = parts_->run_length(block, run);
                    parts_->write_run(block, run);
                }
                b += run.n;
            }
}

void MsWriter::sync()
{
    for (auto& file : parts_->files) file.sync_and_close();
}

std::int64_t MsWriter::rows_written() const { return parts_->rows_written; }
std::uint64_t MsWriter::bytes_written() const { return parts_->bytes_written; }
std::vector<MsSample> const& MsWriter::samples() const { return parts_->samples; }

}  // namespace nocturne
