// One prepared statement of the db room, with bound parameters only. Enters: SQL with :names, values in the order of the names.
// Leaves: rows through cells, or the number of rows changed.
#pragma once

#include "db/session.hpp"

#include "db/soci_headers.hpp"

#include <cmath>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace nocturne::db {

/// One column of the current row, or one bound value; null where `indicator` says so.
template<class T>
struct Cell {
    T value{};
    soci::indicator indicator = soci::i_null;

    bool null() const { return indicator == soci::i_null; }
    T get(T fallback = T{}) const { return null() ? fallback : value; }
    std::optional<T> optional() const { return null() ? std::nullopt : std::optional<T>(value); }
};

class Query {
public:
    Query(Session& session, std::string sql);

    /// Never executed again where the connection is lost, even outside a transaction: the caller finds out what took place.
    Query& once()
    {
        once_ = true;
        return *this;
    }

    /// Another text for the same values, before it is executed.
    void set_text(std::string sql) { sql_ = std::move(sql); }

    Query& bind(std::string const& value) { return use(texts_, value, soci::i_ok); }
    Query& bind(char const* value) { return bind(std::string(value)); }
    Query& bind(std::int64_t value) { return use(integers_, static_cast<long long>(value), soci::i_ok); }
    Query& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
    /// NaN and infinities are stored as NULL.
    Query& bind(double value) { return use(reals_, value, std::isfinite(value) ? soci::i_ok : soci::i_null); }
    template<class T>
    Query& bind(std::optional<T> const& value)
    {
        return value ? bind(*value) : bind_null();
    }
    Query& bind_null() { return use(texts_, std::string(), soci::i_null); }
    /// Text, NULL where empty.
    Query& bind_text_or_null(std::string const& value) { return value.empty() ? bind_null() : bind(value); }

    /// The next column of the result; the references stay valid as long as the query.
    Cell<std::string>& text() { return into(texts_); }
    Cell<long long>& integer() { return into(integers_); }
    Cell<double>& real() { return into(reals_); }

    /// Executes; returns the number of rows changed. Outside a transaction it is executed again where the connection was lost: such
    /// a statement must be one that may take place twice.
    std::int64_t run();
    /// Executes at the first call; false after the last row.
    bool fetch();

private:
    enum class Column { text, integer, real };
    struct Slot {
        Column column;
        std::size_t at;
        bool result;
    };

    template<class T>
    static constexpr Column column_of = std::is_same_v<T, std::string>
                                            ? Column::text
                                            : (std::is_same_v<T, double> ? Column::real : Column::integer);

    template<class T>
    Query& use(std::deque<Cell<T>>& cells, T value, soci::indicator indicator)
    {
        cells.push_back({std::move(value), indicator});
        slots_.push_back({column_of<T>, cells.size() - 1, false});
        return *this;
    }
    template<class T>
    Cell<T>& into(std::deque<Cell<T>>& cells)
    {
        cells.emplace_back();
        slots_.push_back({column_of<T>, cells.size() - 1, true});
        return cells.back();
    }
    template<class T>
    void exchange(Cell<T>& cell, bool result);
    void execute(bool with_first_row);

    Session& session_;
    std::string sql_;
    std::deque<Cell<std::string>> texts_;
    std::deque<Cell<long long>> integers_;
    std::deque<Cell<double>> reals_;
    std::vector<Slot> slots_;
    std::optional<soci::statement> statement_;
    bool executed_ = false, once_ = false;
};

/// Executes one statement without parameters; the first column of its first row, "" where there is none. Throws what SOCI
/// throws: call it within `guarded`. (soci::session's operator << would do, but UBSan cannot link its reference counting.)
std::string ask(soci::session& sql, std::string const& text);
/// The same, for no longer than the session's patience with a silent server lasts.
std::string ask_in_time(Session& session, std::string const& text);

}  // namespace nocturne::db
