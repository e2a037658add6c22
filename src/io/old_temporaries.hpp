// Temporaries that other hosts left. Enters: a directory of products. Leaves: the directory without them.
#pragma once

#include <string>

namespace nocturne {

/// Removes what bears the name of a product on its way (`.NAME.tmp-HOST-PID-N`), written by another host, where nothing of it changed
/// for `older_than_s`; those of this host are remove_stray_temporaries' to judge. Not below the directory. Returns how many.
int remove_old_temporaries(std::string const& directory, double older_than_s);

}  // namespace nocturne
