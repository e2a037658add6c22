#include "db/product_list.hpp"

#include "db/query.hpp"

namespace nocturne::db {
namespace {

/// Of all results that stand: those that were asked for.
std::vector<std::string> configurations(Session& session, std::function<bool(std::string const&)> const& asked_for)
{
    Query query(session, "SELECT DISTINCT config FROM group_runs WHERE status = 'COMPLETED' AND config IS NOT NULL");
    auto& config = query.text();
    std::vector<std::string> wanted;
    while (query.fetch())
        if (asked_for(config.get())) wanted.push_back(config.get());
    return wanted;
}

}  // namespace

std::vector<ListedProduct> products_below(Session& session, std::string const& directory,
                                          std::set<std::string> const& group_ids,
                                          std::function<bool(std::string const&)> const& asked_for)
{
    auto const wanted = configurations(session, asked_for);
    std::string names = "NULL";
    for (std::size_t i = 0; i < wanted.size(); ++i) names += ", :c" + std::to_string(i);
    // A result's are the products that it made, and those of earlier ones that its stages took over.
    Query query(session,
                "SELECT p.group_id, p.run_id, p.product, p.type, p.path, p.xxh128, p.bytes, CASE WHEN EXISTS (SELECT 1 "
                "FROM group_runs g WHERE g.group_id = p.group_id AND g.status = 'COMPLETED' AND g.config IN (" +
                    names +
                    ") AND (g.run_id = p.run_id OR EXISTS (SELECT 1 FROM checkpoints c WHERE c.run_id = g.run_id AND "
                    "c.group_id = g.group_id AND c.made_by = p.run_id AND c.product = p.product))) THEN 1 ELSE 0 END "
                    "FROM data_products p WHERE substr(p.path, 1, length(:directory)) = :same ORDER BY p.path");
    for (auto const& config : wanted) query.bind(config);
    auto const start = directory + "/";
    query.bind(start).bind(start);
    auto &group = query.text(), &run = query.text(), &product = query.text(), &type = query.text(),
         &path = query.text(), &hash = query.text();
    auto &bytes = query.integer(), &is_wanted = query.integer();
    std::vector<ListedProduct> list;
    while (query.fetch())
        if (group_ids.count(group.get()))
            list.push_back({group.get(), run.get(), product.get(), type.get(), path.get(), hash.get(), bytes.get(),
                            is_wanted.get() != 0});
    return list;
}

bool has_products_below(Session& session, std::string directory)
{
    if (!directory.ends_with('/')) directory += '/';
    Query query(session, "SELECT path FROM data_products WHERE substr(path, 1, length(:directory)) = :same LIMIT 1");
    query.bind(directory).bind(directory);
    query.text();
    return query.fetch();
}

}  // namespace nocturne::db
