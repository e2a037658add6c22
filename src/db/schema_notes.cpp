// Migration 6: what the reader noted of a group's files, with the result that was made of them.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_notes = R"sql(
ALTER TABLE group_runs ADD COLUMN notes TEXT;
)sql";

}  // namespace nocturne::db
