// Sums of baselines over columns (channels or solution intervals), as the solver takes them. Enters: SolveSums of each rank. Leaves: rows
// that all ranks have whole.
#pragma once

#include "stages/solve/sums.hpp"

namespace nocturne {

/// Channels or other columns [first, first + count).
struct ColumnRange {
    Index first = 0, count = 0;
};

/// [row][hand][plane][column], a row per baseline used; planes: re, im of Σ w V conj(M), Σ w |M|², then what each kind of rows adds.
struct SolveRows {
    Index n_rows = 0, n_hands = 0, n_planes = 0, n_columns = 0;
    std::vector<float> values;

    SolveRows() = default;
    /// Zeros.
    SolveRows(Index rows, Index hands, Index planes, Index columns)
        : n_rows(rows),
          n_hands(hands),
          n_planes(planes),
          n_columns(columns),
          values(static_cast<std::size_t>(rows * hands * planes * columns))
    {}
    Index offset(Index row, Index hand, Index plane) const
    {
        return ((row * n_hands + hand) * n_planes + plane) * n_columns;
    }
    float* at(Index row, Index hand, Index plane) { return values.data() + offset(row, hand, plane); }
    float const* at(Index row, Index hand, Index plane) const { return values.data() + offset(row, hand, plane); }
};

/// Gains by parts, [hand][antenna][column]; 0 where there is none.
struct GainParts {
    Index n_antennas = 0, n_columns = 0;
    std::vector<float> re, im;
    Index offset(Index hand, Index antenna) const { return (hand * n_antennas + antenna) * n_columns; }
};

/// How each interval's visibilities turn against the middle one's: re, im of Σ_c product_i conj(product_middle), 1 where there are any,
/// and the number of samples (first column). Columns are intervals. A gain conj(d1) d2 shows with no model of the bandpass.
SolveRows link_rows(SolveSums const& sums, Exchange const& exchange);

/// Sums over intervals, the phases of `phases` (columns: intervals) taken out; planes 3 and 4: Σ w |V|² and counts. Each rank gets those of all baselines
/// in its own share of channels; `shares` [rank] are neighbours. `rows` and `pieces`: memory that is used again.
void deal_band_rows(SolveSums const& sums, GainParts const& phases, std::vector<ColumnRange> const& shares, int rank,
                    Exchange const& exchange, SolveRows& rows, std::vector<float>& pieces);

/// Sums over channels and over the intervals of each column, with `band` (columns: channels) part of the model; `column` [interval].
SolveRows gain_rows(SolveSums const& sums, GainParts const& band, std::vector<std::int32_t> const& column,
                    Exchange const& exchange);

}  // namespace nocturne
