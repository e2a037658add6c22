// The node's own disk. Enters: the environment. Leaves: a directory.
#pragma once

#include <filesystem>

namespace nocturne {

/// NOCTURNE_SCRATCH of the cluster's file, else where temporary files go.
std::filesystem::path scratch_space();

}  // namespace nocturne
