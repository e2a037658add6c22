#include "stages/convert/centre.hpp"

#include "nocturne/nearest.hpp"
#include "nocturne/short_number.hpp"
#include "sky/beam.hpp"
#include "sky/calibrators.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace nocturne {
namespace {

/// "RA,DEC" in degrees.
Direction parse_direction(std::string const& text)
{
    char* end = nullptr;
    double const ra = std::strtod(text.c_str(), &end);
    bool good = end != text.c_str() && *end == ',';
    char const* second = good ? end + 1 : "";
    double const dec = std::strtod(second, &end);
    good = good && end != second && *end == '\0';
    if (good && !(ra >= 0 && ra <= 360 && std::abs(dec) <= 90))
        throw Error(Code::bad_config, "phase-center is '" + text + "'",
                    "RA goes from 0 to 360 degrees, DEC from -90 to 90", "write for example 202.78,30.51");
    if (!good)
        throw Error(Code::bad_config, "phase-center is '" + text + "'",
                    "neither RA,DEC in degrees nor meridian, calibrator, calibrator:NAME or each",
                    "write for example 202.78,30.51");
    return {degrees(ra), degrees(dec)};
}

constexpr char const* calibrator_word = "calibrator";

std::vector<CalibratorMatch> calibrators_near(Direction direction, GroupHeader const& header, Params const& params)
{
    auto const& path = params.text("calibrators");
    return match_calibrators(
        path.empty() ? shipped_calibrators() : read_sources(path),
        {direction, degrees(params.number("calibrator-radius")), common_dish_diameter_m(header).value_or(0)});
}

/// "calibrator": the one with the most flux through the beam around `around`; "calibrator:NAME": the one of that name, anywhere.
Source find_calibrator(std::string const& wanted, Direction around, GroupHeader const& header, Params const& params)
{
    auto const& path = params.text("calibrators");
    if (wanted != calibrator_word) {
        auto const name = wanted.substr(std::string(calibrator_word).size() + 1);
        std::vector<std::string> names;
        for (auto const& source : path.empty() ? shipped_calibrators() : read_sources(path)) {
            if (source.name == name) return source;
            names.push_back(source.name);
        }
        throw Error(Code::bad_config, "no calibrator is called '" + name + "'",
                    "the catalogue does not have it" + did_you_mean(name, names), "give phase-center as RA,DEC");
    }
    auto const matches = calibrators_near(around, header, params);
    if (matches.empty())
        throw Error(Code::bad_config, "no calibrator to take as phase centre",
                    "none lies within " + short_number(params.number("calibrator-radius")) + " degrees of " +
                        short_number(around.ra.value() / degree_rad) + "," +
                        short_number(around.dec.value() / degree_rad),
                    "widen calibrator-radius, or give phase-center as RA,DEC");
    return matches.front().source;
}

/// What a field is called that has no name of its own.
std::string kind_name(PhaseReference kind)
{
    return kind == PhaseReference::meridian ? "meridian_icrs" : kind == PhaseReference::icrs ? "field" : "zenith";
}

/// Names of fields that change with time: their own, or of what they follow; "NAME_tN" for the one in which a calibrator is
/// nearest to the centre.
std::vector<std::string> names_of_moments(GroupMoments const& moments, std::vector<Direction> const& centres,
                                          std::vector<CalibratorMatch> const& calibrators)
{
    std::vector<std::string> names;
    for (Index m = 0; m < moments.size(); ++m) {
        auto const& centre = moments.centre(m);
        bool const fixed = centre.kind == PhaseReference::icrs && !centre.name.empty();
        names.push_back(fixed ? centre.name : kind_name(centre.kind) + "_t" + std::to_string(m));
    }
    if (calibrators.empty()) return names;
    auto const& calibrator = calibrators.front().source;
    auto const nearest = std::min_element(centres.begin(), centres.end(), [&](Direction a, Direction b) {
        return separation(a, calibrator.direction) < separation(b, calibrator.direction);
    });
    auto const m = nearest - centres.begin();
    names[static_cast<std::size_t>(m)] = calibrator.name + "_t" + std::to_string(m);
    return names;
}

/// The calibrator in the field, or what the centre follows.
std::string name_of_one(GroupHeader const& header, Direction centre, PhaseReference kind, Params const& params)
{
    auto const calibrators = calibrators_near(centre, header, params);
    return calibrators.empty() ? kind_name(kind) : calibrators.front().source.name;
}

/// The name that the files have for `direction`; "" where it is none of theirs.
std::string name_in_files(GroupMoments const& moments, GroupHeader const& header, Direction direction)
{
    if (header.centres.size() == 1) return header.centres.front().name;
    for (Index m = 0; m < moments.size(); ++m)
        if (separation(moments.own_direction(m), direction).value() < 1e-9) return moments.centre(m).name;
    return "";
}

}  // namespace

ChosenCentre choose_centre(GroupHeader const& header, GroupMoments const& moments, Params const& params)
{
    auto const& wanted = params.text("phase-center");
    ChosenCentre chosen;
    std::string note;
    chosen.centre = moments.common_centre(note);
    if (wanted == "each") {
        chosen.each = true;
        for (Index m = 0; m < moments.size(); ++m) chosen.of_moments.push_back(moments.own_direction(m));
        chosen.names = names_of_moments(moments, chosen.of_moments, calibrators_near(chosen.centre, header, params));
        return chosen;
    }
    auto name = name_in_files(moments, header, chosen.centre);
    auto kind = header.centres.front().kind;
    if (wanted.empty()) {
        chosen.note = note;
    } else if (wanted == "meridian") {
        chosen.centre = moments.meridian_at_mid_time();
    } else if (wanted == calibrator_word || wanted.starts_with(std::string(calibrator_word) + ":")) {
        auto const calibrator = find_calibrator(wanted, chosen.centre, header, params);
        chosen.centre = calibrator.direction;
        name = calibrator.name;
    } else {
        chosen.centre = parse_direction(wanted);
        name.clear();
        kind = PhaseReference::icrs;
    }
    chosen.of_moments.assign(static_cast<std::size_t>(moments.size()), chosen.centre);
    chosen.names = {name.empty() ? name_of_one(header, chosen.centre, kind, params) : name};
    return chosen;
}

}  // namespace nocturne
