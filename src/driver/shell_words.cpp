#include "driver/shell_words.hpp"

#include "driver/home.hpp"

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

/// A word in which a path in the home directory begins, alone or behind a =: what is before it, and what follows a / after it.
struct InHome {
    bool found = false;
    std::string before, after;
};

InHome in_home(std::string const& word)
{
    auto const* const set = std::getenv("HOME");
    std::string home = set ? set : "";
    while (home.size() > 1 && home.back() == '/') home.pop_back();
    auto const at = word.starts_with(home) ? 0 : word.find("=" + home) + 1;  // npos + 1 = 0
    if (home.size() < 2 || word.compare(at, home.size(), home) != 0) return {};
    auto const rest = word.substr(at + home.size());
    if (!rest.empty() && rest.front() != '/') return {};
    return {true, word.substr(0, at), rest.empty() ? "" : rest.substr(1)};
}

std::string recorded(std::string const& word)
{
    auto const part = in_home(word);
    if (!part.found) return quoted(word);
    auto const home = part.before.empty() ? std::string("~") : quoted(part.before) + "$HOME";
    return part.after.empty() ? home : home + "/" + quoted(part.after);
}

}  // namespace

std::string recorded_line(std::vector<std::string> const& words)
{
    std::string line;
    for (auto const& word : words) line += (line.empty() ? "" : " ") + recorded(without_password(word));
    return without_home(std::move(line));
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

std::string script_word(std::string const& word)
{
    auto const part = in_home(word);
    if (!part.found) return bash_word(word);
    auto const home = (part.before.empty() ? "" : bash_word(part.before)) + "\"$HOME\"";
    return part.after.empty() ? home : home + "/" + bash_word(part.after);
}

}  // namespace nocturne
