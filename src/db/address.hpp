// Where a database is: the path of an SQLite file, or a postgresql:// address.
#pragma once

#include <string>

namespace nocturne::db {

/// Where no database is named: in the working directory.
constexpr char const* default_database = "nocturne.sqlite";

/// The two kinds of database; all of this room works on both.
enum class Dialect { sqlite, postgresql };

/// postgresql where `where` begins with postgresql:// or postgres://, sqlite where it is no address; Error(bad_config) for other schemes, and for
/// addresses in whose user, password or name stands what is to be written as %XX, or that are mistyped (these are shown nowhere).
Dialect dialect_of(std::string const& where);

/// Text with the passwords of database addresses replaced by ***: what logs, errors, products and records may say.
std::string without_password(std::string const& text);
bool holds_password(std::string const& text);

}  // namespace nocturne::db
