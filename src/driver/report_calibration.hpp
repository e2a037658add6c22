// Flags and solutions for the page of a group. Enters: a finished group. Leaves: the report's shares and lines.
#pragma once

#include "nocturne/stage.hpp"
#include "qa/report.hpp"

namespace nocturne {

/// Delays, bandpass and gains of every antenna, a chart for each hand, and χ² of the bandpass. Every channel is in its line, which breaks where
/// nothing was solved.
std::vector<ReportLines> solution_lines(std::vector<CalTable> const& tables);

/// Fills occupancy and solutions.
void describe_calibration(GroupReport& report, GroupState const& state);

}  // namespace nocturne
