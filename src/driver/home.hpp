// Enters: text for others' eyes (events, reports, HISTORY). Leaves: the same without this user's home directory.
#pragma once

#include <string>

namespace nocturne {

/// The home directory (of $HOME, and of the user's entry in passwd) is ~ wherever a path begins with it.
std::string without_home(std::string text);

}  // namespace nocturne
