// `${{ group.path }}` in job files: values only, never a shell.
#pragma once

#include <map>
#include <string>

namespace nocturne {

/// Replaces each `${{ args.NAME }}` in `text` by its value. Throws Error(bad_config) on an unknown group or name (with the
/// nearest), or an unclosed `${{`.
std::string expand_template(std::string const& text, std::map<std::string, std::string> const& args);

/// NAME, where the text is `${{ args.NAME }}` and nothing else; else "".
std::string lone_argument(std::string const& text);

}  // namespace nocturne
