// Migration 4: which process leads a run, so that a run that was killed is not taken for one that runs.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_run_owner = R"sql(
ALTER TABLE runs ADD COLUMN owner TEXT;
)sql";

}  // namespace nocturne::db
