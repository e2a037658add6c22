// Errors of inputs that are not what they must be: the problem and its reason go in, an Error of Code::bad_input with advice comes out.
#pragma once

#include "nocturne/error.hpp"

#include <string>
#include <utility>

namespace nocturne {

inline Error bad_input(std::string problem, std::string reason, std::string advice)
{
    return Error(Code::bad_input, std::move(problem), std::move(reason), std::move(advice));
}

/// Of the data of a file, or of what describes them.
inline Error bad_file(std::string problem, std::string reason)
{
    return bad_input(std::move(problem), std::move(reason), "repair the file or take it out of the group");
}

/// Of an entry of a header that can be mended by itself.
inline Error bad_header(std::string problem, std::string reason)
{
    return bad_input(std::move(problem), std::move(reason), "repair the header");
}

}  // namespace nocturne
