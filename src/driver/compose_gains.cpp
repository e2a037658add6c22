#include "driver/compose_gains.hpp"

#include "nocturne/correlation.hpp"
#include "nocturne/error.hpp"
#include "stages/apply/factors.hpp"
#include "stages/apply/solution_axes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

void check_kinds(std::vector<CalTable> const& base, std::vector<CalTable> const& found)
{
    for (auto const& table : base)
        if (table.kind == CalKind::jones)
            throw Error(Code::bad_config, "samples that Jones matrices corrected are not solved on",
                        "the product of matrices and gains is no table",
                        "name --solutions of delays, bandpasses and gains alone");
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

/// Solved moments around the group: the last before it, all within, the first after.
std::vector<double> moments_around(GroupHeader const& header, std::vector<CalTable> const& base)
{
    std::vector<double> all;
    for (auto const& table : base)
        for (auto const& interval : table.intervals) all.push_back(interval.time_mjd_s);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    auto const [first, last] = std::minmax_element(header.time_mjd_s.begin(), header.time_mjd_s.end());
    auto begin = std::upper_bound(all.begin(), all.end(), *first), end = std::lower_bound(begin, all.end(), *last);
    if (begin != all.begin()) --begin;
    if (end != all.end()) ++end;
    return {begin, end};
}

/// The axes of a bandpass of the whole group with an interval for each moment; everything flagged.
CalTable empty_bandpass(GroupHeader const& header, CalTable const& like, std::vector<double> const& moments)
{
    auto table = like;
    table.kind = CalKind::bandpass;
    table.phase_only = false;
    table.reference_antenna = -1;
    table.antennas = table.telescope = header.antennas;
    table.correlations.clear();
    for (auto correlation : header.correlations)
        if (antennas_exchanged(correlation) == correlation) table.correlations.push_back(correlation);
    table.freq_hz = header.freq_hz;
    table.channel_width_hz = header.channel_width_hz;
    table.intervals.clear();
    double const half = header.integration_s.front() / 2;
    for (double time : moments) table.intervals.push_back({time - half, time + half, time});
    auto const n = table.size();
    table.gain.assign(n, 1);
    table.delay_s.clear();
    table.delay_error_s.clear();
    table.amplitude_error.assign(n, 0);
    table.phase_error_rad.assign(n, 0);
    table.flag.assign(n, 1);
    table.solves.assign(moments.size() * table.correlations.size() * table.freq_hz.size(), {});
    table.method = "product of the tables of several sets, at the moments around the group";
    return table;
}

/// Relative errors of the bandpass that was solved nearest in time, where there is one.
void take_errors(std::vector<CalTable> const& base, GroupHeader const& header, std::size_t i, CalTable& table)
{
    auto const away = [&](CalTable const& one) {
        return one.kind == CalKind::bandpass
                   ? std::abs(one.intervals.front().time_mjd_s - table.intervals[i].time_mjd_s)
                   : std::numeric_limits<double>::infinity();
    };
    auto const& nearest =
        *std::min_element(base.begin(), base.end(), [&](auto const& a, auto const& b) { return away(a) < away(b); });
    if (nearest.kind != CalKind::bandpass) return;
    auto const antennas = match_antennas(nearest, header), hands = match_hands(nearest, {header});
    for (std::size_t a = 0; a < table.antennas.size(); ++a)
        for (std::size_t p = 0; p < table.correlations.size(); ++p)
            for (std::size_t c = 0; c < table.freq_hz.size(); ++c) {
                auto const hand = hands[static_cast<std::size_t>(hand_of(header, table.correlations[p]))];
                auto const at = std::lower_bound(nearest.freq_hz.begin(), nearest.freq_hz.end(),
                                                 table.freq_hz[c] - 0.5 * table.channel_width_hz[c]);
                if (antennas[a] < 0 || hand < 0 || at == nearest.freq_hz.end()) continue;
                auto const from = nearest.at(0, static_cast<std::size_t>(antennas[a]), static_cast<std::size_t>(hand),
                                             static_cast<std::size_t>(at - nearest.freq_hz.begin()));
                auto const to = table.at(i, a, p, c);
                if (nearest.flag[from]) continue;
                table.phase_error_rad[to] = nearest.phase_error_rad[from];
                table.amplitude_error[to] =
                    nearest.amplitude_error[from] / std::abs(nearest.gain[from]) * std::abs(table.gain[to]);
            }
}

/// What several sets are between their moments, as one table.
CalTable product_of_sets(GroupHeader const& header, std::vector<CalTable> const& base, SolutionSets const& sets)
{
    auto at_moments = header;
    at_moments.time_mjd_s = moments_around(header, base);
    auto const factors = gain_factors(sets, {at_moments});
    auto table = empty_bandpass(header, base.front(), at_moments.time_mjd_s);
    auto const nc = header.freq_hz.size(), np = header.correlations.size(), na = header.antennas.size();
    for (std::size_t i = 0; i < table.intervals.size(); ++i) {
        for (std::size_t a = 0; a < na; ++a)
            for (std::size_t p = 0; p < table.correlations.size(); ++p) {
                auto const hand = static_cast<std::size_t>(hand_of(header, table.correlations[p]));
                auto const drift = factors.drift[(i * na + a) * np + hand];
                auto const slot = static_cast<std::size_t>(factors.slot[i]);
                for (std::size_t c = 0; c < nc; ++c) {
                    auto const g = drift * factors.band[((slot * na + a) * nc + c) * np + hand];
                    if (!(std::norm(g) > 0)) continue;
                    table.gain[table.at(i, a, p, c)] = g;
                    table.flag[table.at(i, a, p, c)] = 0;
                }
            }
        take_errors(base, header, i, table);
    }
    return table;
}

/// All but the gains, which come back as a series.
GainSeries keep_bands(GroupHeader const& header, std::vector<CalTable> const& base, std::vector<CalTable>& kept)
{
    for (auto const& table : base)
        if (table.kind != CalKind::gain) kept.push_back(table);
    auto gains = gain_series(base, CalKind::gain, {header});
    if (gains.n_times > 0 && gains.n_channels > 1)
        throw Error(Code::bad_input, "gains that corrected the samples cannot be multiplied with new ones",
                    "they have windows of their own", "solve on samples that K and B corrected");
    return gains;
}

}  // namespace

std::vector<CalTable> compose_gains(GroupHeader const& header, std::vector<CalTable> const& base,
                                    std::vector<CalTable> const& found)
{
    check_kinds(base, found);
    std::vector<CalTable> all;
    GainSeries gains;
    if (auto const sets = solution_sets(base, header.group_id); sets.sets.size() > 1 || sets.layered())
        all.push_back(product_of_sets(header, base, sets));
    else
        gains = keep_bands(header, base, all);
    all.push_back(product(header, gains, found.front()));
    for (auto& table : all) table.set = "composed gains";
    return all;
}

}  // namespace nocturne
