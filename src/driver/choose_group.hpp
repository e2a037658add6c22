// Paths as a user types them, to the files of one group. Enters: files, a directory or a Measurement Set. Leaves: paths, and what of
// the group is not there.
#pragma once

#include <string>
#include <vector>

namespace nocturne {

struct ChosenGroup {
    std::vector<std::string> paths;
    std::vector<std::string>
        notes;  ///< what a user should know: subbands that are missing, files that a newer one replaces
};

/// Of a directory its one group, or the one of that name: subband files by the time stamps of their names, any other UVH5 file and
/// every Measurement Set by its stem, as `index scan` groups them. Throws Error(input_missing), Error(usage), and Error(bad_input)
/// where a file of the group is damaged and no other has its subband.
ChosenGroup choose_group(std::vector<std::string> const& inputs, std::string const& only_group, int expected_subbands);

/// The name that a group of these files has.
std::string group_id_of(std::string const& path);

}  // namespace nocturne
