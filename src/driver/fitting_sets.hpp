// Which sets of the registry are of such data, by what their rows say: so that a set that the firewall would refuse takes no place of one that fits. Enters: a
// set, what is known of a group. Leaves: yes or no; the firewall looks at the tables themselves.
#pragma once

#include "db/groups.hpp"
#include "db/registry.hpp"
#include "nocturne/group.hpp"

#include <string>
#include <vector>

namespace nocturne {

struct DataFacts {
    std::string telescope;
    double low_hz = 0, high_hz = 0, width_hz = 0;  ///< middles of the first and the last channel that is there
    std::vector<Correlation> correlations;
    std::string preprocessing;
};
DataFacts data_of(GroupHeader const& header);
/// By its first file, and the index for the channels of all. Throws the errors of reading it.
DataFacts data_of(db::GroupFacts const& group);

/// What a row does not say (CASA's) fits. `between_channels`: the bandpass is interpolated in frequency.
bool fits(db::SetRow const& set, DataFacts const& data, bool between_channels);

}  // namespace nocturne
