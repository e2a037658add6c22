// Where each sample of a group stands in a Measurement Set. Enters: a request. Leaves: spectral windows, correlations, rows,
// and the tiles of every column that is written by rows; computed alike by each process.
#pragma once

#include "io/ms_request.hpp"
#include "nocturne/set_layout.hpp"
#include "nocturne/view.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// A spectral window: channels [first, first + n) of the group.
struct MsWindow {
    std::int64_t first_channel = 0, n_channels = 0;
    std::string name;
    std::int32_t description = 0;       ///< DATA_DESC_ID
    std::vector<std::int32_t> channel;  ///< channel c is first_channel + channel[c] of the group; empty: they ascend
    int cube = 0;                       ///< windows of one width share a hypercube
    int in_cube = 0;                    ///< its place among them
};

struct MsCorrelationPlan {
    std::vector<int> corr_type;  ///< CASA's Stokes codes, rising: 9 XX, 10 XY, 11 YX, 12 YY, 5 RR, … 1 I
    std::vector<int> source;     ///< index into MsRows::hands(); −1: there is none
    bool filled = false;         ///< all four were asked for: those that are not there are filled in
};

/// Rows go by moment (rising time), then spectral window, then baseline; padding of a group has no row. The one window of merged
/// subbands reaches from the first to the last that is there: those missing between are flagged, those beyond are left out.
/// Where the request keeps rows, windows, correlations and rows stand as in the set that the group was read from.
class MsRows {
public:
    explicit MsRows(MsRequest const& request);

    std::vector<MsWindow> const& windows() const { return windows_; }
    MsCorrelationPlan const& correlations() const { return correlations_; }
    /// What a row has before CellMaker: the group's correlations; where rows are kept, those that the set had.
    std::vector<Correlation> const& hands() const { return hands_; }
    std::int64_t n_rows() const { return n_rows_; }
    int n_cubes() const { return static_cast<int>(cube_windows_.size()); }
    std::int64_t cube_channels(int cube) const;
    std::int64_t cube_rows(int cube) const { return cube_rows_[static_cast<std::size_t>(cube)]; }

    /// Integration t of baseline b in a window.
    struct Cell {
        Index t, b;
        std::size_t window;
    };
    /// Row of the table and row within the hypercube of the window; −1 where there is no row. `turned`: as (ant2, ant1).
    struct Row {
        std::int64_t row = -1, in_cube = -1;
        bool turned = false;
    };
    Row row(Cell const& cell) const;

    /// What stands in a row.
    struct Content {
        std::int32_t moment, integration, baseline, window;
        std::int64_t kept_row;  ///< of the set that the group was read from, where rows are kept; else −1
    };
    std::vector<Content> in_order() const;

private:
    /// Where integration t of baseline b stands: in the list of moments and in its moment; place −1 where it has no row.
    struct Place {
        std::int32_t moment = -1;
        std::int32_t place = -1;
    };
    struct Sample {
        std::int32_t integration, baseline;
    };

    void plan_windows(MsRequest const& request);
    void plan_cubes();
    void plan_correlations(MsRequest const& request);
    void plan_places(GroupHeader const& header);
    void plan_kept_rows();
    std::size_t cell_of(Index t, Index b) const { return static_cast<std::size_t>(t * n_baselines_ + b); }

    std::vector<MsWindow> windows_;
    std::vector<std::int64_t> cube_windows_, cube_rows_;
    MsCorrelationPlan correlations_;
    std::vector<Correlation> hands_;
    std::int64_t n_baselines_ = 0, n_rows_ = 0;
    std::vector<Place> places_;                         ///< [integration][baseline]
    std::vector<std::int32_t> order_;                   ///< moments in the order of their rows
    std::vector<std::vector<Sample>> samples_;          ///< [moment] what has a row
    std::vector<std::int64_t> before_;                  ///< [moment] places of earlier moments
    std::shared_ptr<SetLayout const> kept_;             ///< null: rows are ours
    std::vector<std::int64_t> kept_at_, kept_cube_at_;  ///< [row of that set] row here, and in its hypercube
};

/// Columns whose tiles are written directly, in the order of their storage managers.
enum class MsColumn { uvw, flag, weight, sigma, data, weight_spectrum, corrected_data, model_data };
char const* name(MsColumn column);
bool by_channel(MsColumn column);  ///< one value per channel and correlation
std::vector<MsColumn> tiled_columns(
    MsRequest const& request);  ///< kept rows keep WEIGHT and SIGMA: they are not among these

/// One hypercube of a column in the file that casacore gives it. A tile spans whole rows, so that rows follow one another
/// without gaps; the last tile is padded.
struct MsTiles {
    MsColumn column = MsColumn::data;
    int cube = 0;
    std::string file;  ///< below the set: "table.f4_TSM1"
    std::int64_t row_elements = 0, row_bytes = 0;
    std::int64_t tile_rows = 1, n_rows = 0;

    std::int64_t file_bytes() const { return (n_rows + tile_rows - 1) / tile_rows * tile_rows * row_bytes; }
};

/// Tiles of about 1 MiB; where it can be, a moment's rows are a whole number of tiles. Bits of FLAG are packed within a tile: where
/// a row is no whole number of bytes, a tile is one row.
std::vector<MsTiles> plan_tiles(MsRequest const& request, MsRows const& rows);

}  // namespace nocturne
