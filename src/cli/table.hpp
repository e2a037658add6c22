// Text for people: aligned tables, and durations as people write them.
#pragma once

#include <string>
#include <vector>

namespace nocturne::cli {

/// Prints rows under a heading on stdout, columns aligned; the last column is not padded.
void print_table(std::vector<std::string> const& heading, std::vector<std::vector<std::string>> const& rows);

/// Seconds of "90s", "10min", "1.5h" or "2d"; a plain number counts units of `plain_s`. Throws Error(usage) on anything else;
/// `option` is named in the error.
double parse_duration_s(std::string const& text, std::string const& option, double plain_s = 1);

/// Modified Julian Date (days, UTC) of "2026-03-01", "2026-03-01T05:00:00" with or without Z, or of a number (an MJD).
/// Throws Error(usage) on anything else; `option` is named in the error.
double parse_mjd(std::string const& text, std::string const& option);

/// "2026-03-01T05:00:00" of an MJD in days, rounded to seconds; "" of NaN.
std::string format_mjd(double mjd);

/// A number with so many significant digits; "" of NaN.
std::string format_number(double value, int digits = 6);

}  // namespace nocturne::cli
