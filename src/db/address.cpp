// Enters: what --db says, or any text. Leaves: the kind of database, and the text without its passwords.
#include "db/address.hpp"

#include "nocturne/error.hpp"

#include <regex>

#include <cctype>

namespace nocturne::db {
namespace {

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

/// What of an address is to be written as %XX (RFC 3986, 2.1); nullptr: nothing. A slash in a password ends it for the library, which then shows the
/// rest as a host or a port in what it says.
char const* unescaped(std::string const& address)
{
    for (std::size_t i = 0; i < address.size(); ++i) {
        auto const c = static_cast<unsigned char>(address[i]);
        if (c <= ' ' || c == 0x7f) return "a space or a control character";
        if (c == '%' && !(i + 2 < address.size() && is_hex(address[i + 1]) && is_hex(address[i + 2])))
            return "a '%' that no two hexadecimal digits follow";
    }
    auto const begin = address.find("://") + 3, end = address.find_first_of("/?#", begin);
    auto const at = address.find('@', begin);
    if (at == std::string::npos) return nullptr;
    if (at > end || address.find('@', at + 1) != std::string::npos) return "a '/', '?', '#' or '@'";
    return nullptr;
}

void check_escapes(std::string const& address)
{
    auto const* what = unescaped(address);
    if (!what) return;
    throw Error(
        Code::bad_config, "cannot use the database's address " + address.substr(0, address.find("://")) + "://***",
        std::string(what) + " stands in its user, password or name",
        "write what is neither letter nor digit as %XX: / as %2F, @ as %40, # as %23, % as %25, a space as %20");
}

/// A path that an address was meant by: in quotes, behind a blank, without its slashes. It may hold a password in any place.
void refuse_mistyped(std::string const& where)
{
    static std::regex const mark("://|postgres(ql)?:", std::regex::icase);
    if (!std::regex_search(where, mark)) return;
    throw Error(Code::bad_config, "cannot use the database that was named (not shown, it may hold a password)",
                "it is no path, and no address as it stands",
                "write postgresql://USER@HOST/NAME, without quotes or blanks around it; the path of an SQLite file has "
                "no 'postgresql:' in it");
}

}  // namespace

Dialect dialect_of(std::string const& where)
{
    static std::regex const address("([A-Za-z][A-Za-z0-9+.-]*)://.*");
    std::smatch found;
    static std::regex const words("(host|hostaddr|port|dbname|user|password)\\s*=.*");  // libpq's other form
    if (std::regex_match(where, words))
        throw Error(Code::bad_config, "cannot use database " + without_password(where),
                    "it is neither path nor address",
                    "name an SQLite file by its path (./ before one like this), or postgresql://USER@HOST/NAME");
    if (!std::regex_match(where, found, address)) {
        refuse_mistyped(where);
        return Dialect::sqlite;
    }
    if (found[1] == "postgresql" || found[1] == "postgres") {
        check_escapes(where);
        return Dialect::postgresql;
    }
    throw Error(Code::bad_config, "cannot use database " + without_password(where),
                "'" + found[1].str() + "' is no kind of database that is served",
                "name an SQLite file by its path alone, or postgresql://USER@HOST/NAME");
}

std::string without_password(std::string const& text)
{
    static std::regex const in_url("(://[^/@:\\s]*):\\S*@"), as_word("(password=)[^&\\s]*", std::regex::icase);
    return std::regex_replace(std::regex_replace(text, in_url, "$1:***@"), as_word, "$1***");
}

bool holds_password(std::string const& text) { return without_password(text) != text; }

}  // namespace nocturne::db
