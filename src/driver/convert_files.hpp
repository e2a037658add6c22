// Conversion alone: files of one group through stages convert and export, without images and without a database.
#pragma once

#include "driver/group_inputs.hpp"
#include "driver/ms_export.hpp"
#include "qa/timing.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nocturne {

struct Converted {
    std::string group_id;
    std::int64_t n_integrations = 0, n_baselines = 0, n_channels = 0, n_correlations = 0, n_subbands = 0;
    std::vector<int> missing_subbands;
    std::optional<MsExported> ms;
    std::optional<CalibrationUse> calibration;
    std::vector<std::string> notes;  ///< of the choice of files, and of the reader
    Ledger ledger;
    double wall_s = 0;
};

/// All ranks of `world` share the group. The result is complete on the leader. Throws the errors of the road, and
/// Error(bad_input) where nothing is unflagged.
Converted convert_files(GroupRequest const& request, Ranks const& world);

}  // namespace nocturne
