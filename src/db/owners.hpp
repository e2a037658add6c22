// Who holds a claim: the name of a process, and whether it still lives.
#pragma once

#include <optional>
#include <string>

namespace nocturne::db {

struct Owner {
    std::string host, start;
    long pid = 0;
};

/// The parts of "host:pid:start"; nothing where it is not of this form.
std::optional<Owner> parse_owner(std::string const& text);

/// A process of this host holds its claim as long as it lives, of other hosts the lease alone tells (`expires`: Unix seconds).
bool abandoned(std::string const& owner, double expires);

}  // namespace nocturne::db
