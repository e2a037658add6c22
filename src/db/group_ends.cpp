#include "db/group_ends.hpp"

#include "db/query.hpp"

namespace nocturne::db {

bool give_back(Session& session, Claim const& claim, std::string const& why)
{
    return Query(session,
                 "UPDATE ingest_queue SET state = 'pending', processing_stage = 'pending', lease_owner = NULL, "
                 "lease_expires = NULL, error = :why, last_update = :now "
                 "WHERE group_id = :id AND state = 'in_progress' AND fence = :fence AND run_id = :run")
               .bind_text_or_null(why)
               .bind(now_unix_s())
               .bind(claim.group_id)
               .bind(claim.fence)
               .bind(claim.run_id)
               .run() == 1;
}

void close_group_run(Session& session, Claim const& claim, char const* status, Failure const& failure)
{
    Query(session,
          "UPDATE group_runs SET status = :status, finished_at = :now, error = :error, error_stage = :stage, "
          "error_code = :code WHERE run_id = :run AND group_id = :id")
        .bind(status)
        .bind(now_unix_s())
        .bind_text_or_null(failure.message)
        .bind_text_or_null(failure.stage)
        .bind(failure.code)
        .bind(claim.run_id)
        .bind(claim.group_id)
        .run();
}

}  // namespace nocturne::db
