// The gains of all sets at each integration of a group. Enters: tables of one or more sets, a group's axes. Leaves: two factors of each gain: within
// a set its K B and its G, between two sets the product interpolated.
#pragma once

#include "stages/apply/series.hpp"
#include "stages/apply/sets.hpp"
#include "stages/apply/step.hpp"

#include <cstdint>

namespace nocturne {

/// The gain is band × drift; 0 where there is no solution.
struct GainFactors {
    Index n_slots = 0, n_antennas = 0, n_channels = 0, n_correlations = 0;
    std::vector<std::int32_t> slot;          ///< [integration]
    std::vector<std::complex<float>> band;   ///< [slot][antenna][channel][correlation]
    std::vector<std::complex<float>> drift;  ///< [integration][antenna][correlation]
    StepDoubts doubts;                       ///< of all steps; `agreement` of those between sets
};

/// Within a set K, B and G each run in time by themselves (gain_series). Between the last solved moment of one set and the first of the next the
/// product of all that one set solved for is interpolated (Step), never kind by kind: the bandpass of a set and its gains are two parts of one gain,
/// and what drifts from set to set is in both. Before the first and after the last moment the nearest holds.
GainFactors gain_factors(SolutionSets const& sets, GainTarget const& target);

/// The product of the tables of one set at one of its moments, for times beyond its own: what failed then holds from the nearest interval that has it, [antenna][correlation][channel].
Solution product_at(std::vector<CalTable const*> const& tables, double time_mjd_s, GainTarget const& target);

}  // namespace nocturne
