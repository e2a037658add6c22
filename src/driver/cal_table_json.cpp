#include "driver/cal_table_json.hpp"

#include "driver/header_json.hpp"
#include "nocturne/error.hpp"

#include <limits>

namespace nocturne {
namespace {

using Json = nlohmann::json;

/// As pairs, one after another.
std::vector<float> flat(std::vector<std::complex<float>> const& values)
{
    std::vector<float> list;
    list.reserve(2 * values.size());
    for (auto const& value : values) {
        list.push_back(value.real());
        list.push_back(value.imag());
    }
    return list;
}

std::vector<std::complex<float>> pairs(std::vector<float> const& list)
{
    std::vector<std::complex<float>> values;
    values.reserve(list.size() / 2);
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) values.emplace_back(list[i], list[i + 1]);
    return values;
}

Json intervals_json(std::vector<CalInterval> const& intervals)
{
    auto list = Json::array();
    for (auto const& i : intervals) list.push_back({i.start_mjd_s, i.end_mjd_s, i.time_mjd_s});
    return list;
}

Json solves_json(std::vector<CalSolve> const& solves)
{
    auto list = Json::array();
    for (auto const& s : solves) list.push_back({s.iterations, s.converged, s.reduced_chi2});
    return list;
}

void read_axes(Json const& j, CalTable& table)
{
    table.kind = static_cast<CalKind>(j.at("kind").get<int>());
    table.phase_only = j.at("phase_only");
    table.antennas = antennas_from_json(j.at("antennas"));
    table.telescope = antennas_from_json(j.at("telescope"));
    for (int code : j.at("correlations")) table.correlations.push_back(static_cast<Correlation>(code));
    for (auto const& i : j.at("intervals")) table.intervals.push_back({i.at(0), i.at(1), i.at(2)});
    table.freq_hz = j.at("freq_hz").get<std::vector<double>>();
    table.channel_width_hz = j.at("channel_width_hz").get<std::vector<double>>();
    table.reference_hz = j.at("reference_hz");
}

void read_words(Json const& j, CalTable& table)
{
    table.reference_antenna = j.at("reference_antenna");
    table.gauge = static_cast<Gauge>(j.at("gauge").get<int>());
    table.group_id = j.at("group_id");
    table.model = j.at("model");
    table.method = j.at("method");
    table.preprocessing = j.at("preprocessing");
    table.site = site_from_json(j.at("site"));
    auto const number = [](Json const& value) {
        return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
    };
    table.centre = {Radians(number(j.at("centre").at(0))), Radians(number(j.at("centre").at(1)))};
    table.pointing_dec_rad = number(j.at("pointing_dec_rad"));
    table.band_there = number(j.at("band_there"));
    for (auto const& value : j.at("unexplained_ratio")) table.unexplained_ratio.push_back(number(value));
    for (auto const& value : j.at("unexplained_share")) table.unexplained_share.push_back(number(value));
}

/// What stages rely on without looking.
void check_shapes(CalTable const& table)
{
    auto const n = table.size();
    bool const delay = table.kind == CalKind::delay;
    bool const fits =
        n > 0 && table.channel_width_hz.size() == table.freq_hz.size() && table.flag.size() == n &&
        (delay ? table.delay_s.size() == n && table.delay_error_s.size() == n
               : table.gain.size() == n && table.amplitude_error.size() == n && table.phase_error_rad.size() == n) &&
        table.reference_antenna < std::ssize(table.antennas);
    if (!fits)
        throw Error(Code::bad_input, std::string("a table of kind ") + name(table.kind) + " is not whole",
                    "its lists have different lengths", "solve again");
}

}  // namespace

nlohmann::json to_json(CalTable const& t)
{
    auto correlations = Json::array();
    for (auto c : t.correlations) correlations.push_back(static_cast<int>(c));
    return {{"kind", static_cast<int>(t.kind)},
            {"phase_only", t.phase_only},
            {"antennas", to_json(t.antennas)},
            {"telescope", to_json(t.telescope)},
            {"correlations", correlations},
            {"intervals", intervals_json(t.intervals)},
            {"freq_hz", t.freq_hz},
            {"channel_width_hz", t.channel_width_hz},
            {"reference_hz", t.reference_hz},
            {"gain", flat(t.gain)},
            {"delay_s", t.delay_s},
            {"amplitude_error", t.amplitude_error},
            {"phase_error_rad", t.phase_error_rad},
            {"delay_error_s", t.delay_error_s},
            {"flag", t.flag},
            {"solves", solves_json(t.solves)},
            {"reference_antenna", t.reference_antenna},
            {"gauge", static_cast<int>(t.gauge)},
            {"group_id", t.group_id},
            {"model", t.model},
            {"method", t.method},
            {"preprocessing", t.preprocessing},
            {"site", to_json(t.site)},
            {"centre", {t.centre.ra.value(), t.centre.dec.value()}},
            {"pointing_dec_rad", t.pointing_dec_rad},
            {"band_there", t.band_there},
            {"unexplained_ratio", t.unexplained_ratio},
            {"unexplained_share", t.unexplained_share}};
}

CalTable cal_table_from_json(nlohmann::json const& j)
{
    CalTable table;
    read_axes(j, table);
    table.gain = pairs(j.at("gain").get<std::vector<float>>());
    table.delay_s = j.at("delay_s").get<std::vector<double>>();
    table.amplitude_error = j.at("amplitude_error").get<std::vector<float>>();
    table.phase_error_rad = j.at("phase_error_rad").get<std::vector<float>>();
    table.delay_error_s = j.at("delay_error_s").get<std::vector<double>>();
    table.flag = j.at("flag").get<std::vector<std::uint8_t>>();
    for (auto const& s : j.at("solves")) table.solves.push_back({s.at(0), s.at(1), s.at(2)});
    read_words(j, table);
    check_shapes(table);
    return table;
}

}  // namespace nocturne
