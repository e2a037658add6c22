#include "io/group_reader.hpp"

#include "io/header_parts.hpp"
#include "nocturne/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
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

    /// Rows from `row` on, at least one, that follow one another in a block as they do in the file.
    Index straight_from(Index row) const
    {
        auto const place = [this](Index r) {
            auto const& to = rows[static_cast<std::size_t>(r)];
            return to.integration < 0 || to.swapped ? -1 : to.integration * n + to.baseline;
        };
        auto const end = static_cast<Index>(rows.size());
        Index const start = place(row);
        Index next = row + 1;
        while (start >= 0 && next < end && place(next) == start + next - row) ++next;
        return next - row;
    }
};

namespace {

/// XY and YX change places in a swapped row.
void set_swapped_correlations(std::vector<Correlation> const& of_file, std::vector<Correlation> const& of_group,
                              ChunkBatch& batch)
{
    for (std::size_t p = 0; p < of_file.size() && p < ChunkBatch::max_correlations; ++p)
        batch.swapped_correlation[p] = static_cast<std::int8_t>(place_of(antennas_exchanged(of_file[p]), of_group));
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

/// What was decoded is used while it is in L2.
Index bands_per_batch(ChunkDataset const& dataset, std::size_t batch_bytes)
{
    constexpr std::size_t decoded_bytes = 512 * 1024;
    if (dataset.is_compressed()) batch_bytes = std::min(batch_bytes, decoded_bytes);
    return std::max<Index>(1, static_cast<Index>(batch_bytes / std::max<std::size_t>(dataset.band_bytes(), 1)));
}

}  // namespace

void* ChunkSink::staging(std::size_t) { return nullptr; }

Vis* ChunkSink::place(RowRun const&) { return nullptr; }

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
    whole_ = every_sample_is_sent();
}

bool GroupReader::every_sample_is_sent() const
{
    auto const n_cells = static_cast<std::int64_t>(header_.time_mjd_s.size() * header_.baselines.size());
    Index n_channels = 0;
    for (auto const& file : files_) {
        auto const& rows = *file->header.rows;
        bool const as_stored = std::count(rows.swapped.begin(), rows.swapped.end(), 0) == std::ssize(rows.swapped);
        if (!as_stored || std::ssize(rows.target) - rows.n_repeated != n_cells) return false;
        n_channels += static_cast<Index>(file->header.freq_hz.size());
    }
    return n_channels == std::ssize(header_.freq_hz);
}

GroupReader::~GroupReader() = default;

