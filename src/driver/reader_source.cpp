// Enters: files. Leaves: spans on the device. On a GPU each batch of chunks is uploaded and spread there; on a host it is
// spread from the reader's buffer while that is in cache.
#include "driver/reader_source.hpp"

#include "driver/ms_source.hpp"
#include "io/group_reader.hpp"
#include "kernels/unpack.hpp"
#include "sky/telescope.hpp"

#include <algorithm>

namespace nocturne {
namespace {

constexpr std::size_t gpu_batch_bytes = std::size_t(4) << 20;

/// Hands batches to `unpack`.
class UnpackSink : public ChunkSink {
public:
    UnpackSink(Device const& device, UnpackArgs const& block) : device_(device), block_(block) {}

    Vis* place(RowRun const& rows) override { return is_host(device_) ? lend_rows(block_, rows) : nullptr; }
    void put(ChunkBatch const& batch) override
    {
        auto args = block_;
        args.batch = is_host(device_) ? batch : uploaded(batch);
        run(device_, args);
    }

private:
    /// The batch in device memory. Copies and kernels of one stream follow one another, so one buffer of each is enough.
    ChunkBatch uploaded(ChunkBatch const& batch)
    {
        auto const bytes = static_cast<Index>(batch.bytes());
        auto const rows = batch.rows.extent[0];
        if (data_.size() < bytes) data_ = Buffer<char>(device_, bytes);
        if (rows_.size() < rows) rows_ = Buffer<RowTarget>(device_, rows);
        std::visit(
            [&](auto const& d) {
                copy_in(d, data_.data(), batch.data, batch.bytes());
                copy_in(d, rows_.data(), batch.rows.data, static_cast<std::size_t>(rows) * sizeof(RowTarget));
            },
            device_);
        auto copy = batch;
        copy.data = data_.data();
        copy.rows = make_view<RowTarget const>(rows_.data(), rows);
        return copy;
    }

    Device device_;
    UnpackArgs block_;
    Buffer<char> data_;
    Buffer<RowTarget> rows_;
};

class ReaderSource : public BlockSource {
public:
    ReaderSource(SourceOptions const& options, Device const& device)
        : device_(device),
          memory_bytes_(options.memory_bytes),
          reader_(options.paths, options.expected_subbands),
          header_(reader_.header())
    {
        if (!options.group_id.empty()) header_.group_id = options.group_id;
        apply(find_telescope(header_.site.telescope_name), header_);
        if (!is_host(device)) reader_.set_batch_bytes(gpu_batch_bytes);
    }

    GroupHeader const& header() const override { return header_; }
    std::vector<std::string> notes() const override { return reader_.notes(); }
    std::uint64_t bytes_read() const override { return reader_.bytes_read(); }

    Index span_baselines() const override
    {
        std::uint64_t const sample = sizeof(Vis) + sizeof(std::uint8_t) + sizeof(float);
        auto const baseline = sample * static_cast<std::uint64_t>(samples_of_one());
        return std::max<Index>(1, static_cast<Index>(memory_bytes_ / std::max<std::uint64_t>(1, baseline)));
    }

    VisBlock load(Index first, Index n) override
    {
        auto const nt = static_cast<Index>(header_.time_mjd_s.size()), nc = static_cast<Index>(header_.freq_hz.size()),
                   np = static_cast<Index>(header_.correlations.size());
        auto const survey = reader_.survey(first, n);
        grow(vis_, nt * n * nc * np);
        grow(flag_, nt * n * nc * np);
        grow(uvw_, nt * n * 3);
        grow(weight_, survey.weight_is_constant ? 1 : nt * n * nc * np);
        fill(survey, nt * n * nc * np);
        VisBlock block{first, vis_.view(nt, n, nc, np), flag_.view(nt, n, nc, np), {}, uvw_.view(nt, n, 3)};
        View<float, 4> weight;
        if (survey.weight_is_constant)
            block.weight = make_constant_view<float const>(weight_.data(), nt, n, nc, np);
        else
            block.weight = weight = weight_.view(nt, n, nc, np);
        UnpackSink sink(device_, {{}, block.vis, block.flag, weight});
        reader_.read(first, n, survey, sink);
        return block;
    }

private:
    Index samples_of_one() const
    {
        return static_cast<Index>(header_.time_mjd_s.size() * header_.freq_hz.size() * header_.correlations.size());
    }

    template<class T>
    void grow(Buffer<T>& buffer, Index n)
    {
        if (buffer.size() < n) buffer = Buffer<T>(device_, n);
    }

    /// Everything missing until data arrive, where some may not; weights as surveyed. Samples that never arrive keep whatever value: they stay
    /// flagged, and no kernel lets a sample of weight 0 count.
    void fill(RangeSurvey const& survey, Index n)
    {
        missing_.assign(std::min<std::size_t>(static_cast<std::size_t>(n), std::size_t(1) << 20), flag_missing);
        auto const piece = static_cast<Index>(missing_.size());
        float const weight = survey.weight_is_constant ? survey.weight : 0;
        std::visit(
            [&](auto const& d) {
                for (Index at = reader_.is_whole() ? n : 0; at < n; at += piece)
                    copy_in(d, flag_.data() + at, missing_.data(), static_cast<std::size_t>(std::min(piece, n - at)));
                if (survey.weight_is_constant)
                    copy_in(d, weight_.data(), &weight, sizeof weight);
                else
                    nocturne::clear(d, weight_.data(), static_cast<std::size_t>(n) * sizeof(float));
            },
            device_);
    }

    Device device_;
    std::uint64_t memory_bytes_;
    GroupReader reader_;
    GroupHeader header_;
    Buffer<Vis> vis_;
    Buffer<std::uint8_t> flag_;
    Buffer<float> weight_;
    Buffer<double> uvw_;
    std::vector<std::uint8_t> missing_;
};

}  // namespace

std::unique_ptr<BlockSource> open_group(SourceOptions const& options, Device const& device)
{
    if (options.paths.size() == 1 && is_measurement_set(options.paths.front()))
        return open_measurement_set(options, device);
    return std::make_unique<ReaderSource>(options, device);
}

}  // namespace nocturne
