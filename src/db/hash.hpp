// Hashes of texts: configurations, migrations.
#pragma once

#include <string>
#include <string_view>

namespace nocturne::db {

/// xxh3-128 of a text, 32 hex digits.
std::string hash_text(std::string_view text);

}  // namespace nocturne::db
