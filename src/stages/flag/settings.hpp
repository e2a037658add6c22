// What the user may say about flags. Enters: the values of a job or a command line. Leaves: FlagSettings.
#pragma once

#include "kernels/sumthreshold.hpp"
#include "nocturne/param.hpp"

#include <vector>

namespace nocturne {

struct FlagSettings {
    bool interference = true;           ///< false: zeros, values that are not finite and autocorrelations alone
    bool rows = true;                   ///< rules about whole rows: shadow, quack, elevation, uv range, antennas
    double array_z = 0, antenna_z = 0;  ///< 0 = off
    bool bursts = true;                 ///< integrations in which the whole array and band are brighter
    bool search_baselines = true;
    SumThresholdRule rule;
    double vote = 0;        ///< share of baselines; 0 = off
    double clip_sigma = 0;  ///< 0 = off
    double grow_time = 1, grow_freq = 1;
    double quack_s = 0, min_elevation_rad = 0, min_uv_m = 0, max_uv_m = 0, largest_jy = 0;
    bool shadow = false, dead = true;
    std::vector<int> antennas;                        ///< numbers, flagged by hand
    std::vector<std::pair<double, double>> bands_hz;  ///< flagged by hand
};

std::vector<ParamSpec> flag_params();

/// Throws Error(bad_config) for what the declarations cannot check.
FlagSettings flag_settings(Params const& params);

}  // namespace nocturne
