// Letters of 5 × 7 pixels for pictures. Enters: a character. Leaves: its columns.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace nocturne {

constexpr int letter_width = 5, letter_height = 7;

/// Columns from the left, bit 0 the uppermost pixel; small letters are drawn as capitals, what is not known as a gap.
std::array<std::uint8_t, letter_width> letter_columns(char c);

/// Bytes that `letter_columns` knows: ², χ, ² and other letters of several bytes become ASCII or go.
std::string drawable(std::string const& utf8);

}  // namespace nocturne
