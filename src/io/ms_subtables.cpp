// Enters: a new set. Leaves: its subtables filled.
#include "io/ms_subtables.hpp"

#include "io/wgs84.hpp"

#include <algorithm>
#include <limits>
#include <sstream>

namespace nocturne {
namespace {

using ms::Array;
using ms::NewTable;

constexpr int topocentric = 5;                                     // casacore's MFrequency::TOPO
constexpr double for_ever_s = std::numeric_limits<double>::max();  // as pyuvdata writes it

Array<double> vector_of(std::array<double, 3> const& values) { return {{3}, {values.begin(), values.end()}}; }

void fill_antennas(NewTable table, MsRequest const& request)
{
    auto const site = site_itrf_m(request.header.site);
    for (auto const& antenna : request.header.antennas) {
        auto position = antenna.position_m;
        for (std::size_t i = 0; i < 3; ++i) position[i] += site[i];
        table.add_row()
            .put("NAME", antenna.name)
            .put("STATION", antenna.name)
            .put("TYPE", std::string("GROUND-BASED"))
            .put("MOUNT", antenna.mount.empty() ? std::string("ALT-AZ") : antenna.mount)
            .put("DISH_DIAMETER", antenna.diameter_m)
            .put("FLAG_ROW", false)
            .put("POSITION", vector_of(position))
            .put("OFFSET", vector_of({}));
    }
}

/// "XY", "RL", or the one receptor of a single parallel hand: what correlations are made of, where nobody says more.
std::string receptors_of(std::vector<int> const& codes)
{
    bool const circular = codes.front() >= 5 && codes.front() <= 8;  // RR RL LR LL
    std::string const both = circular ? "RL" : "XY";
    if (codes.size() > 1 || codes.front() < 5) return both;
    int const place = (codes.front() - 5) % 4;
    return place == 0 ? both.substr(0, 1) : place == 3 ? both.substr(1) : both;
}

/// The receptors of an antenna, as its file has them.
std::string receptors_of(Antenna const& antenna, MsRows const& rows)
{
    return antenna.receptors.empty() ? receptors_of(rows.correlations().corr_type) : antenna.receptors;
}

void fill_feeds(NewTable table, MsRequest const& request, MsRows const& rows)
{
    for (int a = 0; a < static_cast<int>(request.header.antennas.size()); ++a) {
        auto const& antenna = request.header.antennas[static_cast<std::size_t>(a)];
        auto const receptors = receptors_of(antenna, rows);
        auto const n = std::ssize(receptors);
        auto angles = antenna.receptor_angle_rad;
        angles.resize(receptors.size());
        Array<std::string> types{{n}, {}};
        for (char const receptor : receptors) types.values.emplace_back(1, receptor);
        Array<std::complex<float>> response{{n, n}, std::vector<std::complex<float>>(static_cast<std::size_t>(n * n))};
        for (std::size_t i = 0; i < response.values.size(); i += static_cast<std::size_t>(n + 1))
            response.values[i] = 1;
        table.add_row()
            .put("ANTENNA_ID", a)
            .put("FEED_ID", 0)
            .put("SPECTRAL_WINDOW_ID", -1)
            .put("TIME", request.header.mid_time_mjd_s())
            .put("INTERVAL", for_ever_s)
            .put("NUM_RECEPTORS", static_cast<int>(n))
            .put("BEAM_ID", -1)
            .put("BEAM_OFFSET", Array<double>{{2, n}, std::vector<double>(static_cast<std::size_t>(2 * n))})
            .put("POLARIZATION_TYPE", types)
            .put("POL_RESPONSE", response)
            .put("POSITION", vector_of({}))
            .put("RECEPTOR_ANGLE", Array<double>{{n}, angles});
    }
}

void fill_fields(NewTable fields, MsRequest const& request)
{
    for (auto const* column : {"PHASE_DIR", "REFERENCE_DIR", "DELAY_DIR"}) fields.set_frame(column, "ICRS");
    double const time = request.header.mid_time_mjd_s();
    for (int id = 0; id < static_cast<int>(request.fields.size()); ++id) {
        auto const& field = request.fields[static_cast<std::size_t>(id)];
        std::vector<double> const direction{field.direction.ra.value(), field.direction.dec.value()};
        fields.add_row()
            .put("NAME", field.name)
            .put("CODE", std::string())
            .put("TIME", time)
            .put("NUM_POLY", 0)
            .put("SOURCE_ID", id)
            .put("FLAG_ROW", false)
            .put("PHASE_DIR", Array<double>{{2, 1}, direction})
            .put("REFERENCE_DIR", Array<double>{{2, 1}, direction})
            .put("DELAY_DIR", Array<double>{{2, 1}, direction});
    }
}

/// Each antenna looks where all do.
void fill_pointings(NewTable table, MsRequest const& request)
{
    if (request.pointings.empty()) return;
    table.set_frame("DIRECTION", "ICRS");
    table.set_frame("TARGET", "ICRS");
    auto const moments = request.header.all_moments();
    double const interval = *std::max_element(request.header.integration_s.begin(), request.header.integration_s.end());
    for (std::size_t m = 0; m < moments.size(); ++m) {
        Array<double> const direction{{2, 1}, {request.pointings[m].ra.value(), request.pointings[m].dec.value()}};
        for (int a = 0; a < static_cast<int>(request.header.antennas.size()); ++a)
            table.add_row()
                .put("ANTENNA_ID", a)
                .put("TIME", moments[m].time_mjd_s)
                .put("INTERVAL", interval)
                .put("NAME", std::string(pointing_name))
                .put("NUM_POLY", 0)
                .put("TIME_ORIGIN", moments[m].time_mjd_s)
                .put("DIRECTION", direction)
                .put("TARGET", direction)
                .put("TRACKING", false);
    }
}

void fill_sources(NewTable sources, MsRequest const& request)
{
    sources.set_frame("DIRECTION", "ICRS");
    for (int id = 0; id < static_cast<int>(request.fields.size()); ++id) {
        auto const& field = request.fields[static_cast<std::size_t>(id)];
        std::vector<double> const direction{field.direction.ra.value(), field.direction.dec.value()};
        sources.add_row()
            .put("NAME", field.name)
            .put("CODE", std::string())
            .put("SOURCE_ID", id)
            .put("TIME", request.header.mid_time_mjd_s())
            .put("INTERVAL", for_ever_s)
            .put("SPECTRAL_WINDOW_ID", -1)
            .put("NUM_LINES", 0)
            .put("CALIBRATION_GROUP", 0)
            .put("DIRECTION", Array<double>{{2}, direction})
            .put("PROPER_MOTION", Array<double>{{2}, {0, 0}});
    }
}

void fill_windows(NewTable windows, MsRequest const& request, MsRows const& rows)
{
    for (auto const& window : rows.windows()) {
        auto const part = [&](std::vector<double> const& all) {
            auto const first = all.begin() + window.first_channel;
            return Array<double>{{window.n_channels}, {first, first + window.n_channels}};
        };
        auto const freq = part(request.header.freq_hz), width = part(request.header.channel_width_hz);
        double total = 0;
        for (double w : width.values) total += w;
        windows.add_row()
            .put("NAME", window.name)
            .put("NUM_CHAN", static_cast<int>(window.n_channels))
            .put("REF_FREQUENCY", freq.values.front())
            .put("MEAS_FREQ_REF", topocentric)
            .put("TOTAL_BANDWIDTH", total)
            .put("NET_SIDEBAND", 0)
            .put("IF_CONV_CHAIN", 0)
            .put("FREQ_GROUP", 0)
            .put("FREQ_GROUP_NAME", std::string())
            .put("FLAG_ROW", false)
            .put("CHAN_FREQ", freq)
            .put("CHAN_WIDTH", width)
            .put("EFFECTIVE_BW", width)
            .put("RESOLUTION", width);
    }
}

void fill_descriptions(NewTable table, MsRows const& rows)
{
    for (int id = 0; id < static_cast<int>(rows.windows().size()); ++id)
        table.add_row().put("SPECTRAL_WINDOW_ID", id).put("POLARIZATION_ID", 0).put("FLAG_ROW", false);
}

/// CORR_PRODUCT counts in the receptors of FEED.
void fill_polarization(NewTable table, MsRequest const& request, MsRows const& rows)
{
    auto const& codes = rows.correlations().corr_type;
    auto const n = static_cast<std::int64_t>(codes.size());
    auto const& antennas = request.header.antennas;
    bool const one = !antennas.empty() && receptors_of(antennas.front(), rows).size() == 1;
    Array<int> products{{2, n}, {}};
    for (int code : codes) {
        int const place = code < 5 || one ? 0 : (code - 5) % 4;  // XX XY YX YY; Stokes: no product of receptors
        products.values.push_back(place / 2);
        products.values.push_back(place % 2);
    }
    table.add_row()
        .put("NUM_CORR", static_cast<int>(n))
        .put("FLAG_ROW", false)
        .put("CORR_TYPE", Array<int>{{n}, codes})
        .put("CORR_PRODUCT", products);
}

/// From the first start to the last end of the samples that are there.
std::vector<double> time_range_s(GroupHeader const& header)
{
    auto const moments = header.all_moments();
    auto const nb = header.baselines.size();
    double first = std::numeric_limits<double>::infinity(), last = -first;
    for (std::size_t cell = 0; cell < nb * header.time_mjd_s.size(); ++cell) {
        auto const moment = header.ragged() ? header.moment_of[cell] : static_cast<std::int32_t>(cell / nb);
        if (moment < 0 || (!header.present.empty() && !header.present[cell])) continue;
        double const half = (header.exposure_s.empty() ? header.integration_s[cell / nb] : header.exposure_s[cell]) / 2;
        double const middle = moments[static_cast<std::size_t>(moment)].time_mjd_s;
        first = std::min(first, middle - half);
        last = std::max(last, middle + half);
    }
    return {first, last};
}

/// TELESCOPE_LOCATION is not of the standard: pyuvdata's column, from which positions relative to the site are found again.
void fill_observation(NewTable table, MsRequest const& request)
{
    auto const& header = request.header;
    table.add_vector_column("TELESCOPE_LOCATION", 3);
    table.add_row()
        .put("TELESCOPE_NAME", request.telescope_name)
        .put("OBSERVER", request.telescope_name)
        .put("PROJECT", header.group_id)
        .put("RELEASE_DATE", 0.0)
        .put("SCHEDULE_TYPE", std::string())
        .put("FLAG_ROW", false)
        .put("TIME_RANGE", Array<double>{{2}, time_range_s(header)})
        .put("LOG", Array<std::string>{{1}, {""}})
        .put("SCHEDULE", Array<std::string>{{1}, {""}})
        .put("TELESCOPE_LOCATION", vector_of(site_itrf_m(header.site)));
}

/// What the files say of their past, then our lines.
void fill_history(NewTable table, MsRequest const& request)
{
    auto const add = [&](std::string const& line, std::string const& origin, std::string const& application) {
        table.add_row()
            .put("TIME", request.now_mjd_s)
            .put("OBSERVATION_ID", 0)
            .put("MESSAGE", line)
            .put("PRIORITY", std::string("INFO"))
            .put("ORIGIN", origin)
            .put("OBJECT_ID", 0)
            .put("APPLICATION", application)
            .put("CLI_COMMAND", Array<std::string>{{1}, {""}})
            .put("APP_PARAMS", Array<std::string>{{1}, {""}});
    };
    std::istringstream past(request.header.history);
    for (std::string line; std::getline(past, line);)
        if (!line.empty()) add(line, "UVH5", "Header/history");
    for (auto const& line : request.history) add(line, "nocturne", "nocturne " + request.version);
}

/// One row, so that STATE_ID 0 of the main table means something; PROCESSOR_ID 0 too.
void fill_state(NewTable table)
{
    table.add_row()
        .put("SIG", true)
        .put("REF", false)
        .put("CAL", 0.0)
        .put("LOAD", 0.0)
        .put("SUB_SCAN", 0)
        .put("OBS_MODE", std::string("OBSERVE_TARGET#ON_SOURCE"))
        .put("FLAG_ROW", false);
}

void fill_processor(NewTable table)
{
    table.add_row()
        .put("TYPE", std::string("CORRELATOR"))
        .put("SUB_TYPE", std::string())
        .put("TYPE_ID", -1)
        .put("MODE_ID", -1)
        .put("FLAG_ROW", false);
}

}  // namespace

std::array<double, 3> site_itrf_m(Site const& site)
{
    return geocentric_m({site.latitude_rad, site.longitude_rad, site.altitude_m});
}

void fill_subtables(ms::NewSet& set, MsRequest const& request, MsRows const& rows)
{
    auto const anew = [&](char const* table, auto const& fill) {
        if (!set.carries(table) && set.has(table)) fill(set.subtable(table));
    };
    anew("ANTENNA", [&](NewTable const& table) { fill_antennas(table, request); });
    anew("FEED", [&](NewTable const& table) { fill_feeds(table, request, rows); });
    anew("FIELD", [&](NewTable const& table) { fill_fields(table, request); });
    anew("POINTING", [&](NewTable const& table) { fill_pointings(table, request); });
    anew("SOURCE", [&](NewTable const& table) { fill_sources(table, request); });
    anew("SPECTRAL_WINDOW", [&](NewTable const& table) { fill_windows(table, request, rows); });
    anew("DATA_DESCRIPTION", [&](NewTable const& table) { fill_descriptions(table, rows); });
    anew("POLARIZATION", [&](NewTable const& table) { fill_polarization(table, request, rows); });
    anew("OBSERVATION", [&](NewTable const& table) { fill_observation(table, request); });
    anew("STATE", &fill_state);
    anew("PROCESSOR", &fill_processor);
    if (set.carries("OBSERVATION") && request.telescope_name != request.header.site.telescope_name)
        set.subtable("OBSERVATION").fill("TELESCOPE_NAME", request.telescope_name);
    fill_history(set.subtable("HISTORY"), request);
}

}  // namespace nocturne
