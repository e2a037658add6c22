// Enters: a header or its JSON. Leaves: the other. Lists of structures are written as columns.
#include "driver/header_json.hpp"

#include "nocturne/error.hpp"
#include "nocturne/set_layout.hpp"

#include <limits>

namespace nocturne {
namespace {

using Json = nlohmann::json;

double number(Json const& value)
{
    return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

std::vector<double> numbers(Json const& values)
{
    std::vector<double> list;
    list.reserve(values.size());
    for (auto const& value : values) list.push_back(number(value));
    return list;
}

Json json_of(Site const& site)
{
    return {{"telescope", site.telescope_name},
            {"latitude_rad", site.latitude_rad},
            {"longitude_rad", site.longitude_rad},
            {"altitude_m", site.altitude_m},
            {"origin", site.origin}};
}

Site site_of(Json const& j)
{
    return {j.at("telescope"), number(j.at("latitude_rad")), number(j.at("longitude_rad")), number(j.at("altitude_m")),
            j.at("origin")};
}

Json json_of(PhaseCentre const& c)
{
    return {static_cast<int>(c.kind), c.direction.ra.value(), c.direction.dec.value(), c.name, c.near};
}

PhaseCentre centre_from(Json const& j)
{
    return {static_cast<PhaseReference>(j.at(0).get<int>()),
            {Radians(number(j.at(1))), Radians(number(j.at(2)))},
            j.at(3),
            j.at(4)};
}

Json json_of(Antenna const& a)
{
    return {a.name, a.number, a.position_m, a.diameter_m, a.mount, a.receptors, a.receptor_angle_rad};
}

Antenna antenna_of(Json const& j)
{
    auto const& p = j.at(2);
    return {j.at(0), j.at(1),         {number(p.at(0)), number(p.at(1)), number(p.at(2))}, number(j.at(3)), j.at(4),
            j.at(5), numbers(j.at(6))};
}

Json json_of(Subband const& s) { return {s.index, s.path, s.bytes, s.xxh128, s.first_channel, s.n_channels}; }

Subband subband_of(Json const& j) { return {j.at(0), j.at(1), j.at(2), j.at(3), j.at(4), j.at(5)}; }

Json json_of(Moment const& m) { return {m.time_mjd_s, m.centre, m.scan}; }

Moment moment_of(Json const& j) { return {number(j.at(0)), j.at(1), j.at(2)}; }

Json json_of(Direction const& d) { return {d.ra.value(), d.dec.value()}; }

Direction direction_of(Json const& j) { return {Radians(number(j.at(0))), Radians(number(j.at(1)))}; }

Json json_of(Baseline const& b) { return {b.ant1, b.ant2}; }

Baseline baseline_of(Json const& j) { return {j.at(0), j.at(1)}; }

Json json_of(std::vector<Correlation> const& correlations)
{
    auto codes = Json::array();
    for (auto const c : correlations) codes.push_back(static_cast<int>(c));
    return codes;
}

std::vector<Correlation> correlations_of(Json const& codes)
{
    std::vector<Correlation> correlations;
    for (int const code : codes) correlations.push_back(static_cast<Correlation>(code));
    return correlations;
}

Json json_of(SetLayout const* set)
{
    if (!set) return nullptr;
    auto windows = Json::array();
    for (auto const& w : set->windows) windows.push_back({w.description, w.first_channel, w.n_channels, w.channel});
    return {{"path", set->path},      {"phased_by_uvw", set->phased_by_uvw},
            {"windows", windows},     {"correlations", json_of(set->correlations)},
            {"row_of", set->row_of},  {"turned", set->turned},
            {"columns", set->columns}};
}

std::shared_ptr<SetLayout const> set_of(Json const& j)
{
    if (j.is_null()) return nullptr;
    auto set = std::make_shared<SetLayout>();
    set->path = j.at("path");
    set->phased_by_uvw = j.at("phased_by_uvw");
    for (auto const& w : j.at("windows"))
        set->windows.push_back({w.at(0), w.at(1), w.at(2), w.at(3).get<std::vector<std::int32_t>>()});
    set->correlations = correlations_of(j.at("correlations"));
    set->row_of = j.at("row_of").get<std::vector<std::int64_t>>();
    set->turned = j.at("turned").get<std::vector<std::uint8_t>>();
    set->columns = j.at("columns").get<std::vector<std::string>>();
    return set;
}

template<class T>
Json list_of(std::vector<T> const& values)
{
    auto list = Json::array();
    for (auto const& value : values) list.push_back(json_of(value));
    return list;
}

template<class T>
std::vector<T> list_from(Json const& list, T (*make)(Json const&))
{
    std::vector<T> values;
    values.reserve(list.size());
    for (auto const& one : list) values.push_back(make(one));
    return values;
}

GroupHeader read_header(Json const& j)
{
    GroupHeader h;
    h.group_id = j.at("group_id");
    h.site = site_of(j.at("site"));
    h.centres = list_from(j.at("centres"), &centre_from);
    h.moments = list_from(j.at("moments"), &moment_of);
    h.moment_of = j.at("moment_of").get<std::vector<std::int32_t>>();
    h.present = j.at("present").get<std::vector<std::uint8_t>>();
    h.exposure_s = numbers(j.at("exposure_s"));
    h.offset_s = numbers(j.at("offset_s"));
    h.history = j.at("history");
    h.file_uvw_m = numbers(j.at("file_uvw_m"));
    h.mirrored = j.at("mirrored");
    h.stopped_w_m = numbers(j.at("stopped_w_m"));
    h.old_phasing = j.at("old_phasing");
    h.pointings = list_from(j.at("pointings"), &direction_of);
    h.freq_hz = numbers(j.at("freq_hz"));
    h.channel_width_hz = numbers(j.at("channel_width_hz"));
    h.window_first = j.at("window_first").get<std::vector<std::int64_t>>();
    h.time_mjd_s = numbers(j.at("time_mjd_s"));
    h.integration_s = numbers(j.at("integration_s"));
    h.correlations = correlations_of(j.at("correlations"));
    h.antennas = list_from(j.at("antennas"), &antenna_of);
    h.baselines = list_from(j.at("baselines"), &baseline_of);
    h.subbands = list_from(j.at("subbands"), &subband_of);
    h.expected_subbands = j.at("expected_subbands");
    h.set = set_of(j.at("set"));
    return h;
}

}  // namespace

nlohmann::json to_json(Site const& site) { return json_of(site); }
nlohmann::json to_json(std::vector<Antenna> const& antennas) { return list_of(antennas); }
Site site_from_json(nlohmann::json const& document) { return site_of(document); }
std::vector<Antenna> antennas_from_json(nlohmann::json const& document) { return list_from(document, &antenna_of); }

nlohmann::json to_json(GroupHeader const& h)
{
    return {{"group_id", h.group_id},
            {"site", json_of(h.site)},
            {"centres", list_of(h.centres)},
            {"moments", list_of(h.moments)},
            {"moment_of", h.moment_of},
            {"present", h.present},
            {"exposure_s", h.exposure_s},
            {"offset_s", h.offset_s},
            {"history", h.history},
            {"file_uvw_m", h.file_uvw_m},
            {"mirrored", h.mirrored},
            {"stopped_w_m", h.stopped_w_m},
            {"old_phasing", h.old_phasing},
            {"pointings", list_of(h.pointings)},
            {"freq_hz", h.freq_hz},
            {"channel_width_hz", h.channel_width_hz},
            {"window_first", h.window_first},
            {"time_mjd_s", h.time_mjd_s},
            {"integration_s", h.integration_s},
            {"correlations", json_of(h.correlations)},
            {"antennas", list_of(h.antennas)},
            {"baselines", list_of(h.baselines)},
            {"subbands", list_of(h.subbands)},
            {"expected_subbands", h.expected_subbands},
            {"set", json_of(h.set.get())}};
}

GroupHeader header_from_json(nlohmann::json const& document)
{
    try {
        return read_header(document);
    } catch (nlohmann::json::exception const& error) {
        throw Error(Code::defect, "a header between two processes cannot be read", error.what(),
                    "report this as a defect, with the command line");
    }
}

}  // namespace nocturne
