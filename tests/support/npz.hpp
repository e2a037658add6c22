// Arrays of a .npz file that our own writer made, as bytes, for tests. Source: PKWARE APPNOTE 6.3.9; NumPy's format.py (npy 1.0).
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace nocturne::test {

/// Name → the array's bytes, behind its .npy header.
inline std::map<std::string, std::string> npz_arrays(std::string const& file)
{
    auto const number = [&](std::size_t at, std::size_t bytes) {
        std::uint64_t value = 0;
        std::memcpy(&value, file.data() + at, bytes);
        return value;
    };
    std::map<std::string, std::string> arrays;
    for (std::size_t at = 0; at + 30 < file.size() && file.compare(at, 4, "PK\3\4") == 0;) {
        auto const name_bytes = number(at + 26, 2), extra_bytes = number(at + 28, 2);
        auto const name = file.substr(at + 30, name_bytes);
        auto const size = number(at + 30 + name_bytes + 4, 8);  // zip64: behind the extra field's mark and length
        auto const start = at + 30 + name_bytes + extra_bytes;
        auto const header = 10 + number(start + 8, 2);
        arrays[name.substr(0, name.rfind(".npy"))] = file.substr(start + header, size - header);
        at = start + size;
    }
    return arrays;
}

/// The elements of an array.
template<class T>
std::vector<T> elements(std::string const& bytes)
{
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
}

}  // namespace nocturne::test
