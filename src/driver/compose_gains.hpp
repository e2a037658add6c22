// Gains found on samples that others had already corrected. Enters: the tables that corrected, those that were found. Leaves: one set that does both.
#pragma once

#include "nocturne/cal_table.hpp"

#include <vector>

namespace nocturne {

/// All of `base` but its gains, and one table G: the product of both series of gains at each integration of the group, with the errors of what was found.
/// The product is what was found alone where `base` has no gains. Where `base` is several sets, what they are at their moments around the group becomes one
/// bandpass with an interval for each, which runs in time as the sets did. Throws Error(bad_config) where more than gains was found, Error(bad_input) where the
/// gains of `base` have windows of their own.
std::vector<CalTable> compose_gains(GroupHeader const& header, std::vector<CalTable> const& base,
                                    std::vector<CalTable> const& found);

}  // namespace nocturne
