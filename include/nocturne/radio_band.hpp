// Frequencies that an array on the ground can observe: beyond them a file's are not in Hz.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace nocturne {

constexpr double lowest_radio_hz = 1e6, highest_radio_hz = 1e13;

/// "" where all are; else what is wrong, for an error.
inline std::string not_in_hz(std::vector<double> const& freq_hz)
{
    auto const odd = std::find_if(freq_hz.begin(), freq_hz.end(),
                                  [](double hz) { return !(hz >= lowest_radio_hz && hz <= highest_radio_hz); });
    if (odd == freq_hz.end()) return "";
    return std::to_string(*odd) + " Hz: no array observes there; frequencies must be in Hz";
}

}  // namespace nocturne
