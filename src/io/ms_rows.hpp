// Where each sample of a group stands in a Measurement Set. Enters: a request. Leaves: spectral windows, correlations, rows,
// and the tiles of every column that is written by rows; computed alike by each process.
#pragma once

#include "io/ms_request.hpp"
#include "nocturne/view.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// A spectral window: channels [first, first + n) of the group.
struct MsWindow {
    std::int64_t first_channel = 0, n_channels = 0;
    std::string name;
    int cube = 0;     ///< windows of one width share a hypercube
    int in_cube = 0;  ///< its place among them
};

struct MsCorrelationPlan {
    std::vector<int> corr_type;  ///< CASA's Stokes codes, rising: 9 XX, 10 XY, 11 YX, 12 YY, 5 RR, … 1 I
    std::vector<int> source;     ///< index into GroupHeader::correlations; −1: there is none
};

/// Rows go by moment (rising time), then spectral window, then baseline; padding of a group has no row. The one window of merged
/// subbands reaches from the first to the last that is there: those missing between are flagged, those beyond are left out.
class MsRows {
public:
    explicit MsRows(MsRequest const& request);

    std::vector<MsWindow> const& windows() const { return windows_; }
    MsCorrelationPlan const& correlations() const { return correlations_; }
    std::int64_t n_rows() const { return n_places_ * static_cast<std::int64_t>(windows_.size()); }
    int n_cubes() const { return static_cast<int>(cube_windows_.size()); }
    std::int64_t cube_channels(int cube) const;
    std::int64_t cube_rows(int cube) const { return n_places_ * cube_windows_[static_cast<std::size_t>(cube)]; }

    /// Where integration t of baseline b stands: in the list of moments and in its moment; place −1 where it has no row.
    struct Place {
        std::int32_t moment = -1;
        std::int32_t place = -1;
    };
    Place place(Index t, Index b) const { return places_[static_cast<std::size_t>(t * n_baselines_ + b)]; }
    /// Row of the table, and row within the hypercube of the window.
    std::int64_t row(Place at, std::size_t window) const;
    std::int64_t cube_row(Place at, std::size_t window) const;

    /// Moments in the order of their rows, and for each the (integration, baseline) pairs that have a row.
    struct Sample {
        std::int32_t integration, baseline;
    };
    std::vector<std::int32_t> const& moments() const { return order_; }
    std::vector<Sample> const& samples(std::int32_t moment) const { return samples_[static_cast<std::size_t>(moment)]; }

private:
    void plan_windows(MsRequest const& request);
    void plan_correlations(MsRequest const& request);
    void plan_places(GroupHeader const& header);

    std::vector<MsWindow> windows_;
    std::vector<std::int64_t> cube_windows_;
    MsCorrelationPlan correlations_;
    std::int64_t n_baselines_ = 0, n_places_ = 0;
    std::vector<Place> places_;
    std::vector<std::int32_t> order_;
    std::vector<std::vector<Sample>> samples_;
    std::vector<std::int64_t> before_;  ///< [moment] places of earlier moments
};

/// Columns whose tiles are written directly, in the order of their storage managers.
enum class MsColumn { uvw, flag, weight, sigma, data, weight_spectrum, corrected_data, model_data };
char const* name(MsColumn column);
bool by_channel(MsColumn column);  ///< one value per channel and correlation
std::vector<MsColumn> tiled_columns(MsColumns const& columns);

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
