// Enters: words. Leaves: one line.
#include "cli/shell_words.hpp"

#include <algorithm>
#include <cctype>

namespace nocturne::cli {
namespace {

bool harmless(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string("@%+=:,./-_").find(c) != std::string::npos;
}

std::string quoted(std::string const& word)
{
    if (!word.empty() && std::all_of(word.begin(), word.end(), harmless)) return word;
    std::string text = "'";
    for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

}  // namespace

std::string shell_line(std::vector<std::string> const& words)
{
    std::string line;
    for (auto const& word : words) line += (line.empty() ? "" : " ") + quoted(word);
    return line;
}

}  // namespace nocturne::cli
