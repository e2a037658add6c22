// Enters: what --db says, or any text. Leaves: the kind of database, and the text without its passwords.
#include "db/address.hpp"

#include "nocturne/error.hpp"

#include <regex>

namespace nocturne::db {

Dialect dialect_of(std::string const& where)
{
    static std::regex const address("([A-Za-z][A-Za-z0-9+.-]*)://.*");
    std::smatch found;
    static std::regex const words("(host|hostaddr|port|dbname|user|password)\\s*=.*");  // libpq's other form
    if (std::regex_match(where, words))
        throw Error(Code::bad_config, "cannot use database " + without_password(where),
                    "it is neither path nor address",
                    "name an SQLite file by its path (./ before one like this), or postgresql://USER@HOST/NAME");
    if (!std::regex_match(where, found, address)) return Dialect::sqlite;
    if (found[1] == "postgresql" || found[1] == "postgres") return Dialect::postgresql;
    throw Error(Code::bad_config, "cannot use database " + without_password(where),
                "'" + found[1].str() + "' is no kind of database that is served",
                "name an SQLite file by its path alone, or postgresql://USER@HOST/NAME");
}

std::string without_password(std::string const& text)
{
    static std::regex const in_url("(://[^/@:\\s]*):\\S*@"), as_word("(password=)[^&\\s]*", std::regex::icase);
    return std::regex_replace(std::regex_replace(text, in_url, "$1:***@"), as_word, "$1***");
}

}  // namespace nocturne::db
