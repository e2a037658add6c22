// Two Measurement Sets, compared cell by cell.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace nocturne::test {

/// "ANTENNA.MOUNT", "FIELD.PHASE_DIR keywords", "SOURCE is not there", "MAIN has 3 rows": what of `before` is not exactly so in `after`,
/// sorted.
std::vector<std::string> table_differences(std::string const& before, std::string const& after);

/// Adds to POSITION of a row of ANTENNA.
void move_antenna(std::string const& set, unsigned row, std::array<double, 3> const& by_m);

}  // namespace nocturne::test
