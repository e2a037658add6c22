// Columns of ingest_queue. Enters: a query. Leaves: GroupRows. For queries of this room alone.
#pragma once

#include "db/groups.hpp"
#include "db/query.hpp"

namespace nocturne::db {

/// What a GroupRows reads, of the table that a query calls so ("q.").
std::string group_columns(std::string const& of = "");

/// Binds the columns of one group query once; `row()` makes a GroupRow of the current row.
class GroupRows {
public:
    explicit GroupRows(Query& query);
    GroupRow row() const;

private:
    Cell<std::string>&group_id_, &state_, &stage_;
    Cell<long long>&expected_, &n_;
    Cell<std::string>& missing_;
    Cell<double>&start_, &end_;
    Cell<std::string>& path_;
    Cell<long long>& retries_;
    Cell<std::string>&error_, &error_stage_;
    Cell<long long>& error_code_;
    Cell<std::string>& run_id_;
    Cell<double>&received_, &updated_;
    Cell<long long>& failures_;
    Cell<std::string>& failed_key_;
};

}  // namespace nocturne::db
