// The texts of the migrations, one file a step. A released step is never edited.
#pragma once

#include <string_view>

namespace nocturne::db {

extern std::string_view const schema_ingest;    ///< step 1: files, groups, queue
extern std::string_view const schema_runs;      ///< step 2: runs, inputs, stage timings
extern std::string_view const schema_products;  ///< step 3: ms_index, images, products, lineage

extern std::string_view const schema_run_owner;    ///< step 4: the process that leads a run
extern std::string_view const schema_registry;     ///< step 5: solutions, and what they were applied to
extern std::string_view const schema_notes;        ///< step 6: what was noted of the inputs of a result
extern std::string_view const schema_flagging;     ///< step 7: strategies of flags
extern std::string_view const schema_history;      ///< step 8: moves of groups and runs, checked and remembered
extern std::string_view const schema_candidates;   ///< step 9: what stood out in single integrations
extern std::string_view const schema_checkpoints;  ///< step 10: checkpoints, failures that count, deleted files
extern std::string_view const schema_events;       ///< step 11: events of runs

}  // namespace nocturne::db
