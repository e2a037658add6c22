// Numbers in messages: six digits, without zeros at the end.
#pragma once

#include <cstdio>
#include <string>

namespace nocturne {

inline std::string short_number(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

}  // namespace nocturne
