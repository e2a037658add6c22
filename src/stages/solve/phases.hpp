// Phases of gains over channels: delays, and the choice of the global phase. Enters: gains of all antennas. Leaves: their smooth phases; the
// gains turned to a gauge.
#pragma once

#include "stages/solve/gains.hpp"

namespace nocturne {

/// Of one hand: phase[antenna] + 2π delay[antenna] (f − middle), toward the reference antenna.
struct SmoothPhases {
    double middle_hz = 0;
    std::vector<double> phase_rad, delay_s, delay_var;  ///< delay_var: against the antennas' mean delay
    std::vector<std::uint8_t> found;
    std::vector<std::uint8_t> random;  ///< neighbouring channels agree no better than random phases do
};

/// Delays from the phases over channels against the reference antenna: first from products of channels 1, 4, 16, 64 … apart, each step making the
/// next unambiguous, then by weighted least squares. Where channels scatter about the line from one to the next by more than their errors,
/// the delay's error is of that scatter. Not found: antennas with fewer than three channels, and those of random phases; where most would be
/// random it is the reference, and none is called so.
SmoothPhases fit_delays(Gains const& gains, Index hand, Index reference, std::vector<double> const& freq_hz);

/// Turns each column by one phase. Gauge::mean: so that the phases of the antennas against `pattern` ([antenna][column], rad) have mean 0;
/// Gauge::reference: so that the reference has phase 0 (where it is flagged, as Gauge::mean).
void turn_to_gauge(Gains& gains, Index hand, Gauge gauge, Index reference, std::vector<double> const& pattern);

}  // namespace nocturne
