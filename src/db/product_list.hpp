// Files as workflow managers want them. Enters: groups, a directory. Leaves: the rows of data_products there.
#pragma once

#include "db/session.hpp"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace nocturne::db {

struct ListedProduct {
    std::string group_id, run_id, product, type, path, xxh128;
    std::int64_t bytes = 0;
    bool wanted = false;  ///< of a result that stands and is of a configuration that was asked for
};

/// What was recorded of these groups below `directory` (absolute, without a final slash), by path. `asked_for`: of the configuration (JSON, as recorded) of
/// a result.
std::vector<ListedProduct> products_below(Session& session, std::string const& directory,
                                          std::set<std::string> const& group_ids,
                                          std::function<bool(std::string const&)> const& asked_for);

/// True where any product below `directory` (absolute) is recorded.
bool has_products_below(Session& session, std::string directory);

}  // namespace nocturne::db
