// Were the solution intervals short enough? Enters: the job that solved and its tables. Leaves: the same job with shorter intervals, where gains changed
// by more from one interval to the next than the tables' own errors.
#pragma once

#include "driver/job_file.hpp"
#include "nocturne/cal_table.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

struct FinerJob {
    Job job;
    std::string note;  ///< what was measured, for the user
};

/// With gains held straight between the middles of intervals and constant before the first and after the last, a steady change by x an interval is missed by
/// 0.13 x rms over five intervals: that costs 1 % of the error σ of a corrected sample where x = 1.1 σ, which is where the line is drawn. σ is the median
/// phase error of B and G together, x the rms over antennas and intervals of the change in phase and ln|g|, the tables' own noise taken off.
/// Nothing where the job says follow-drift: false, where G has one interval, and where intervals cannot be cut shorter; a finer job does not ask again.
std::optional<FinerJob> follow_drift(Job const& job, std::vector<CalTable> const& tables, double integration_s);

}  // namespace nocturne
