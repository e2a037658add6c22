// Inputs are what was indexed, or nothing is made of them. Enters: the recorded hashes. Leaves: an error, or bytes.
#pragma once

#include "db/groups.hpp"
#include "driver/ranks.hpp"

#include <cstdint>
#include <vector>

namespace nocturne {

/// Hashes a file; Error(bad_input) naming it where its content is not the recorded one. A file without a recorded hash passes.
void verify_file(db::InputFile const& file);

/// This rank's share of the files (file i on rank i modulo ranks); the bytes of the share. Throws as `verify_file`.
std::uint64_t verify_files(std::vector<db::InputFile> const& files, Ranks const& team);

}  // namespace nocturne
