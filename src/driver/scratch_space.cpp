#include "driver/scratch_space.hpp"

#include <cstdlib>

namespace nocturne {

std::filesystem::path scratch_space()
{
    char const* const chosen = std::getenv("NOCTURNE_SCRATCH");
    std::error_code failure;
    return chosen && *chosen ? std::filesystem::path(chosen) : std::filesystem::temp_directory_path(failure);
}

}  // namespace nocturne
