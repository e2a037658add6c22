#include "db/worked_on.hpp"

#include "db/query.hpp"

namespace nocturne::db {

std::set<std::string> worked_on(Session& session, std::string const& run_id, std::vector<std::string> const& group_ids)
{
    std::set<std::string> found;
    if (group_ids.empty()) return found;
    Query query(session, "");
    query.bind(run_id);
    std::string names;
    for (std::size_t i = 0; i < group_ids.size(); ++i) {
        names += (i ? ", :g" : ":g") + std::to_string(i);
        query.bind(group_ids[i]);
    }
    query.set_text("SELECT group_id FROM group_runs WHERE run_id = :run AND group_id IN (" + names + ")");
    auto& id = query.text();
    while (query.fetch()) found.insert(id.get());
    return found;
}

}  // namespace nocturne::db
