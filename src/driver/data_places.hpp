// Where data lie. Enters: a directory. Leaves: what is in it, and a sentence for who named the wrong one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

struct DataPlace {
    std::int64_t data_files = 0, other_files = 0;  ///< data: by name, whole; Measurement Sets, too
    std::vector<std::string> below;                ///< sub-directories with data files right in them, by name
};
DataPlace look_into(std::string const& directory);

/// "no data files in DIR: …", with what is there instead.
std::string nothing_in(std::string const& directory);

}  // namespace nocturne
