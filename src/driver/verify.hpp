// Inputs are what was indexed, or nothing is made of them. Enters: files, with the recorded hashes where there are some. Leaves: the
// files with hashes, or an error.
#pragma once

#include "db/groups.hpp"
#include "driver/ranks.hpp"
#include "qa/timing.hpp"

#include <vector>

namespace nocturne {

/// Hashes a file that was recorded with a hash; Error(bad_input) naming it where its content is another one. A file without a
/// recorded hash gets it.
void verify_file(db::InputFile& file);

/// `verify_file` of all files, shared by the ranks (file i on rank i modulo ranks); recorded is what the leader says. Afterwards all ranks have all hashes. The time
/// is the ledger's row "verify". Throws as `verify_file`, on all ranks.
void verify_files(std::vector<db::InputFile>& files, Ranks const& team, Ledger& ledger);

}  // namespace nocturne
