#include "db/done_before.hpp"

#include "db/groups.hpp"
#include "db/query.hpp"

namespace nocturne::db {

bool settle_done(Session& session, std::string const& group_id, double last_update_s)
{
    return transact(session, [&] {
        double const now = now_unix_s();
        auto const begun =
            Query(session,
                  "UPDATE ingest_queue SET state = 'in_progress', last_update = :now WHERE group_id = :id "
                  "AND state = 'pending' AND last_update = :seen AND (error IS NULL OR error NOT LIKE "
                  ":again)")
                .bind(now)
                .bind(group_id)
                .bind(last_update_s)
                .bind(std::string(done_again) + "%")
                .run();
        if (begun != 1) return false;
        Query(
            session,
            "UPDATE ingest_queue SET state = 'completed', processing_stage = 'done', error = NULL, error_stage = NULL, "
            "error_code = NULL, failures = 0, failed_key = NULL, last_update = :now WHERE group_id = :id")
            .bind(now)
            .bind(group_id)
            .run();
        return true;
    });
}

bool is_input_of_result(Session& session, std::string const& xxh128)
{
    Query query(session, "SELECT run_id FROM run_inputs WHERE xxh128 = :hash LIMIT 1");
    query.bind(xxh128);
    query.text();
    return query.fetch();
}

}  // namespace nocturne::db
