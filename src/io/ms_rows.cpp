#include "io/ms_rows.hpp"

#include "nocturne/error.hpp"

#include <algorithm>
#include <numeric>

namespace nocturne {
namespace {

/// casacore's Stokes enumeration (casacore/measures/Measures/Stokes.h).
int casa_code(Correlation correlation)
{
    switch (correlation) {
        case Correlation::I:
            return 1;
        case Correlation::Q:
            return 2;
        case Correlation::U:
            return 3;
        case Correlation::V:
            return 4;
        case Correlation::RR:
            return 5;
        case Correlation::RL:
            return 6;
        case Correlation::LR:
            return 7;
        case Correlation::LL:
            return 8;
        case Correlation::XX:
            return 9;
        case Correlation::XY:
            return 10;
        case Correlation::YX:
            return 11;
        case Correlation::YY:
            return 12;
    }
    throw Error(Code::bad_input, "correlation " + std::to_string(static_cast<int>(correlation)),
                "a Measurement Set has no code for it", "choose files of linear, circular or Stokes correlations");
}

constexpr std::int64_t tile_bytes_wanted = std::int64_t(1) << 20;

/// About `wanted` rows: a divisor of a moment's rows, or a multiple of them.
std::int64_t rows_of_tile(std::int64_t wanted, std::int64_t moment_rows, std::int64_t all_rows)
{
    wanted = std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(1, all_rows));
    if (moment_rows < 1) return wanted;
    if (wanted >= moment_rows) return wanted / moment_rows * moment_rows;
    for (auto rows = wanted; rows > wanted / 2; --rows)
        if (moment_rows % rows == 0) return rows;
    return wanted;
}

}  // namespace

MsRows::MsRows(MsRequest const& request) : n_baselines_(static_cast<std::int64_t>(request.header.baselines.size()))
{
    if (request.kept.rows) kept_ = request.header.set;
    plan_windows(request);
    plan_cubes();
    plan_correlations(request);
    plan_places(request.header);
    if (kept_) plan_kept_rows();
}

void MsRows::plan_windows(MsRequest const& request)
{
    auto const& header = request.header;
    if (kept_) {
        for (auto const& w : kept_->windows)
            windows_.push_back({w.first_channel, w.n_channels, "", w.description, w.channel, 0, 0});
        return;
    }
    auto subbands = header.subbands;
    std::sort(subbands.begin(), subbands.end(),
              [](Subband const& a, Subband const& b) { return a.first_channel < b.first_channel; });
    for (auto const& s : subbands) {
        auto const end = s.first_channel + s.n_channels;
        auto first = s.first_channel;
        for (auto const next : header.window_first) {  // rising within a subband
            if (next <= first || next >= end) continue;
            windows_.push_back({first, next - first, "", 0, {}, 0, 0});
            first = next;
        }
        if (first < end) windows_.push_back({first, end - first, "", 0, {}, 0, 0});
    }
    if (request.windows == MsWindows::merged && !windows_.empty()) {
        auto const first = windows_.front().first_channel;
        windows_ = {{first, windows_.back().first_channel + windows_.back().n_channels - first, "", 0, {}, 0, 0}};
    }
    if (windows_.empty()) windows_.push_back({0, static_cast<std::int64_t>(header.freq_hz.size()), "", 0, {}, 0, 0});
    for (std::size_t w = 0; w < windows_.size(); ++w) {
        windows_[w].name = "SPW" + std::to_string(w);
        windows_[w].description = static_cast<std::int32_t>(w);
    }
}

void MsRows::plan_cubes()
{
    std::vector<std::int64_t> widths;
    for (auto& window : windows_) {
        auto const found = std::find(widths.begin(), widths.end(), window.n_channels);
        window.cube = static_cast<int>(found - widths.begin());
        if (found == widths.end()) {
            widths.push_back(window.n_channels);
            cube_windows_.push_back(0);
        }
        window.in_cube = static_cast<int>(cube_windows_[static_cast<std::size_t>(window.cube)]++);
    }
}

