// Seeded damage. Enters: a seed file and a number. Leaves: the same mutant for the same number, always.
#pragma once

#include "tests/fuzz/seeds.hpp"

#include <cstdint>
#include <string>

namespace nocturne::test {

/// One to eight of: a flipped bit, a byte of another value, a field of 1 to 8 bytes set to an extreme, blocks that changed places,
/// a block that came twice, a block that is gone, a truncation, a hole of zeros. Three in four hit the structure of the file.
std::string mutant_of(Seed const& seed, std::uint64_t number);

}  // namespace nocturne::test
