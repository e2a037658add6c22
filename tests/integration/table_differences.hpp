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

/// Writes every `step`-th row of cross-correlations as (ANTENNA2, ANTENNA1): UVW negated, DATA conjugated, each correlation as it is
/// called.
void turn_rows(std::string const& set, unsigned step);

/// Multiplies all cells of a complex column.
void scale_column(std::string const& set, std::string const& column, float factor);

/// The first n rows of a set, as a table that refers to it.
void write_selection(std::string const& set, std::string const& path, unsigned n);

/// Names the correlations of the first setup anew.
void name_correlations(std::string const& set, std::vector<int> const& casa_codes);

}  // namespace nocturne::test
