// Lists in texts: words in, one text out, and back.
#pragma once

#include <cctype>
#include <sstream>
#include <string>
#include <vector>

namespace nocturne {

/// The words one after the other, with a separator between two.
template<class Words>
std::string join(Words const& words, char const* separator = ", ")
{
    std::string all;
    bool first = true;
    for (auto const& word : words) {
        if (!first) all += separator;
        all += word;
        first = false;
    }
    return all;
}

/// The words between separators; empty ones are left out.
inline std::vector<std::string> split(std::string const& text, char separator = ',')
{
    std::vector<std::string> words;
    std::istringstream list(text);
    for (std::string word; std::getline(list, word, separator);)
        if (!word.empty()) words.push_back(word);
    return words;
}

/// Of ASCII; other bytes stay as they are.
inline std::string lower(std::string text)
{
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace nocturne
