// Enters: text for others' eyes (events, reports, HISTORY). Leaves: the same without this user's home directory.
#pragma once

#include <string>

namespace nocturne {

/// The home directory (of $HOME, and of the user's entry in passwd) is ~ wherever a path begins with it.
std::string without_home(std::string text);

/// As it is, for a terminal, a pipe, a file; without home where standard output is the log itself (that of a batch job): the file
/// that is standard error, too.
std::string for_output(std::string text);

}  // namespace nocturne
