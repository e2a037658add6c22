// Enters: words. Leaves: one line.
#include "cli/shell_words.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

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

/// Command lines are kept in products and databases: passwords of database addresses are not.
std::string without_password(std::string const& word)
{
    static std::regex const in_url("(://[^/@:\\s]*):\\S*@"), as_word("(password=)[^&\\s]*", std::regex::icase);
    return std::regex_replace(std::regex_replace(word, in_url, "$1:***@"), as_word, "$1***");
}

}  // namespace

std::string shell_line(std::vector<std::string> const& words)
{
    std::string line;
    for (auto const& word : words) line += (line.empty() ? "" : " ") + quoted(without_password(word));
    return line;
}

}  // namespace nocturne::cli
