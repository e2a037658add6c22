// Where data shipped with the program lie: jobs/earth, jobs/telescopes. Enters: a path such as "earth/earth_orientation.txt".
// Leaves: the first that exists of NOCTURNE_DATA, folders around the executable (build tree, install prefix), the sources.
#pragma once

#include <string>
#include <vector>

namespace nocturne {

/// Path of `relative` (below jobs/). Looked for in $NOCTURNE_DATA, then in `jobs` and `share/nocturne` of each folder from
/// the executable's upward, then in the source tree of the build. Throws Error(input_missing), naming the places.
std::string data_path(std::string const& relative);

/// The folders that data_path looks in, in this order, existing ones only.
std::vector<std::string> data_folders();

}  // namespace nocturne
