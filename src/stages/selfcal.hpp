// Rounds of self-calibration, as a user writes them.
#pragma once

#include "nocturne/error.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// "p,p,ap" as words. Throws Error(code) for others than p and ap, and for none.
std::vector<std::string> split_rounds(std::string const& text, Code code);

}  // namespace nocturne
