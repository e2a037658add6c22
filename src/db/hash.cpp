// Hashes of texts and of sets of inputs, xxh3-128.
#include "db/runs.hpp"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace nocturne::db {

std::string hash_text(std::string_view text)
{
    XXH128_hash_t const hash = XXH3_128bits(text.data(), text.size());
    std::array<char, 33> hex{};
    std::snprintf(hex.data(), hex.size(), "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                  static_cast<unsigned long long>(hash.low64));
    return hex.data();
}

std::string input_key(std::vector<InputFile> const& inputs)
{
    std::vector<std::string> lines;
    for (auto const& input : inputs) {
        if (input.xxh128.empty())
            throw Error(Code::defect, "input " + input.path + " has no checksum", "resume compares checksums",
                        "hash the inputs first");
        lines.push_back(std::to_string(input.subband_idx) + " " + input.xxh128 + "\n");
    }
    std::sort(lines.begin(), lines.end());
    std::string all;
    for (auto const& line : lines) all += line;
    return hash_text(all);
}

}  // namespace nocturne::db
