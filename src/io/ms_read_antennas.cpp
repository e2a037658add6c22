// Antennas, site and fields of a Measurement Set.
#include "io/celestial_frames.hpp"
#include "io/ms_read_parts.hpp"
#include "io/ms_read_tables.hpp"
#include "io/wgs84.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne::ms {
namespace {

constexpr std::size_t most_antennas = 100'000;
constexpr std::size_t most_fields = 10'000'000;

bool finite_position(std::array<double, 3> const& v)
{
    return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]);
}
bool at_origin(std::array<double, 3> const& v) { return v[0] == 0 && v[1] == 0 && v[2] == 0; }

/// A position column of OBSERVATION that some programs write: pyuvdata TELESCOPE_LOCATION, OSKAR ARRAY_CENTER.
bool read_place(Table const& observation, std::array<double, 3>& itrf_m, std::string& origin)
{
    for (char const* column : {"TELESCOPE_LOCATION", "ARRAY_CENTER"}) {
        if (!observation.has(column)) continue;
        auto const place = observation.double_cell(column, 0, 3);
        if (place.size() != 3) continue;
        itrf_m = {place[0], place[1], place[2]};
        if (!finite_position(itrf_m) || at_origin(itrf_m)) continue;
        origin = std::string("OBSERVATION::") + column;
        return true;
    }
    return false;
}

std::array<double, 3> mean_position(std::vector<Antenna> const& antennas)
{
    std::array<double, 3> mean{};
    double n = 0;
    for (auto const& antenna : antennas) {
        if (at_origin(antenna.position_m)) continue;  // rows that only fill up the numbering
        for (std::size_t i = 0; i < 3; ++i) mean[i] += antenna.position_m[i];
        ++n;
    }
    for (double& m : mean) m = n > 0 ? m / n : 0;
    return mean;
}

/// A direction in `frame` as a PhaseCentre; a reason where it is none of ours.
std::string read_centre(std::string const& frame, std::array<double, 2> at, double time_s, PhaseCentre& centre)
{
    auto const lon = at[0], lat = std::clamp(at[1], -pi / 2, pi / 2);
    if (!std::isfinite(lon) || !std::isfinite(at[1]) || std::abs(at[1]) > pi / 2 + 1e-9)
        return "PHASE_DIR is not a direction";
    centre.kind = PhaseReference::icrs;
    if (frame == "ICRS") {
        centre.direction = {Radians(lon), Radians(lat)};
    } else if (frame == "J2000") {
        centre.direction = to_icrs({"fk5", 2000.0, lon, lat}, MjdSeconds(0));
    } else if (frame == "B1950") {
        centre.direction = to_icrs({"fk4", 1950.0, lon, lat}, MjdSeconds(time_s));
    } else if (frame == "HADEC" && std::abs(lon) < 1e-9) {
        centre.kind = PhaseReference::meridian;
        centre.direction = {Radians(0), Radians(lat)};
    } else if (frame == "AZELGEO" || frame == "AZEL") {
        centre.kind = PhaseReference::horizon;
        centre.direction = {Radians(lon), Radians(lat)};
    } else {
        return "PHASE_DIR is in the frame " + frame +
               " (ICRS, J2000, B1950, HADEC at hour angle 0 and AZELGEO are read)";
    }
    return "";
}

int find_field(std::string const& wanted, std::vector<PhaseCentre> const& fields)
{
    int found = -1;
    std::string known;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i < 8) known += (i ? ", " : "") + std::to_string(i) + " " + fields[i].name;
        if (fields[i].name != wanted && std::to_string(i) != wanted) continue;
        if (found >= 0 && fields[i].name == wanted)
            throw Error(Code::bad_config, "field " + wanted + " stands for several rows of FIELD",
                        std::to_string(found) + " and " + std::to_string(i), "give the number");
        found = static_cast<int>(i);
    }
    if (found < 0)
        throw Error(Code::bad_config, "no field " + wanted, "FIELD holds " + known,
                    "give one of these, by name or number");
    return found;
}

