// One directory of products with two databases: neither knows what the other has done. Enters: the directory, a database. Leaves: a word of warning.
#pragma once

#include "db/session.hpp"

#include <string>

namespace nocturne {

/// Warns where `out` holds images of a run that the database does not know, while it knows no product there at all: each database would do every
/// group once. A run that was killed is known, and so is the directory to an older copy of its database.
void warn_of_products_of_others(std::string const& out, db::Session& session);

}  // namespace nocturne