void MsRows::plan_correlations(MsRequest const& request)
{
    hands_ = kept_ ? kept_->correlations : request.header.correlations;
    std::vector<std::pair<int, int>> codes;
    for (std::size_t p = 0; p < hands_.size(); ++p) codes.emplace_back(casa_code(hands_[p]), static_cast<int>(p));
    correlations_.filled = request.correlations == MsCorrelations::all4 || (kept_ && hands_.size() == 4);
    if (correlations_.filled) {
        int const first = (codes.empty() ? 1 : codes.front().first - 1) / 4 * 4 + 1;  // 1 I…V, 5 RR…LL, 9 XX…YY
        for (int code = first; code < first + 4; ++code)
            if (std::none_of(codes.begin(), codes.end(), [&](auto const& c) { return c.first == code; }))
                codes.emplace_back(code, -1);
    }
    if (!kept_) std::sort(codes.begin(), codes.end());
    for (auto const& [code, source] : codes) {
        correlations_.corr_type.push_back(code);
        correlations_.source.push_back(source);
    }
}

void MsRows::plan_places(GroupHeader const& header)
{
    auto const moments = header.all_moments();
    auto const n_times = static_cast<std::int64_t>(header.time_mjd_s.size());
    places_.assign(static_cast<std::size_t>(n_times * n_baselines_), {});
    samples_.resize(moments.size());
    for (std::int64_t t = 0; t < n_times; ++t)
        for (std::int64_t b = 0; b < n_baselines_; ++b) {
            auto const at = static_cast<std::size_t>(t * n_baselines_ + b);
            auto const moment = header.ragged() ? header.moment_of[at] : static_cast<std::int32_t>(t);
            if (moment < 0 || (!header.present.empty() && header.present[at] == 0)) continue;
            auto& samples = samples_[static_cast<std::size_t>(moment)];
            places_[at] = {moment, 0};
            samples.push_back({static_cast<std::int32_t>(t), static_cast<std::int32_t>(b)});
        }
    order_.resize(moments.size());
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(), [&](std::int32_t a, std::int32_t b) {
        return moments[static_cast<std::size_t>(a)].time_mjd_s < moments[static_cast<std::size_t>(b)].time_mjd_s;
    });
    before_.assign(moments.size(), 0);
    std::int64_t n_places = 0;
    for (auto moment : order_) {
        auto& samples = samples_[static_cast<std::size_t>(moment)];
        std::stable_sort(samples.begin(), samples.end(),
                         [](Sample const& a, Sample const& b) { return a.baseline < b.baseline; });
        for (std::size_t k = 0; k < samples.size(); ++k)
            places_[cell_of(samples[k].integration, samples[k].baseline)].place = static_cast<std::int32_t>(k);
        before_[static_cast<std::size_t>(moment)] = n_places;
        n_places += static_cast<std::int64_t>(samples.size());
    }
    if (n_places == 0)
        throw Error(Code::bad_input, "group " + header.group_id + " has no rows", "no file holds a sample of it",
                    "choose another group");
    n_rows_ = n_places * static_cast<std::int64_t>(windows_.size());
    for (auto const n : cube_windows_) cube_rows_.push_back(n_places * n);
}

/// The rows that were read, without those between them that were not.
void MsRows::plan_kept_rows()
{
    std::int64_t last = -1;
    for (auto const row : kept_->row_of) last = std::max(last, row);
    std::vector<std::int32_t> cube_of(static_cast<std::size_t>(last + 1), -1);
    for (std::size_t i = 0; i < kept_->row_of.size(); ++i)
        if (auto const row = kept_->row_of[i]; row >= 0)
            cube_of[static_cast<std::size_t>(row)] = windows_[i / places_.size()].cube;
    kept_at_.assign(cube_of.size(), -1);
    kept_cube_at_.assign(cube_of.size(), -1);
    n_rows_ = 0;
    cube_rows_.assign(cube_windows_.size(), 0);
    for (std::size_t r = 0; r < cube_of.size(); ++r) {
        if (cube_of[r] < 0) continue;
        kept_at_[r] = n_rows_++;
        kept_cube_at_[r] = cube_rows_[static_cast<std::size_t>(cube_of[r])]++;
    }
}

std::int64_t MsRows::cube_channels(int cube) const
{
    for (auto const& window : windows_)
        if (window.cube == cube) return window.n_channels;
    return 0;
}

