// Temporaries of dead jobs below a directory of products. Enters: the directory. Leaves: how many went.
#pragma once

#include "db/session.hpp"

#include <string>

namespace nocturne {

/// Removes from `top` and all below what dead processes of this host left, and what processes of other hosts left where nothing of it
/// changed for `temp_age_s`: by the names of products on their way, nothing else. Directories in which the database knows input files
/// are not entered. Throws Error(input_missing) where `top` is no directory, Error(usage) where it is one of inputs or lies in one.
int tidy(db::Session& session, std::string const& top, double temp_age_s);

}  // namespace nocturne
