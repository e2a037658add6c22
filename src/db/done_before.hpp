// What was made of files before. Enters: a checksum. Leaves: an answer.
#pragma once

#include "db/session.hpp"

namespace nocturne::db {

/// True where a run made a result of a file with this content.
bool is_input_of_result(Session& session, std::string const& xxh128);

}  // namespace nocturne::db
