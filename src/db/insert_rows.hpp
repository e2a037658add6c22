// Many rows by few statements. Enters: rows of values. Leaves: INSERT … VALUES, hundreds of rows at a time.
#pragma once

#include "db/query.hpp"

#include <optional>
#include <string>

namespace nocturne::db {

class RowInserter {
public:
    /// `insert`: "INSERT INTO table (columns) VALUES "; `tail`: what follows the values, such as ON CONFLICT DO NOTHING.
    RowInserter(Session& session, std::string insert, std::string tail = "")
        : session_(session), insert_(std::move(insert)), tail_(std::move(tail))
    {}

    /// One value a column: texts, integers, numbers, optionals of them (nothing: NULL).
    template<class... Values>
    void add(Values const&... values)
    {
        if (!query_) query_.emplace(session_, "");
        text_ += text_.empty() ? "(" : ", (";
        bool first = true;
        auto const one = [&](auto const& value) {
            text_ += (first ? ":v" : ", :v") + std::to_string(n_values_++);
            first = false;
            query_->bind(value);
        };
        (one(values), ...);
        text_ += ")";
        if (++n_rows_ == at_once) flush();
    }

    /// Writes what was added since; to be called after the last row.
    void flush()
    {
        if (!query_) return;
        query_->set_text(insert_ + text_ + " " + tail_);
        query_->run();
        query_.reset();
        text_.clear();
        n_rows_ = n_values_ = 0;
    }

private:
    static constexpr int at_once = 500;
    Session& session_;
    std::string insert_, tail_, text_;
    std::optional<Query> query_;
    int n_rows_ = 0, n_values_ = 0;
};

}  // namespace nocturne::db
