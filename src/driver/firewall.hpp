// The firewall: may these solutions correct this group? Enters: loaded solutions, the group's header. Leaves: every reason against it, by name.
#pragma once

#include "driver/solution_files.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// When solutions may be used, MJD in days; infinities are open ends.
struct Validity {
    double start_mjd = 0, end_mjd = 0;
};

/// Solutions that nobody registered hold for half a day before and after they were made.
constexpr double validity_days = 0.5;
Validity default_validity(LoadedSolutions const& solutions);

/// Declinations of one strip differ by no more.
constexpr double strip_deg = 2.5;
/// Antennas that stand further apart are not the same.
constexpr double most_antenna_shift_m = 0.05;

struct FirewallVerdict {
    std::vector<std::string> refusals;    ///< "declination: …"; the first word is the rule
    std::vector<std::string> unverified;  ///< rules that the tables say nothing on
    std::vector<std::string> doubts;      ///< what their quality warns of
};

struct FirewallCase {
    LoadedSolutions const& solutions;
    Validity validity;
    GroupHeader const& header;
    bool between_channels = false;  ///< the bandpass is interpolated in frequency: channels need not be the same
};

/// Of two texts of preprocessing_of: gains do not depend on the direction that the data were stopped toward, only on whether they were.
bool same_preprocessing(std::string const& one, std::string const& two);

/// Rules: declination, antennas, frequencies, correlations, preprocessing, quality, validity.
FirewallVerdict examine(FirewallCase const& one);

/// Error(bad_input) that names solutions, group and every refusal.
Error refusal(std::string const& path, GroupHeader const& header, std::vector<std::string> const& refusals);

}  // namespace nocturne
