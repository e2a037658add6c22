// Words as a shell takes them. Enters: any text. Leaves: text that a shell reads back as just these words, and nothing else.
#pragma once

#include "db/address.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// The words of a command as one line that a POSIX shell reads back as they are, for provenance: `nocturne fit 'a b'`.
std::string shell_line(std::vector<std::string> const& words);

/// The same for a record that others read: the home directory is ~ (behind a =, where no shell takes that for one, $HOME).
std::string recorded_line(std::vector<std::string> const& words);

/// One word for a script of bash: printable ASCII on one line, whatever bytes it has ($'a\x0ab'). Data, never a command.
std::string bash_word(std::string const& word);

/// The same, the home directory as "$HOME" where a path begins with it, alone or behind a =.
std::string script_word(std::string const& word);

using db::holds_password;
using db::without_password;  ///< *** for passwords of database addresses

}  // namespace nocturne
