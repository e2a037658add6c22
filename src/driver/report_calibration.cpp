#include "driver/report_calibration.hpp"

#include "nocturne/correlation.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace nocturne {
namespace {

constexpr Index most_columns = 128;  // of the map of flags, and of a line: two points each

void describe_flags(GroupReport& report, FlagAccount const& account)
{
    for (int const number : account.dead) report.deaf.push_back(std::to_string(number));
    for (auto const& [number, hand] : account.deaf) report.deaf.push_back(std::to_string(number) + " in " + name(hand));
    Index const nt = account.n_integrations, nc = account.n_channels;
    if (nt * nc == 0) return;
    Index const rows = std::min(nt, most_columns), columns = std::min(nc, most_columns);
    std::vector<double> flagged(static_cast<std::size_t>(rows * columns)), total(flagged.size());
    for (Index t = 0; t < nt; ++t)
        for (Index c = 0; c < nc; ++c) {
            Index const to = t * rows / nt * columns + c * columns / nc;
            flagged[to] += static_cast<double>(account.cross_flagged[t * nc + c]);
            total[to] += static_cast<double>(account.cross_total[t * nc + c]);
        }
    for (std::size_t i = 0; i < flagged.size(); ++i)
        report.occupancy.push_back(static_cast<float>(total[i] > 0 ? flagged[i] / total[i] : 1));
    report.occupancy_columns = static_cast<int>(columns);
}

enum class Part { amplitude, phase };

bool goes_by_channel(CalTable const& table)
{
    return table.kind == CalKind::bandpass || (table.kind == CalKind::jones && table.freq_hz.size() > 1);
}

/// A line through n places: the least and the greatest value of each column, in their order. It breaks where `value` is NaN and where places are
/// more than `most_step` apart.
template<class Place, class Value>
ReportLine line_through(std::size_t n, float most_step, Place const& place, Value const& value)
{
    auto const leaps = [&](std::size_t to) { return place(to) - place(to - 1) > most_step; };
    std::size_t const width = std::max<std::size_t>(1, (n + most_columns - 1) / static_cast<std::size_t>(most_columns));
    ReportLine line;
    for (std::size_t first = 0; first < n;) {
        if (std::isnan(value(first))) {  // its ends, so that the axis holds them
            std::size_t last = first;
            while (last + 1 < n && std::isnan(value(last + 1))) ++last;
            line.push_back({place(first), NAN});
            if (last > first) line.push_back({place(last), NAN});
            first = last + 1;
            continue;
        }
        if (first > 0 && leaps(first)) line.push_back({place(first), NAN});
        std::size_t const column_end = std::min(n, (first / width + 1) * width);
        std::size_t least = first, most = first, end = first;
        for (; end < column_end && !std::isnan(value(end)) && (end == first || !leaps(end)); ++end) {
            if (value(end) < value(least)) least = end;
            if (value(end) > value(most)) most = end;
        }
        line.push_back({place(std::min(least, most)), value(std::min(least, most))});
        if (least != most) line.push_back({place(std::max(least, most)), value(std::max(least, most))});
        first = end;
    }
    return line;
}

/// Channels further apart (MHz) are no neighbours.
float step_of(CalTable const& table) { return static_cast<float>(1.5e-6 * table.channel_width_hz.front()); }

/// Of antenna a, correlation p: over channels of a bandpass, over intervals of gains.
ReportLine line_of(CalTable const& table, std::size_t a, std::size_t p, Part part)
{
    bool const band = goes_by_channel(table);
    auto const place = [&](std::size_t i) {
        return static_cast<float>(band ? table.freq_hz[i] / 1e6
                                       : (table.intervals[i].time_mjd_s - table.intervals.front().start_mjd_s) / 60);
    };
    auto const value = [&](std::size_t i) {
        auto const k = band ? table.at(0, a, p, i) : table.at(i, a, p, 0);
        if (table.flag[k]) return static_cast<float>(NAN);
        return part == Part::amplitude ? std::abs(table.gain[k])
                                       : std::arg(table.gain[k]) * static_cast<float>(180 / pi);
    };
    return band ? line_through(table.freq_hz.size(), step_of(table), place, value)
                : line_through(table.intervals.size(), INFINITY, place, value);
}

bool has_solutions(CalTable const& table, std::size_t p)
{
    std::size_t const nc = table.freq_hz.size(), step = table.correlations.size() * nc;
    for (std::size_t from = p * nc; from < table.size(); from += step) {
        auto const first = table.flag.begin() + static_cast<std::ptrdiff_t>(from);
        if (std::count(first, first + static_cast<std::ptrdiff_t>(nc), 0) > 0) return true;
    }
    return false;
}

/// A chart for each parallel hand: lines of one do not hide that the other is gone.
void add_gains(std::vector<ReportLines>& all, CalTable const& table)
{
    bool const band = goes_by_channel(table);
    std::string const what = band ? "Bandpass " : "Gains ",
                      x = band ? "frequency (MHz)" : "time from the opening (min)";
    for (auto const& [part, title] : {std::pair{Part::amplitude, ": amplitudes"}, {Part::phase, ": phases in degrees"}})
        for (std::size_t p = 0; p < table.correlations.size(); ++p) {
            if (table.kind == CalKind::jones && p % 3 != 0) continue;
            std::string const hand = name(table.correlations[p]);
            ReportLines drawn{what + hand + title, x, {}};
            drawn.title += has_solutions(table, p) ? ", a line an antenna (its number beside it)." : ": no solutions.";
            drawn.name = std::string(band ? "bandpass-" : "gains-") + (part == Part::amplitude ? "amplitude" : "phase");
            drawn.name += "-" + hand;
            for (std::size_t a = 0; a < table.antennas.size(); ++a) {
                drawn.lines.push_back(line_of(table, a, p, part));
                drawn.names.push_back(std::to_string(table.antennas[a].number));
            }
            all.push_back(std::move(drawn));
        }
}

/// Delays stand by antenna number; χ² by channel.
void add_delays(std::vector<ReportLines>& all, CalTable const& table)
{
    ReportLines drawn{"Delays in ns by antenna, a colour a hand", "antenna", {}, ReportMark::points, "delays"};
    for (std::size_t p = 0; p < table.correlations.size(); ++p) {
        auto& line = drawn.lines.emplace_back();
        drawn.names.emplace_back(name(table.correlations[p]));
        for (std::size_t a = 0; a < table.antennas.size(); ++a)
            if (auto const k = table.at(0, a, p, 0); !table.flag[k])
                line.push_back(
                    {static_cast<float>(table.antennas[a].number), static_cast<float>(1e9 * table.delay_s[k])});
        if (line.empty()) drawn.title += std::string("; none in ") + name(table.correlations[p]);
    }
    drawn.title += ".";
    all.push_back(std::move(drawn));
}

void add_residuals(std::vector<ReportLines>& all, CalTable const& table)
{
    ReportLines drawn{"Residual of the bandpass: reduced χ² in Jy² per sample, a line a hand.",
                      "frequency (MHz)",
                      {},
                      ReportMark::line,
                      "residuals"};
    std::size_t const nc = table.freq_hz.size();
    for (std::size_t p = 0; p < table.correlations.size(); ++p) {
        drawn.names.emplace_back(name(table.correlations[p]));
        drawn.lines.push_back(line_through(
            nc, step_of(table), [&](std::size_t c) { return static_cast<float>(table.freq_hz[c] / 1e6); },
            [&](std::size_t c) {
                float const chi2 = table.solves[p * nc + c].reduced_chi2;
                return chi2 > 0 ? chi2 : static_cast<float>(NAN);
            }));
    }
    all.push_back(std::move(drawn));
}

}  // namespace

std::vector<ReportLines> solution_lines(std::vector<CalTable> const& tables)
{
    std::vector<ReportLines> all;
    for (auto const& table : tables) {
        if (table.kind == CalKind::delay) {
            add_delays(all, table);
            continue;
        }
        add_gains(all, table);
        if (table.kind == CalKind::bandpass) add_residuals(all, table);
    }
    return all;
}

void describe_calibration(GroupReport& report, GroupState const& state)
{
    if (state.flag_account) describe_flags(report, *state.flag_account);
    report.solutions = solution_lines(state.solutions);
}

}  // namespace nocturne
