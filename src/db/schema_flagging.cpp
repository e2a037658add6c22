// Migration 7: which strategies of flags a group of a run went through.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_flagging = R"sql(
ALTER TABLE group_runs ADD COLUMN flagging TEXT;
)sql";

}  // namespace nocturne::db
