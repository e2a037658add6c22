// Lines of a CSV. Enters: a line. Leaves: its fields.
#pragma once

#include <string>
#include <vector>

namespace nocturne {

/// Without spaces, tabs and a carriage return at both ends.
std::string trimmed(std::string const& text);

/// A field may be quoted as a whole, and "" in it is one quote; a quote within a bare field is itself. Throws Error(bad_config) where
/// a quote is not closed.
std::vector<std::string> csv_fields(std::string const& line);

/// One field, as `csv_fields` reads it back.
std::string csv_field(std::string const& text);

}  // namespace nocturne
