// Parts of MsReader, between its files only. Enters: a Measurement Set's tables. Leaves: its axes, and where each row goes.
#pragma once

#include "io/ms_read_tables.hpp"
#include "io/ms_reader.hpp"
#include "nocturne/correlation.hpp"

#include <string>
#include <vector>

namespace nocturne::ms {

/// A spectral window that is read: window channel c is channel `channel[c]` of the group.
struct Window {
    int id = 0;  ///< row of SPECTRAL_WINDOW
    std::vector<double> freq_hz, width_hz;
    std::vector<Index> channel;
    Index step = 0;  ///< where channel[c] = channel[0] + c·step; else 0
};

/// What DATA_DESC_ID stands for; window −1: not read.
struct Description {
    int window = -1;  ///< index into Axes::windows
};

/// Everything of the subtables.
struct Axes {
    Site site;
    std::array<double, 3> site_itrf_m{};
    std::vector<Antenna> antennas;
    std::vector<PhaseCentre> fields;         ///< [row of FIELD]
    std::vector<std::string> field_trouble;  ///< [row of FIELD] why it cannot be read; "" = it can
    std::vector<Correlation> correlations;   ///< CORR_TYPE
    std::vector<Window> windows;             ///< by rising frequency
    std::vector<Description> descriptions;   ///< [DATA_DESC_ID]
    std::vector<double> freq_hz, width_hz;   ///< of all windows, ascending
    int only_field = -1;                     ///< the one that was asked for
    bool conjugated = true;                  ///< V = conj(DATA), UVW = r1 − r2; false: V = DATA, UVW = r2 − r1
    bool by_pyuvdata = false;
    bool turned_axes = false;  ///< UVW points to the north of another frame than the ICRS: antenna positions decide
    std::vector<std::string> notes;
};

/// The columns of the main table that say what a row is. One entry a row.
struct RowColumns {
    std::vector<double> time_s, interval_s, exposure_s;
    std::vector<double> centroid_s;  ///< TIME_CENTROID; empty: there is none
    std::vector<std::int32_t> ant1, ant2, field, description, scan;
};

/// Where rows go: row r to cell target[r] = integration · n_baselines + baseline, −1 = not read.
struct RowTargets {
    std::vector<Moment> moments;
    std::vector<std::int32_t> moment_of;    ///< ragged: [integration][baseline]
    std::vector<std::int32_t> used_fields;  ///< rows of FIELD, Moment::centre counts in these
    std::vector<double> time_mjd_s, integration_s;
    std::vector<double> exposure_s;     ///< [cell] or empty
    std::vector<double> offset_s;       ///< [cell] or empty: as in GroupHeader
    std::vector<std::uint8_t> present;  ///< [cell] or empty
    std::vector<Baseline> baselines;
    std::vector<Index> target;
    std::vector<std::uint8_t> swapped;  ///< [row]
    bool complete = true;               ///< every cell has every window
    TurnedRows turned = TurnedRows::none;
    Index n_repeated = 0;        ///< rows that have time, antennas, field, scan and window of another one
    Index n_without_length = 0;  ///< rows with INTERVAL and EXPOSURE 0
};

/// [moment] where the dishes looked, of a set that this program wrote; empty where nothing says so. What cannot be read is a note.
std::vector<Direction> read_pointings(Table const& main, std::vector<Moment> const& moments,
                                      std::vector<std::string>& notes);

/// Reads ANTENNA, OBSERVATION, FIELD, SPECTRAL_WINDOW, POLARIZATION, DATA_DESCRIPTION, as far as the rows need them.
Axes read_axes(Table const& main, MsOptions const& options, RowColumns const& rows);

/// Antennas and site.
void read_antennas(Table const& main, Axes& axes);
/// Fields and which of them is wanted; `time_s` (UTC) is when.
void read_fields(Table const& main, std::string const& wanted, double time_s, Axes& axes);

/// Rows to cells. Throws Error(bad_input) where an index points nowhere or a row is there twice.
RowTargets map_rows(RowColumns const& rows, Axes const& axes);

}  // namespace nocturne::ms
