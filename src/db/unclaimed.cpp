#include "db/unclaimed.hpp"

#include "db/insert_rows.hpp"

namespace nocturne::db {

void record_unclaimed(Session& session, std::string const& run_id, std::vector<UnclaimedGroup> const& groups)
{
    if (groups.empty()) return;
    transact(session, [&] {
        double const now = now_unix_s();
        RowInserter rows(session,
                         "INSERT INTO group_runs (run_id, group_id, status, started_at, finished_at, error, "
                         "error_stage, error_code) VALUES ",
                         "ON CONFLICT (run_id, group_id) DO NOTHING");
        for (auto const& [group_id, failure] : groups) {
            auto const stage = failure.stage.empty() ? std::nullopt : std::optional(failure.stage);
            rows.add(run_id, group_id, std::string("FAILED"), now, now, failure.message, stage, failure.code);
        }
        rows.flush();
    });
}

}  // namespace nocturne::db
