// UVW of a Measurement Set, and which way round they are.
#include "io/ms_reader_state.hpp"

#include <cmath>

namespace nocturne {
namespace {

constexpr double sure = 0.5;  // of a factor that is ±1 where antennas, times and directions are right

/// Greenwich mean sidereal time to a few arcseconds (Meeus, Astronomical Algorithms, 12.4, without its small terms).
double sidereal_time_rad(double time_mjd_s)
{
    double const days = time_mjd_s / day_s - 51544.5;
    return std::fmod(280.46061837 + 360.98564736629 * days, 360.0) * degree_rad;
}

/// Earth-fixed longitude and latitude under the phase centre of a moment, to some arcminutes; false where it is not simple.
bool place_of(GroupHeader const& header, Moment const& moment, double& longitude, double& latitude)
{
    auto const& centre = header.centres[static_cast<std::size_t>(moment.centre)];
    latitude = centre.direction.dec.value();
    longitude = centre.kind == PhaseReference::meridian
                    ? header.site.longitude_rad
                    : centre.direction.ra.value() - sidereal_time_rad(moment.time_mjd_s);
    return centre.kind == PhaseReference::meridian || centre.kind == PhaseReference::icrs;
}

/// Factor by which (r2 − r1), turned to the phase centre, gives header.file_uvw_m: +1 or −1; 0 where nothing can be said.
double sense_of(GroupHeader const& header)
{
    auto const nb = header.baselines.size();
    double across = 0, squared = 0;
    for (std::size_t t = 0; t < header.time_mjd_s.size(); ++t)
        for (std::size_t b = 0; b < nb; ++b) {
            auto const moment = header.ragged() ? header.moment_of[t * nb + b] : static_cast<std::int32_t>(t);
            double lon = 0, lat = 0;
            if (moment < 0 || !place_of(header, header.moments[static_cast<std::size_t>(moment)], lon, lat)) continue;
            auto const& p = header.antennas[static_cast<std::size_t>(header.baselines[b].ant1)].position_m;
            auto const& q = header.antennas[static_cast<std::size_t>(header.baselines[b].ant2)].position_m;
            double const x = q[0] - p[0], y = q[1] - p[1], z = q[2] - p[2];
            double const out = x * std::cos(lon) + y * std::sin(lon);
            double const* uvw = header.file_uvw_m.data() + 3 * (t * nb + b);
            across += uvw[0] * (y * std::cos(lon) - x * std::sin(lon)) +
                      uvw[1] * (z * std::cos(lat) - out * std::sin(lat)) +
                      uvw[2] * (z * std::sin(lat) + out * std::cos(lat));
            if (uvw[0] != 0 || uvw[1] != 0 || uvw[2] != 0) squared += x * x + y * y + z * z;
        }
    return squared > 0 ? across / squared : 0;
}

}  // namespace

/// Every Measurement Set has the phase of a source in DATA go with +UVW, but programs differ in whether UVW is r1 − r2 (CASA,
/// pyuvdata) or r2 − r1 (LOFAR, OSKAR): antenna positions tell. Leaves file_uvw_m = r2 − r1 for ant1 < ant2.
void MsReader::State::read_uvw()
{
    auto& all = header.file_uvw_m;
    all.assign(3 * rows.baselines.size() * rows.time_mjd_s.size(), 0);
    std::vector<double> uvw(3 * ms::rows_at_once);
    auto const column = main.cells("UVW", ms::Cell::f64);
    ms::for_each_rows(rows.target.size(), [&](std::vector<std::uint32_t> const& some) {
        column.read(some, {3}, uvw.data());
        for (std::size_t i = 0; i < some.size(); ++i) {
            auto const row = some[i];
            if (rows.target[row] < 0) continue;
            for (std::size_t k = 0; k < 3; ++k) {
                double const value = uvw[3 * i + k];
                if (!std::isfinite(value))
                    throw ms::unreadable("column UVW", "row " + std::to_string(row) + " is not finite");
                all[3 * static_cast<std::size_t>(rows.target[row]) + k] = rows.swapped[row] ? -value : value;
            }
        }
    });
    bool const crosses =
        std::any_of(rows.baselines.begin(), rows.baselines.end(), [](auto const& b) { return b.ant1 != b.ant2; });
    if (crosses && std::all_of(all.begin(), all.end(), [](double value) { return value == 0; }))
        throw ms::unreadable("column UVW", "it is 0 in every row: no baseline has a length");
    if (double const sense = sense_of(header); std::abs(sense) > sure) axes.conjugated = sense < 0;
    header.mirrored = !axes.conjugated;
    for (double& value : all) value = value == 0 ? 0 : header.mirrored ? value : -value;
    if (axes.turned_axes) all.clear();
}

}  // namespace nocturne
