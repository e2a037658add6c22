// A command line as a person can paste it again. Enters: words. Leaves: one line, quoted for a POSIX shell.
#pragma once

#include <string>
#include <vector>

namespace nocturne::cli {

/// Passwords of database addresses become ***: command lines are kept in products and databases. Words with anything but letters, digits and harmless signs are put into single quotes; a ' becomes '\''.
std::string shell_line(std::vector<std::string> const& words);

}  // namespace nocturne::cli