std::vector<std::string> GroupReader::notes() const
{
    std::map<std::string, std::vector<std::string>> files_of;
    for (auto const& file : files_)
        for (auto const& note : file->header.notes) files_of[note].push_back(file->header.path);
    std::vector<std::string> lines;
    for (auto const& [note, paths] : files_of) {
        auto const others = paths.size() - 1;
        lines.push_back(paths.front() + (others > 0 ? " and " + std::to_string(others) + " more" : "") + ": " + note);
    }
    return lines;
}

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
    constexpr std::size_t run_bytes = 2048 * 1024;
    ConstantScan state;
    auto const size = dataset.band_bytes();
    auto const& layout = dataset.layout();
    for_runs(targets(file, layout.chunk_rows, first, n).bands, bands_per_batch(dataset, run_bytes),
             [&](Index band, Index count) {
                 if (!state.constant()) return;
                 std::size_t const bytes = static_cast<std::size_t>(count) * size;
                 char* const memory = own_staging_.at(bytes, dataset.place(band));
                 dataset.read_bands(band, count, memory);
                 bytes_read_ += bytes;
                 for (Index i = 0; i < count; ++i)
                     state.look(layout, memory + static_cast<std::size_t>(i) * size,
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

RangeSurvey GroupReader::survey(Index first, Index n)
{
    RangeSurvey result;
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

void* GroupReader::staging(std::size_t bytes, std::uint64_t offset, ChunkSink& sink)
{
    if (void* memory = sink.staging(bytes)) return memory;
    return own_staging_.at(bytes, offset);
}

void GroupReader::send_bands(File const& file, ChunkDataset const& dataset, Targets const& to, BandRun run,
                             ChunkSink& sink)
{
    within("file " + file.header.path, [&] {
        ChunkBatch batch = dataset.layout();
        bool const falling = file.header.descending();
        batch.first_channel = file.subband.first_channel + (falling ? batch.n_channels - 1 : 0);
        batch.channel_step = falling ? -1 : 1;
        set_swapped_correlations(file.header.correlations, header_.correlations, batch);
        batch.n_bands = run.count;
        batch.rows = make_view(to.rows.data() + run.first * batch.chunk_rows, run.count * batch.chunk_rows);
        std::size_t const bytes = static_cast<std::size_t>(run.count) * dataset.band_bytes();
        bool const sorted = file.header.sample_order.empty();
        if (!sorted && stored_buffer_.size() < bytes) stored_buffer_.resize(bytes);
        void* memory = sorted ? staging(bytes, dataset.place(run.first), sink) : stored_buffer_.data();
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
    auto* const memory = static_cast<char*>(staging(batch.bytes(), 0, sink));
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

/// Rows lie in the file as they do in the block.
bool GroupReader::needs_no_unpacking(File const& file) const
{
    auto const& layout = file.vis.layout();
    return file.vis.road() == ChunkDataset::Road::contiguous && layout.element == Element::complex_f32 &&
           !file.header.descending() && file.header.sample_order.empty() &&
           layout.n_channels == static_cast<Index>(header_.freq_hz.size()) &&
           layout.n_correlations == static_cast<Index>(header_.correlations.size());
}

/// Long stretches of rows straight into the block, the bands of other rows as batches.
void GroupReader::send_into_place(File const& file, Index first, Index n, ChunkSink& sink)
{
    constexpr Index least_bytes = 16 * 1024;
    auto const& layout = file.vis.layout();
    auto const& to = targets(file, layout.chunk_rows, first, n);
    Index const row_bytes = layout.n_channels * layout.n_correlations * element_bytes(layout.element);
    std::vector<Index> others;
    for (Index row = 0, length = 0; row < file.header.n_rows; row += length) {
        auto const& target = to.rows[static_cast<std::size_t>(row)];
        length = to.straight_from(row);
        if (target.integration < 0) continue;
        Vis* const memory = length * row_bytes < least_bytes
                                ? nullptr
                                : sink.place({target.integration * n + target.baseline, length, layout.n_channels,
                                              layout.n_correlations});
        if (memory && Staging::is_fast(memory, file.vis.place_of_row(row))) {
            within("file " + file.header.path, [&] { file.vis.read_rows(row, length, memory); });
            bytes_read_ += static_cast<std::uint64_t>(length * row_bytes);
            continue;
        }
        for (Index band = row / layout.chunk_rows; band <= (row + length - 1) / layout.chunk_rows; ++band)
            if (others.empty() || others.back() != band) others.push_back(band);
    }
    for_runs(others, bands_per_batch(file.vis, batch_bytes_), [&](Index band, Index count) {
        send_bands(file, file.vis, to, {band, count}, sink);
    });
}

void GroupReader::send(File const& file, ChunkDataset const& dataset, Index first, Index n, ChunkSink& sink)
{
    auto const& to = targets(file, dataset.layout().chunk_rows, first, n);
    for_runs(to.bands, bands_per_batch(dataset, batch_bytes_), [&](Index band, Index count) {
        send_bands(file, dataset, to, {band, count}, sink);
    });
}

/// Into place where a file is a group and holds its rows as a block does; else band by band over all files where they are cut alike,
/// so that a row of the block is written while it is in cache; else file by file.
void GroupReader::send_vis(Index first, Index n, ChunkSink& sink)
{
    auto const& model = *files_.front();
    if (needs_no_unpacking(model)) return send_into_place(model, first, n, sink);
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

void GroupReader::read(Index first, Index n, RangeSurvey const& survey, ChunkSink& sink)
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