MsRows::Row MsRows::row(Cell const& cell) const
{
    auto const at = cell_of(cell.t, cell.b);
    if (kept_) {
        auto const index = cell.window * places_.size() + at;
        auto const row = kept_->row_of[index];
        if (row < 0) return {};
        return {kept_at_[static_cast<std::size_t>(row)], kept_cube_at_[static_cast<std::size_t>(row)],
                !kept_->turned.empty() && kept_->turned[index] != 0};
    }
    auto const [moment, place] = places_[at];
    if (place < 0) return {};
    auto const m = static_cast<std::size_t>(moment);
    auto const n = static_cast<std::int64_t>(samples_[m].size());
    auto const& w = windows_[cell.window];
    return {
        before_[m] * static_cast<std::int64_t>(windows_.size()) + static_cast<std::int64_t>(cell.window) * n + place,
        before_[m] * cube_windows_[static_cast<std::size_t>(w.cube)] + w.in_cube * n + place, false};
}

std::vector<MsRows::Content> MsRows::in_order() const
{
    std::vector<Content> list(static_cast<std::size_t>(n_rows_));
    std::size_t next = 0;
    for (auto const moment : order_)
        for (std::size_t w = 0; w < windows_.size(); ++w)
            for (auto const& sample : samples_[static_cast<std::size_t>(moment)]) {
                Content const content{moment, sample.integration, sample.baseline, static_cast<std::int32_t>(w), -1};
                if (!kept_) {
                    list[next++] = content;
                    continue;
                }
                auto const kept = kept_->row_of[w * places_.size() + cell_of(sample.integration, sample.baseline)];
                if (kept < 0) continue;
                auto& here = list[static_cast<std::size_t>(kept_at_[static_cast<std::size_t>(kept)])];
                here = content;
                here.kept_row = kept;
            }
    return list;
}

char const* name(MsColumn column)
{
    static char const* const names[] = {
        "UVW", "FLAG", "WEIGHT", "SIGMA", "DATA", "WEIGHT_SPECTRUM", "CORRECTED_DATA", "MODEL_DATA"};
    return names[static_cast<int>(column)];
}

bool by_channel(MsColumn column)
{
    return column != MsColumn::uvw && column != MsColumn::weight && column != MsColumn::sigma;
}

std::vector<MsColumn> tiled_columns(MsRequest const& request)
{
    auto const& columns = request.columns;
    std::vector<MsColumn> list{MsColumn::uvw, MsColumn::flag};
    if (!request.kept.weights) list.insert(list.end(), {MsColumn::weight, MsColumn::sigma});
    list.push_back(MsColumn::data);
    if (columns.weight_spectrum) list.push_back(MsColumn::weight_spectrum);
    if (columns.corrected_data) list.push_back(MsColumn::corrected_data);
    if (columns.model_data) list.push_back(MsColumn::model_data);
    return list;
}

std::vector<MsTiles> plan_tiles(MsRequest const& request, MsRows const& rows)
{
    auto const n_corr = static_cast<std::int64_t>(rows.correlations().corr_type.size());
    auto const columns = tiled_columns(request);
    std::vector<MsTiles> all;
    for (std::size_t seq = 0; seq < columns.size(); ++seq) {
        auto const column = columns[seq];
        for (int cube = 0; cube < (by_channel(column) ? rows.n_cubes() : 1); ++cube) {
            MsTiles tiles;
            tiles.column = column;
            tiles.cube = cube;
            tiles.file =
                "table.f" + std::to_string(seq) + "_TSM" +
                std::to_string(column == MsColumn::uvw ? 0 : cube + 1);  // TiledShapeStMan: 0 = undefined cells
            tiles.row_elements =
                column == MsColumn::uvw ? 3 : n_corr * (by_channel(column) ? rows.cube_channels(cube) : 1);
            bool const bits = column == MsColumn::flag;
            std::int64_t const element =
                column == MsColumn::uvw                                                                          ? 8
                : column == MsColumn::weight || column == MsColumn::sigma || column == MsColumn::weight_spectrum ? 4
                                                                                                                 : 8;
            tiles.row_bytes = bits ? (tiles.row_elements + 7) / 8 : tiles.row_elements * element;
            tiles.n_rows = by_channel(column) ? rows.cube_rows(cube) : rows.n_rows();
            auto const wanted = tile_bytes_wanted / std::max<std::int64_t>(1, tiles.row_bytes);
            tiles.tile_rows =
                bits && tiles.row_elements % 8 != 0
                    ? 1
                    : rows_of_tile(wanted, static_cast<std::int64_t>(request.header.baselines.size()), tiles.n_rows);
            all.push_back(tiles);
        }
    }
    return all;
}

}  // namespace nocturne
