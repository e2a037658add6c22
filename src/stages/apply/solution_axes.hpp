// Where a group's antennas, hands and channels stand in a table of solutions. Enters: a table, a group's axes. Leaves: places in the table,
// and gains carried over to other frequencies.
#pragma once

#include "stages/apply/series.hpp"

#include <complex>
#include <vector>

namespace nocturne {

/// For each antenna of the header its place in the table, by number and name (by name alone where the table knows no numbers); −1: none.
std::vector<Index> match_antennas(CalTable const& table, GroupHeader const& header);

/// For each correlation the place of the hand that the target's antenna has in it; −1: none.
std::vector<Index> match_hands(CalTable const& table, GainTarget const& target);

/// True where the bands of two tables overlap by more than half.
bool same_window(CalTable const& one, CalTable const& two);

/// Tables of one kind, those apart whose bands overlap by less than half: spectral windows of a CASA table. Rising frequency.
std::vector<std::vector<CalTable const*>> tables_by_window(std::vector<CalTable const*> const& tables, CalKind kind);

/// True where the table's band holds the frequency.
bool covers(CalTable const& table, double freq_hz);

/// One antenna and hand of one interval, over the table's channels; 0 where flagged.
struct Spectrum {
    std::vector<double> freq_hz, width_hz;
    std::vector<std::complex<double>> gain;

    /// Of the nearest channel that is no further than half its width; else 0.
    std::complex<double> nearest(double f) const;
    /// Between the two unflagged neighbours, amplitude and phase apart; elsewhere as nearest.
    std::complex<double> linear(double f) const;
};

/// Value k of the table: 0 where flagged, 1 for a delay.
std::complex<double> gain_of(CalTable const& table, std::size_t k);

}  // namespace nocturne
