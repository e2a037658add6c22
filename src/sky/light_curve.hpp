// Sources whose flux changes. Enters: a CSV. Leaves: for each name a curve, and its mean over an integration.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace nocturne {

/// What a source's flux is multiplied by: straight lines between the points, before the first and after the last as there. Two points
/// of one time are a step.
struct LightCurve {
    std::vector<double> mjd_s;  ///< UTC, ascending
    std::vector<double> factor;

    double mean(double begin_mjd_s, double end_mjd_s) const;
};

/// Reads columns name, factor, and mjd (UTC) or seconds after `start_mjd_s`, by their header line, lines in any order of time. Empty lines
/// and those that start with # are skipped. Throws Error(input_missing), or Error(bad_config) with the line's number.
std::map<std::string, LightCurve> read_light_curves(std::string const& path, double start_mjd_s);

/// The same, with mjd.
std::string light_curves_csv(std::map<std::string, LightCurve> const& curves);

}  // namespace nocturne
