#include "driver/shell_words.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace nocturne {
namespace {

bool harmless(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string("@%+=:,./-_").find(c) != std::string::npos;
}

bool printable(char c) { return c >= ' ' && c <= '~'; }

std::string quoted(std::string const& word)
{
    if (!word.empty() && std::all_of(word.begin(), word.end(), harmless)) return word;
    std::string text = "'";
    for (char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

/// $'…' of bash: every byte that is not printable as \xNN.
std::string escaped(std::string const& word)
{
    std::string text = "$'";
    for (char c : word) {
        char hex[8];
        std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(c));
        text += !printable(c) || c == '\'' || c == '\\' ? std::string(hex) : std::string(1, c);
    }
    return text + "'";
}

std::string quoted_without_home(std::string const& word, std::string const& home)
{
    auto const at = word.starts_with(home) ? 0 : word.find("=" + home) + 1;  // npos + 1 = 0
    bool const found = word.compare(at, home.size(), home) == 0;
    auto const rest = found ? word.substr(at + home.size()) : "";
    if (!found || !(rest.empty() || rest.front() == '/')) return quoted(word);
    auto const head = at == 0 ? std::string("~") : quoted(word.substr(0, at)) + "$HOME";
    return rest.size() < 2 ? head + rest : head + "/" + quoted(rest.substr(1));
}

}  // namespace

std::string recorded_line(std::vector<std::string> const& words)
{
    auto const* const set = std::getenv("HOME");
    std::string home = set ? set : "";
    while (home.size() > 1 && home.back() == '/') home.pop_back();
    if (home.size() < 2) return shell_line(words);
    std::string line;
    for (auto const& word : words)
        line += (line.empty() ? "" : " ") + quoted_without_home(without_password(word), home);
    return line;
}

std::string shell_line(std::vector<std::string> const& words)
{
    std::string line;
    for (auto const& word : words) line += (line.empty() ? "" : " ") + quoted(without_password(word));
    return line;
}

std::string bash_word(std::string const& word)
{
    bool const plain = std::all_of(word.begin(), word.end(), printable) && word.find('\'') == std::string::npos;
    if (!plain) return escaped(word);
    bool const simple = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string("./-_").find(c) != std::string::npos;
    });
    return simple ? word : "'" + word + "'";
}

}  // namespace nocturne
