// Enters: SQL and values. Leaves: rows; SOCI's exceptions become Errors that name the database.
#include "db/query.hpp"

namespace nocturne::db {

Query::Query(Session& session, std::string sql) : session_(session), sql_(std::move(sql)), statement_(session.soci()) {}

void Query::prepare()
{
    statement_.alloc();
    statement_.prepare(sql_);
    statement_.define_and_bind();
}

std::int64_t Query::run()
{
    std::int64_t changed = 0;
    guarded(session_.path(), "query", [&] {
        prepare();
        statement_.execute(true);
        changed = statement_.get_affected_rows();
    });
    return changed;
}

bool Query::fetch()
{
    bool got = false;
    guarded(session_.path(), "query", [&] {
        if (!executed_) {
            prepare();
            statement_.execute(false);
            executed_ = true;
        }
        got = statement_.fetch();
    });
    return got;
}

std::string ask(soci::session& sql, std::string const& text)
{
    Cell<std::string> answer;
    soci::statement statement(sql);
    statement.exchange(soci::into(answer.value, answer.indicator));
    statement.alloc();
    statement.prepare(text);
    statement.define_and_bind();
    return statement.execute(true) ? answer.get() : "";
}

}  // namespace nocturne::db
