// Times for people and for JSON: "2026-11-21T07:05:01Z".
#pragma once

#include <cmath>
#include <ctime>
#include <string>

namespace nocturne {

/// Seconds since 1970, whole ones.
inline std::string utc_text(double unix_s)
{
    auto const time = static_cast<std::time_t>(std::floor(unix_s));
    std::tm parts{};
    gmtime_r(&time, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

inline std::string utc_now() { return utc_text(static_cast<double>(std::time(nullptr))); }

}  // namespace nocturne
