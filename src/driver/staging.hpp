// Files of a group on the node's own disk while it is worked on. Enters: paths on a shared file system. Leaves: paths of copies, which go away.
#pragma once

#include "driver/held_place.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nocturne {

struct StageRequest {
    std::string directory;            ///< of the node; "" = nothing is staged
    std::string name;                 ///< of this use: run and group
    std::function<bool()> stop = {};  ///< ends the copying: then the files themselves are read
    int max_readers = 0;              ///< NodeTurns
};

/// Copies of regular files (Measurement Sets are read where they stand), made by whichever rank of the node comes first and removed by the last. Where there is
/// no room for them, or copying fails, a warning says so and the files themselves are read.
class StagedFiles {
public:
    /// Throws Error(cannot_create) where the directory cannot be made.
    StagedFiles(std::vector<std::string> const& paths, StageRequest const& request);

    /// In the order of the files.
    std::vector<std::string> const& paths() const { return paths_; }

private:
    bool copy_all(std::vector<std::string> const& paths, StageRequest const& request);

    std::vector<std::string> paths_;
    HeldPlace place_;
};

}  // namespace nocturne