/// Receptors of each antenna's first row of FEED: nothing is computed with them, so that what cannot be read is a note.
void read_feeds(Table const& main, Axes& axes)
{
    if (!main.has_subtable("FEED")) return;
    try {
        auto const table = main.subtable("FEED");
        for (char const* column : {"ANTENNA_ID", "POLARIZATION_TYPE", "RECEPTOR_ANGLE"})
            if (!table.has(column)) return;
        auto const antenna_of = table.integers("ANTENNA_ID");
        for (std::size_t row = 0; row < antenna_of.size(); ++row) {
            auto const a = antenna_of[row];
            if (a < 0 || a >= std::ssize(axes.antennas)) continue;
            auto& antenna = axes.antennas[static_cast<std::size_t>(a)];
            if (!antenna.receptors.empty()) continue;
            std::string receptors;
            for (auto const& name : table.string_cell("POLARIZATION_TYPE", row, 16)) receptors += name;
            auto angles = table.double_cell("RECEPTOR_ANGLE", row, 16);
            if (receptors.empty() || receptors.size() > 2 || angles.size() != receptors.size()) continue;
            antenna.receptors = receptors;
            antenna.receptor_angle_rad = std::move(angles);
        }
    } catch (Error const& error) {
        axes.notes.push_back(error.problem() + " (" + error.reason() + "): receptors are taken from the correlations");
    }
}

}  // namespace

void read_antennas(Table const& main, Axes& axes)
{
    auto const table = main.subtable("ANTENNA");
    auto const n = static_cast<std::size_t>(table.rows());
    if (n == 0 || n > most_antennas) throw unreadable("table ANTENNA", "it has " + std::to_string(n) + " rows");
    auto const names = table.strings("NAME");
    auto const frame = table.reference("POSITION");
    if (!frame.empty() && frame != "ITRF")
        throw Error(Code::bad_input, "antenna positions in the frame " + frame, "only ITRF is read",
                    "convert POSITION of ANTENNA to ITRF");
    auto const diameters = table.has("DISH_DIAMETER") ? table.doubles("DISH_DIAMETER") : std::vector<double>(n);
    auto const mounts = table.has("MOUNT") ? table.strings("MOUNT") : std::vector<std::string>(n);
    for (std::size_t a = 0; a < n; ++a) {
        auto const place = table.double_cell("POSITION", a, 3);
        if (place.size() != 3 || !std::isfinite(place[0] + place[1] + place[2]))
            throw unreadable("column POSITION of ANTENNA, row " + std::to_string(a), "it is not three finite numbers");
        axes.antennas.push_back({names[a],
                                 static_cast<int>(a),
                                 {place[0], place[1], place[2]},
                                 std::isfinite(diameters[a]) ? diameters[a] : 0,
                                 mounts[a]});
    }
    read_feeds(main, axes);
    auto const observation = main.subtable("OBSERVATION");
    if (observation.rows() == 0) throw unreadable("table OBSERVATION", "it has no row");
    axes.site.telescope_name = observation.strings("TELESCOPE_NAME").front();
    axes.site_itrf_m = mean_position(axes.antennas);
    axes.site.origin = "mean of the antennas";
    read_place(observation, axes.site_itrf_m, axes.site.origin);
    auto const place = geodetic(axes.site_itrf_m);
    axes.site.latitude_rad = place.latitude_rad;
    axes.site.longitude_rad = place.longitude_rad;
    axes.site.altitude_m = place.altitude_m;
    auto const origin = geocentric_m(place);
    for (auto& antenna : axes.antennas)
        for (std::size_t i = 0; i < 3; ++i) antenna.position_m[i] -= origin[i];
}

void read_fields(Table const& main, std::string const& wanted, double time_s, Axes& axes)
{
    auto const table = main.subtable("FIELD");
    auto const n = static_cast<std::size_t>(table.rows());
    if (n == 0 || n > most_fields) throw unreadable("table FIELD", "it has " + std::to_string(n) + " rows");
    auto const names = table.strings("NAME");
    auto frame = table.row_references("PHASE_DIR");
    for (auto& name : frame)
        if (name.empty()) name = "J2000";  // the standard's default
    auto const ephemeris =
        table.has("EPHEMERIS_ID") ? table.integers("EPHEMERIS_ID") : std::vector<std::int32_t>(n, -1);
    axes.fields.resize(n);
    axes.field_trouble.resize(n);
    for (std::size_t f = 0; f < n; ++f) {
        auto const direction = table.double_cell("PHASE_DIR", f, 64);
        auto& trouble = axes.field_trouble[f];
        axes.fields[f].name = names[f];
        if (direction.size() < 2 || direction.size() % 2 != 0)
            trouble = "PHASE_DIR is not a direction";
        else if (std::any_of(direction.begin() + 2, direction.end(), [](double x) { return x != 0; }))
            trouble = "PHASE_DIR is a polynomial in time";
        else if (ephemeris[f] >= 0)
            trouble = "its direction is an ephemeris";
        else
            trouble = read_centre(frame[f], {direction[0], direction[1]}, time_s, axes.fields[f]);
    }
    axes.turned_axes = std::count(frame.begin(), frame.end(), "B1950") > 0;
    if (!wanted.empty()) axes.only_field = find_field(wanted, axes.fields);
}

}  // namespace nocturne::ms
