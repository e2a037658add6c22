// The nearest name: for errors that say what was probably meant.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace nocturne {

/// The candidate nearest to `word` by edit distance (Levenshtein), or "" where none is within max(2, length / 3).
inline std::string nearest(std::string const& word, std::vector<std::string> const& candidates)
{
    std::string best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (auto const& candidate : candidates) {
        std::vector<std::size_t> row(candidate.size() + 1);
        for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= word.size(); ++i) {
            std::size_t diagonal = row[0];
            row[0] = i;
            for (std::size_t j = 1; j < row.size(); ++j) {
                std::size_t const replace = diagonal + (word[i - 1] != candidate[j - 1]);
                diagonal = row[j];
                row[j] = std::min({replace, row[j] + 1, row[j - 1] + 1});
            }
        }
        if (row.back() < least) {
            least = row.back();
            best = candidate;
        }
    }
    return best;
}

/// "; did you mean 'x'?" or "" where nothing is near.
inline std::string did_you_mean(std::string const& word, std::vector<std::string> const& candidates)
{
    auto const best = nearest(word, candidates);
    return best.empty() ? "" : "; did you mean '" + best + "'?";
}

}  // namespace nocturne
