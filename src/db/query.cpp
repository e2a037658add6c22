// Enters: SQL and values. Leaves: rows; SOCI's exceptions become Errors that name the database.
#include "db/query.hpp"

#include "db/postgresql.hpp"

namespace nocturne::db {
namespace {

int socket_of(Session& session)
{
    return session.dialect() == Dialect::postgresql ? socket_of_postgresql(session.soci()) : -1;
}

}  // namespace

Query::Query(Session& session, std::string sql) : session_(session), sql_(std::move(sql)) {}

template<class T>
void Query::exchange(Cell<T>& cell, bool result)
{
    if (result)
        statement_->exchange(soci::into(cell.value, cell.indicator));
    else
        statement_->exchange(soci::use(cell.value, cell.indicator));
}

void Query::execute(bool with_first_row)
{
    auto const once = [&] {
        AnswerWait const limit(socket_of(session_), session_.silence());
        statement_.emplace(session_.soci());
        for (auto const& slot : slots_)
            if (slot.column == Column::text)
                exchange(texts_[slot.at], slot.result);
            else if (slot.column == Column::integer)
                exchange(integers_[slot.at], slot.result);
            else
                exchange(reals_[slot.at], slot.result);
        statement_->alloc();
        // Asked once: no plan to keep, which spares PostgreSQL two of three ways to the server and back.
        statement_->prepare(sql_, soci::details::st_one_time_query);
        statement_->define_and_bind();
        statement_->execute(with_first_row);
    };
    for (;;) {
        try {
            return guarded(session_.path(), "query", once);
        } catch (ConnectionLost const& lost) {
            statement_.reset();
            if (session_.in_transaction() || once_) throw;
            session_.reconnect(lost);
        }
    }
}

std::int64_t Query::run()
{
    execute(true);
    return statement_->get_affected_rows();
}

bool Query::fetch()
{
    if (!executed_) execute(false);
    executed_ = true;
    bool got = false;
    guarded(session_.path(), "query", [&] { got = statement_->fetch(); });
    return got;
}

std::string ask_in_time(Session& session, std::string const& text)
{
    AnswerWait const limit(socket_of(session), session.silence());
    return ask(session.soci(), text);
}

std::string ask(soci::session& sql, std::string const& text)
{
    Cell<std::string> answer;
    soci::statement statement(sql);
    statement.exchange(soci::into(answer.value, answer.indicator));
    statement.alloc();
    statement.prepare(text, soci::details::st_one_time_query);
    statement.define_and_bind();
    return statement.execute(true) ? answer.get() : "";
}

}  // namespace nocturne::db
