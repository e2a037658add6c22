#include "io/group_reader.hpp"

#include "io/header_parts.hpp"
#include "nocturne/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

namespace nocturne {

struct GroupReader::File {
    FileHeader header;
    Subband subband;  ///< its place on the group's axis
    ChunkDataset vis, flag, nsamples;

    File(FileHeader h, std::shared_ptr<OpenUvh5> const& open, ChunkDataset::Extents extents)
        : header(std::move(h)),
          vis(open, DatasetKind::vis, extents),
          flag(open, DatasetKind::flag, extents),
          nsamples(open, DatasetKind::nsamples, extents)
    {}
};

/// Where the rows of every band go, for one row map, one height of bands and one range of baselines.
struct GroupReader::Targets {
    RowMap const* map = nullptr;
    Index chunk_rows = 0, first = 0, n = 0;
    std::vector<RowTarget> rows;  ///< [band][chunk_rows]
    std::vector<Index> bands;     ///< those with a row of the range
};

namespace {

/// XY and YX change places in a swapped row; a partner that the file lacks is nowhere.
void set_swapped_correlations(std::vector<Correlation> const& correlations, ChunkBatch& batch)
{
    for (std::size_t p = 0; p < correlations.size() && p < ChunkBatch::max_correlations; ++p) {
        auto const at = std::find(correlations.begin(), correlations.end(), antennas_exchanged(correlations[p]));
        batch.swapped_correlation[p] =
            static_cast<std::int8_t>(at == correlations.end() ? -1 : static_cast<int>(at - correlations.begin()));
    }
}

/// Runs of consecutive bands, at most `most` each.
template<class Use>
void for_runs(std::vector<Index> const& bands, Index most, Use const& use)
{
    for (std::size_t i = 0; i < bands.size();) {
        Index n = 1;
        while (n < most && i + static_cast<std::size_t>(n) < bands.size() &&
               bands[i + static_cast<std::size_t>(n)] == bands[i] + n)
            ++n;
        use(bands[i], n);
        i += static_cast<std::size_t>(n);
    }
}

Index bands_per_batch(ChunkDataset const& dataset, std::size_t batch_bytes)
{
    return std::max<Index>(1, static_cast<Index>(batch_bytes / std::max<std::size_t>(dataset.band_bytes(), 1)));
}

}  // namespace

void* ChunkSink::staging(std::size_t) { return nullptr; }

GroupReader::GroupReader(std::vector<std::string> const& paths, int expected_subbands)
{
    std::vector<FileHeader> headers;
    for (auto const& path : paths) {
        within("file " + path, [&] {
            auto const open = std::make_shared<OpenUvh5>(path);
            auto header =
                read_open_file_header(open->file.id(), path, open->bytes, headers.empty() ? nullptr : &headers.front());
            headers.push_back(header);
            ChunkDataset::Extents const extents{header.n_rows, header.stored_channels, header.stored_correlations};
            files_.push_back(std::make_unique<File>(std::move(header), open, extents));
        });
    }
    header_ = join_headers(headers, expected_subbands);
    for (auto const& file : files_)
        for (auto const& subband : header_.subbands)
            if (subband.path == file->header.path) file->subband = subband;
}

GroupReader::~GroupReader() = default;

void GroupReader::avoid_index()
{
    for (auto& file : files_)
        for (auto* dataset : {&file->vis, &file->flag, &file->nsamples}) dataset->avoid_index();
}

GroupReader::Targets const& GroupReader::targets(File const& file, Index chunk_rows, Index first, Index n)
{
    auto const* map = file.header.rows.get();
    for (auto const& known : known_targets_)
        if (known->map == map && known->chunk_rows == chunk_rows && known->first == first && known->n == n)
            return *known;
    constexpr std::size_t most_kept = 8;  // two heights of bands for one range, and the whole file
    if (known_targets_.size() >= most_kept && (known_targets_.back()->first != first || known_targets_.back()->n != n))
        known_targets_.clear();
    auto made = std::make_unique<Targets>();
    *made = {map, chunk_rows, first, n, {}, {}};
    auto const n_rows = static_cast<Index>(map->target.size());
    auto const n_baselines = static_cast<Index>(map->baselines.size());
    made->rows.resize(static_cast<std::size_t>((n_rows + chunk_rows - 1) / chunk_rows * chunk_rows));
    for (Index r = 0; r < n_rows; ++r) {
        auto const target = map->target[static_cast<std::size_t>(r)];
        Index const baseline = target % n_baselines - first;
        if (baseline < 0 || baseline >= n) continue;
        made->rows[static_cast<std::size_t>(r)] = {static_cast<std::int32_t>(target / n_baselines),
                                                   static_cast<std::int32_t>(baseline),
                                                   map->swapped[static_cast<std::size_t>(r)]};
        if (made->bands.empty() || made->bands.back() != r / chunk_rows) made->bands.push_back(r / chunk_rows);
    }
    known_targets_.push_back(std::move(made));
    return *known_targets_.back();
}

/// Looks at a dataset over a range of baselines; stops at the first difference.
ConstantScan GroupReader::scan(File const& file, ChunkDataset const& dataset, Index first, Index n)
{
    constexpr std::size_t run_bytes = 256 * 1024;
    ConstantScan state;
    auto const size = dataset.band_bytes();
    auto const& layout = dataset.layout();
    for_runs(targets(file, layout.chunk_rows, first, n).bands, bands_per_batch(dataset, run_bytes),
             [&](Index band, Index count) {
                 if (!state.constant()) return;
                 std::size_t const bytes = static_cast<std::size_t>(count) * size;
                 scan_buffer_.resize(std::max(scan_buffer_.size(), bytes));
                 dataset.read_bands(band, count, scan_buffer_.data());
                 bytes_read_ += bytes;
                 for (Index i = 0; i < count; ++i)
                     state.look(layout, scan_buffer_.data() + static_cast<std::size_t>(i) * size,
                                std::min(layout.chunk_rows, file.header.n_rows - (band + i) * layout.chunk_rows));
             });
    return state;
}

/// The one nsamples of a file over a range of baselines. A value that can be no count (negative, not finite) in every sample of
/// the file is memory that a writer never filled (ATA's): it is taken as 1.
std::optional<double> GroupReader::constant_weight(File const& file, Index first, Index n)
{
    auto const value = scan(file, file.nsamples, first, n).value();
    if (!value || (*value >= 0 && std::isfinite(*value))) return value;
    auto const whole = scan(file, file.nsamples, 0, static_cast<Index>(header_.baselines.size())).value();
    return whole ? std::optional<double>(1.0) : std::nullopt;
}

Survey GroupReader::survey(Index first, Index n)
{
    Survey result;
    std::optional<double> common;
    bool constant = true;
    for (auto const& file : files_) {
        within("file " + file->header.path, [&] {
            auto const flags = scan(*file, file->flag, first, n);
            result.has_flags.push_back(!flags.constant() || flags.value().value_or(0) != 0);
            if (!constant) return;
            auto const weight = constant_weight(*file, first, n);
            constant = weight && *weight > 0 && std::isfinite(*weight) && (!common || *common == *weight);
            common = weight;
        });
    }
    result.weight_is_constant = constant && common;
    result.weight = result.weight_is_constant ? static_cast<float>(*common) : 0;
    return result;
}

void* GroupReader::staging(std::size_t bytes, ChunkSink& sink)
{
    if (void* memory = sink.staging(bytes)) return memory;
    if (own_staging_bytes_ < bytes) {
        own_staging_ = std::make_unique_for_overwrite<char[]>(bytes + 63);
        own_staging_bytes_ = bytes;
    }
    auto const address = reinterpret_cast<std::uintptr_t>(own_staging_.get());
    return own_staging_.get() + ((address + 63) / 64 * 64 - address);
}

void GroupReader::send_bands(File const& file, ChunkDataset const& dataset, Targets const& to, BandRun run,
                             ChunkSink& sink)
{
    within("file " + file.header.path, [&] {
        ChunkBatch batch = dataset.layout();
        bool const falling = file.header.descending();
        batch.first_channel = file.subband.first_channel + (falling ? batch.n_channels - 1 : 0);
        batch.channel_step = falling ? -1 : 1;
        set_swapped_correlations(file.header.correlations, batch);
        batch.n_bands = run.count;
        batch.rows = make_view(to.rows.data() + run.first * batch.chunk_rows, run.count * batch.chunk_rows);
        std::size_t const bytes = static_cast<std::size_t>(run.count) * dataset.band_bytes();
        bool const sorted = file.header.sample_order.empty();
        if (!sorted && stored_buffer_.size() < bytes) stored_buffer_.resize(bytes);
        void* memory = sorted ? staging(bytes, sink) : stored_buffer_.data();
        dataset.read_bands(run.first, run.count, memory);
        bytes_read_ += bytes;
        batch.data = memory;
        if (!sorted) reorder(file, batch, sink);
        sink.put(batch);
    });
}

/// Rows whose channels have an order of their own: sample by sample into rows of the block's order, one chunk a band.
void GroupReader::reorder(File const& file, ChunkBatch& batch, ChunkSink& sink)
{
    auto const& order = file.header.sample_order;
    auto const stored = batch;
    batch.n_channels = batch.chunk_channels = static_cast<Index>(file.header.freq_hz.size());
    batch.n_correlations = batch.chunk_correlations = static_cast<Index>(file.header.correlations.size());
    batch.n_channel_chunks = batch.n_correlation_chunks = 1;
    auto const size = static_cast<std::size_t>(element_bytes(batch.element));
    auto* const memory = static_cast<char*>(staging(batch.bytes(), sink));
    auto const* const from = static_cast<char const*>(stored.data);
    Index const n_rows = batch.n_bands * batch.chunk_rows;
    for (Index r = 0; r < n_rows; ++r) {
        auto* to = memory + static_cast<std::size_t>(r) * order.size() * size;
        for (std::int32_t const sample : order) {
            Index const at = stored.offset(r, sample / stored.n_correlations, sample % stored.n_correlations);
            std::memcpy(to, from + static_cast<std::size_t>(at) * size, size);
            to += size;
        }
    }
    batch.data = memory;
}

void GroupReader::send(File const& file, ChunkDataset const& dataset, Index first, Index n, ChunkSink& sink)
{
    auto const& to = targets(file, dataset.layout().chunk_rows, first, n);
    for_runs(to.bands, bands_per_batch(dataset, batch_bytes_), [&](Index band, Index count) {
        send_bands(file, dataset, to, {band, count}, sink);
    });
}

/// Band by band over all files where they are cut alike, so that a row of the block is written while it is in cache; else file
/// by file.
void GroupReader::send_vis(Index first, Index n, ChunkSink& sink)
{
    auto const& model = *files_.front();
    auto const& to = targets(model, model.vis.layout().chunk_rows, first, n);
    bool const alike = std::all_of(files_.begin(), files_.end(), [&](auto const& file) {
        return file->header.rows == model.header.rows && file->vis.layout().chunk_rows == to.chunk_rows;
    });
    if (!alike) {
        for (auto const& file : files_) send(*file, file->vis, first, n, sink);
        return;
    }
    for_runs(to.bands, bands_per_batch(model.vis, batch_bytes_), [&](Index band, Index count) {
        for (auto const& file : files_) send_bands(*file, file->vis, to, {band, count}, sink);
    });
}

void GroupReader::read(Index first, Index n, Survey const& survey, ChunkSink& sink)
{
    NOCT_CHECK(first >= 0 && n >= 0 && first + n <= static_cast<Index>(header_.baselines.size()),
               "baselines beyond the group");
    NOCT_CHECK(survey.has_flags.size() == files_.size(), "a survey of another group");
    send_vis(first, n, sink);
    for (std::size_t f = 0; f < files_.size(); ++f) {
        if (survey.has_flags[f]) send(*files_[f], files_[f]->flag, first, n, sink);
        if (!survey.weight_is_constant) send(*files_[f], files_[f]->nsamples, first, n, sink);
    }
}

}  // namespace nocturne
