// Enters: what --db says, or any text. Leaves: the kind of database, and the text without its passwords.
#include "db/address.hpp"

#include <regex>

namespace nocturne::db {

Dialect dialect_of(std::string const& where)
{
    bool const url = where.rfind("postgresql://", 0) == 0 || where.rfind("postgres://", 0) == 0;
    return url ? Dialect::postgresql : Dialect::sqlite;
}

std::string without_password(std::string const& text)
{
    static std::regex const in_url("(://[^/@:\\s]*):\\S*@"), as_word("(password=)[^&\\s]*", std::regex::icase);
    return std::regex_replace(std::regex_replace(text, in_url, "$1:***@"), as_word, "$1***");
}

}  // namespace nocturne::db
