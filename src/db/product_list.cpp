#include "db/product_list.hpp"

#include "db/query.hpp"

namespace nocturne::db {

std::vector<ListedProduct> products_below(Session& session, std::string const& directory,
                                          std::set<std::string> const& group_ids)
{
    Query query(session,
                "SELECT group_id, run_id, product, type, path, xxh128, bytes FROM data_products "
                "WHERE substr(path, 1, :length) = :directory ORDER BY path");
    auto const start = directory + "/";
    query.bind(static_cast<std::int64_t>(start.size())).bind(start);
    auto &group = query.text(), &run = query.text(), &product = query.text(), &type = query.text(),
         &path = query.text(), &hash = query.text();
    auto& bytes = query.integer();
    std::vector<ListedProduct> list;
    while (query.fetch())
        if (group_ids.count(group.get()))
            list.push_back({group.get(), run.get(), product.get(), type.get(), path.get(), hash.get(), bytes.get()});
    return list;
}

}  // namespace nocturne::db
