// Text of files and of names as UTF-8, which JSON, FITS headers' readers and databases want.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nocturne {

/// Bytes of the well-formed character (Unicode 15, table 3-7) that text begins with; 0 where it begins with none.
inline std::size_t utf8_length(std::string_view text)
{
    auto const byte = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0; };
    auto const follows = [&](std::size_t i, int low = 0x80, int high = 0xbf) {
        return byte(i) >= low && byte(i) <= high;
    };
    int const first = byte(0);
    if (text.empty()) return 0;
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef)
        return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
    if (first >= 0xf0 && first <= 0xf4)
        return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
    return 0;
}

inline bool is_utf8(std::string_view text)
{
    for (std::size_t n = 0; !text.empty(); text.remove_prefix(n))
        if ((n = utf8_length(text)) == 0) return false;
    return true;
}

/// Text that is not UTF-8 is taken for Latin-1, as old headers have it.
inline std::string as_utf8(std::string text)
{
    if (is_utf8(text)) return text;
    std::string made;
    for (char const c : text) {
        auto const byte = static_cast<std::uint8_t>(c);
        if (byte < 0x80) {
            made += c;
        } else {
            made += static_cast<char>(0xc0 | byte >> 6);
            made += static_cast<char>(0x80 | (byte & 0x3f));
        }
    }
    return made;
}

/// For people: bytes that are no UTF-8 as \xff.
inline std::string escaped_utf8(std::string_view text)
{
    constexpr char const* digits = "0123456789abcdef";
    std::string made;
    while (!text.empty()) {
        auto const n = utf8_length(text);
        auto const byte = static_cast<std::uint8_t>(text.front());
        if (n == 0)
            made += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        else
            made += text.substr(0, n);
        text.remove_prefix(n == 0 ? 1 : n);
    }
    return made;
}

}  // namespace nocturne
