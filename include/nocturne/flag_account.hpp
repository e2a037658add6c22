// Who lost what to which rule. Enters: flags. Leaves: counts that add up.
#pragma once

#include "nocturne/view.hpp"
#include "nocturne/vis.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

/// Rules of the flagger; a sample counts under the first that holds, in this order. Growth: the whole channel or integration of a baseline went.
enum class FlagRule {
    missing,
    file,
    nonfinite,
    zero,
    autocorrelation,
    by_hand,
    dead,
    array,
    antenna,
    sumthreshold,
    vote,
    growth,
    statistics,
    scale
};
constexpr int flag_rules = 14;
inline char const* name(FlagRule rule)
{
    static char const* const names[flag_rules] = {"missing", "file",   "nonfinite",  "zero",    "autocorrelation",
                                                  "by_hand", "dead",   "array",      "antenna", "sumthreshold",
                                                  "vote",    "growth", "statistics", "scale"};
    return names[static_cast<int>(rule)];
}

/// One hand of one antenna.
struct AntennaHand {
    int antenna = 0;  ///< its number
    Correlation hand = Correlation::XX;
};

/// Of a whole group. Integers, summed over the ranks. A sample of a baseline counts for both of its antennas (once for an
/// autocorrelation), so Σ over antennas is twice the cross-correlations plus the autocorrelations.
struct FlagAccount {
    Index n_integrations = 0, n_channels = 0, n_correlations = 0;
    std::vector<int> antennas;                ///< indices into GroupHeader::antennas
    std::vector<std::int64_t> by_antenna;     ///< [antenna][correlation][1 + flag_rules]: used, then by rule
    std::vector<std::int64_t> by_channel;     ///< [channel][correlation][1 + flag_rules]
    std::vector<std::int64_t> cross_flagged;  ///< [integration][channel]: flagged samples of cross-correlations
    std::vector<std::int64_t> cross_total;    ///< [integration][channel]
    std::vector<int> dead;                    ///< numbers of dead antennas
    std::vector<AntennaHand> deaf;            ///< of antennas that hear with their other hand
    std::vector<double> median_jy, clip_jy;   ///< [correlation]: robust amplitude statistics and the limit; 0 = none
    std::vector<double> kurtosis_before,
        kurtosis;  ///< [correlation] of real parts, for circular noise 3; before and after the clip
};

}  // namespace nocturne
