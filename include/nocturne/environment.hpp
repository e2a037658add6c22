// Variables of the environment.
#pragma once

#include <cstdlib>
#include <string>

namespace nocturne {

/// "" where it is not set.
inline std::string environment(char const* name)
{
    char const* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace nocturne
