#include "driver/compose_gains.hpp"

#include "nocturne/error.hpp"
#include "stages/apply/series.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

void check_kinds(std::vector<CalTable> const& found)
{
    if (found.size() == 1 && found.front().kind == CalKind::gain) return;
    throw Error(Code::bad_config, "samples are corrected before they are solved on",
                "a product of delays, bandpasses or Jones matrices is none of their tables",
                "solve for --types G alone");
}

/// Where an antenna of the table stands in the header.
std::vector<Index> places_of(CalTable const& table, GroupHeader const& header)
{
    std::vector<Index> places;
    for (auto const& antenna : table.antennas) {
        auto const found = std::find_if(header.antennas.begin(), header.antennas.end(),
                                        [&](Antenna const& other) { return other.number == antenna.number; });
        NOCT_CHECK(found != header.antennas.end(), "a solved antenna that the group does not have");
        places.push_back(found - header.antennas.begin());
    }
    return places;
}

Index hand_of(GroupHeader const& header, Correlation correlation)
{
    auto const found = std::find(header.correlations.begin(), header.correlations.end(), correlation);
    NOCT_CHECK(found != header.correlations.end(), "a solved hand that the group does not have");
    return found - header.correlations.begin();
}

std::size_t nearest_interval(CalTable const& table, double time_mjd_s)
{
    auto const& all = table.intervals;
    auto const nearest = std::min_element(all.begin(), all.end(), [&](auto const& a, auto const& b) {
        return std::abs(a.time_mjd_s - time_mjd_s) < std::abs(b.time_mjd_s - time_mjd_s);
    });
    return static_cast<std::size_t>(nearest - all.begin());
}

/// 1 where there is no series, 0 where it has no solution.
std::complex<float> value_of(GainSeries const& series, Index t, Index antenna, Index hand)
{
    if (series.n_times == 0) return 1;
    return series.gain[series.at(series.n_times == 1 ? 0 : t, antenna, 0, hand)];
}

/// The table's axes with an interval for each integration.
CalTable by_integrations(CalTable const& found, GroupHeader const& header)
{
    auto table = found;
    table.intervals.clear();
    table.solves.clear();
    for (std::size_t t = 0; t < header.time_mjd_s.size(); ++t) {
        double const half = header.integration_s[t] / 2, time = header.time_mjd_s[t];
        table.intervals.push_back({time - half, time + half, time});
        auto const from = nearest_interval(found, time) * found.correlations.size();
        for (std::size_t p = 0; p < found.correlations.size(); ++p) table.solves.push_back(found.solves[from + p]);
    }
    auto const n = table.size();
    table.gain.assign(n, 1);
    table.amplitude_error.assign(n, 0);
    table.phase_error_rad.assign(n, 0);
    table.flag.assign(n, 1);
    return table;
}

CalTable product(GroupHeader const& header, GainSeries const& base, CalTable const& found)
{
    auto const series = gain_series({found}, CalKind::gain, {header});
    auto const places = places_of(found, header);
    auto table = by_integrations(found, header);
    table.phase_only = found.phase_only && base.n_times == 0;
    for (std::size_t t = 0; t < table.intervals.size(); ++t) {
        auto const i = nearest_interval(found, table.intervals[t].time_mjd_s);
        for (std::size_t a = 0; a < table.antennas.size(); ++a)
            for (std::size_t p = 0; p < table.correlations.size(); ++p) {
                auto const hand = hand_of(header, table.correlations[p]);
                auto const time = static_cast<Index>(t);
                auto const before = value_of(base, time, places[a], hand);
                auto const g = before * value_of(series, time, places[a], hand);
                auto const to = table.at(t, a, p, 0), from = found.at(i, a, p, 0);
                if (!(std::norm(g) > 0) || found.flag[from]) continue;
                table.gain[to] = g;
                table.amplitude_error[to] = found.amplitude_error[from] * std::abs(before);
                table.phase_error_rad[to] = found.phase_error_rad[from];
                table.flag[to] = 0;
            }
    }
    table.method += "; times the gains that had corrected the samples";
    return table;
}

}  // namespace

std::vector<CalTable> compose_gains(GroupHeader const& header, std::vector<CalTable> const& base,
                                    std::vector<CalTable> const& found)
{
    check_kinds(found);
    auto const gains = gain_series(base, CalKind::gain, {header});
    if (gains.n_times > 0 && gains.n_channels > 1)
        throw Error(Code::bad_input, "gains that corrected the samples cannot be multiplied with new ones",
                    "they have windows of their own", "solve on samples that K and B corrected");
    std::vector<CalTable> all;
    for (auto const& table : base)
        if (table.kind != CalKind::gain) all.push_back(table);
    all.push_back(product(header, gains, found.front()));
    return all;
}

}  // namespace nocturne
