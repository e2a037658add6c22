#include "db/done_before.hpp"

#include "db/query.hpp"

namespace nocturne::db {

bool is_input_of_result(Session& session, std::string const& xxh128)
{
    Query query(session, "SELECT run_id FROM run_inputs WHERE xxh128 = :hash LIMIT 1");
    query.bind(xxh128);
    query.text();
    return query.fetch();
}

}  // namespace nocturne::db
