// Enters: "RA,DEC" in degrees or sexagesimal. Leaves: a direction (ICRS).
#include "cli/sky_position.hpp"

#include "nocturne/error.hpp"

#include <cmath>
#include <cstdlib>
#include <optional>

namespace nocturne::cli {
namespace {

std::optional<double> number(std::string const& text)
{
    char* end = nullptr;
    double const value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value)) return std::nullopt;
    return value;
}

/// "-12:30:45.6" as −(12 + 30/60 + 45.6/3600); parts after the first in [0, 60).
std::optional<double> sexagesimal(std::string text)
{
    bool const negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.erase(0, 1);
    double sum = 0, unit = 1;
    int parts = 0;
    for (std::size_t start = 0; start <= text.size(); ++parts, unit /= 60) {
        auto const end = std::min(text.find(':', start), text.size());
        auto const part = number(text.substr(start, end - start));
        if (!part || *part < 0 || std::signbit(*part) || (parts > 0 && *part >= 60) || parts > 2) return std::nullopt;
        sum += *part * unit;
        start = end + 1;
    }
    return negative ? -sum : sum;
}

}  // namespace

Direction parse_position(std::string const& text, std::string const& option)
{
    auto const comma = text.find(',');
    auto const first = text.substr(0, comma), second = comma == std::string::npos ? "" : text.substr(comma + 1);
    auto const has_parts = [](std::string const& coordinate) { return coordinate.find(':') != std::string::npos; };
    bool const parts = has_parts(first), mixed = parts != has_parts(second);
    auto ra = parts ? sexagesimal(first) : number(first);
    auto const dec = parts ? sexagesimal(second) : number(second);
    if (ra && parts) *ra *= 15;
    if (!ra || !dec || mixed || std::abs(*dec) > 90 || std::abs(*ra) > 720)
        throw Error(Code::usage, option + " is '" + text + "'", "not a position on the sky",
                    "give RA,DEC in degrees (83.6331,22.0145) or as hh:mm:ss,dd:mm:ss");
    double const turn = std::fmod(*ra, 360);
    return {degrees(turn < 0 ? turn + 360 : turn), degrees(*dec)};
}

}  // namespace nocturne::cli
