// The list of migrations.
#include "db/migrations.hpp"
#include "db/schema_steps.hpp"

#include <array>

namespace nocturne::db {

std::span<Migration const> migrations()
{
    static std::array<Migration, 11> const steps{{
        {1, "ingest", schema_ingest},
        {2, "runs", schema_runs},
        {3, "products", schema_products},
        {4, "run owner", schema_run_owner},
        {5, "registry", schema_registry},
        {6, "notes", schema_notes},
        {7, "flagging", schema_flagging},
        {8, "history", schema_history},
        {9, "candidates", schema_candidates},
        {10, "checkpoints", schema_checkpoints},
        {11, "events", schema_events},
    }};
    return steps;
}

}  // namespace nocturne::db
