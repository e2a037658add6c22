// Parameters of the stage `solve`. Enters: what the job file says. Leaves: values with types, or Error(bad_config).
#pragma once

#include "kernels/stefcal.hpp"
#include "nocturne/cal_table.hpp"
#include "nocturne/param.hpp"
#include "sky/predictor.hpp"

#include <vector>

namespace nocturne {

struct SolveSettings {
    bool delays = false, bandpass = false, gains = false, jones = false;
    std::string model_csv, model_column, catalogue, earth_table, method;
    BeamModel beam = BeamModel::airy;
    double calibrator_radius_rad = 0, least_flux_share = 0;
    double field_radius_rad = 0;                       ///< 0: wherever the beam shows a source that counts
    double gain_interval_s = 0, phase_interval_s = 0;  ///< 0: the whole group
    SolveMode gain_mode = SolveMode::amplitude_and_phase;
    double least_snr = 0, least_uv_lambda = 0, most_uv_lambda = 0;  ///< most: 0 = no bound
    int least_baselines = 0, least_antennas = 0, max_iterations = 0;
    float tolerance = 0;
    std::vector<std::string> reference_chain;
    double reference_flagged = 0;
    Gauge gauge = Gauge::mean;
    bool unbias = false, normalise = false;
    double robust = 0;  ///< ν of Student's t; 0: least squares
    int robust_rounds = 0, jones_channels = 0;
};

std::vector<ParamSpec> solve_params();
SolveSettings solve_settings(Params const& params);

}  // namespace nocturne
