// cfitsio's status words as Errors. For src/io alone.
#pragma once

#include "nocturne/error.hpp"

#include <fitsio.h>

#include <string>

namespace nocturne::fits {

/// The code of the Stokes axis (FITS standard 4.0, table 29): I 1, XX −5, YY −6, …; 0 where unknown.
inline int stokes_code(std::string const& stokes)
{
    static constexpr struct {
        char const* name;
        int code;
    } codes[] = {{"I", 1},   {"Q", 2},   {"U", 3},   {"V", 4},   {"RR", -1}, {"LL", -2},
                 {"RL", -3}, {"LR", -4}, {"XX", -5}, {"YY", -6}, {"XY", -7}, {"YX", -8}};
    for (auto const& entry : codes)
        if (stokes == entry.name) return entry.code;
    return 0;
}

/// The reverse of `stokes_code`; "I" where the code is unknown.
inline std::string stokes_name(int code)
{
    for (auto const* name : {"I", "Q", "U", "V", "RR", "LL", "RL", "LR", "XX", "YY", "XY", "YX"})
        if (stokes_code(name) == code) return name;
    return "I";
}

inline std::string status_text(int status)
{
    char text[FLEN_STATUS] = {}, line[FLEN_ERRMSG] = {};
    fits_get_errstatus(status, text);
    std::string all = std::string("cfitsio: ") + text;
    while (fits_read_errmsg(line)) all += std::string("; ") + line;
    return all;
}

inline void check(int status, Code code, std::string const& what)
{
    if (status != 0) throw Error(code, what, status_text(status), "see the reason");
}

}  // namespace nocturne::fits
