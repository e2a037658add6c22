#include "driver/report_calibration.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr Index most_columns = 128;  // of the map of flags, and points of a line

void describe_flags(GroupReport& report, FlagAccount const& account)
{
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

/// Of antenna a, first hand: over channels of a bandpass, over intervals of gains.
ReportLine line_of(CalTable const& table, std::size_t a, Part part)
{
    bool const band = goes_by_channel(table);
    std::size_t const n = band ? table.freq_hz.size() : table.intervals.size(),
                      step = std::max<std::size_t>(1, n / static_cast<std::size_t>(most_columns));
    ReportLine line;
    for (std::size_t i = 0; i < n; i += step) {
        auto const k = band ? table.at(0, a, 0, i) : table.at(i, a, 0, 0);
        if (table.flag[k]) continue;
        double const x =
            band ? table.freq_hz[i] / 1e6 : (table.intervals[i].time_mjd_s - table.intervals.front().start_mjd_s) / 60;
        float const y =
            part == Part::amplitude ? std::abs(table.gain[k]) : std::arg(table.gain[k]) * static_cast<float>(180 / pi);
        line.push_back({static_cast<float>(x), y});
    }
    return line;
}

void add_gains(std::vector<ReportLines>& all, CalTable const& table)
{
    bool const band = goes_by_channel(table);
    std::string const what = band ? "Bandpass" : "Gains", x = band ? "frequency (MHz)" : "time from the opening (min)";
    for (auto const& [part, title] :
         {std::pair{Part::amplitude, ": amplitudes"}, {Part::phase, ": phases in degrees"}}) {
        ReportLines drawn{what + title + ", a line an antenna, first hand.", x, {}};
        drawn.name = std::string(band ? "bandpass-" : "gains-") + (part == Part::amplitude ? "amplitude" : "phase");
        for (std::size_t a = 0; a < table.antennas.size(); ++a) drawn.lines.push_back(line_of(table, a, part));
        all.push_back(std::move(drawn));
    }
}

/// Delays stand by antenna number; χ² by channel.
void add_delays(std::vector<ReportLines>& all, CalTable const& table)
{
    ReportLines drawn{"Delays in ns by antenna, a colour a hand.", "antenna", {}, ReportMark::points, "delays"};
    for (std::size_t p = 0; p < table.correlations.size(); ++p) {
        auto& line = drawn.lines.emplace_back();
        for (std::size_t a = 0; a < table.antennas.size(); ++a)
            if (auto const k = table.at(0, a, p, 0); !table.flag[k])
                line.push_back(
                    {static_cast<float>(table.antennas[a].number), static_cast<float>(1e9 * table.delay_s[k])});
    }
    all.push_back(std::move(drawn));
}

void add_residuals(std::vector<ReportLines>& all, CalTable const& table)
{
    ReportLines drawn{"Residual of the bandpass: reduced χ² in Jy² per sample, a line a hand.",
                      "frequency (MHz)",
                      {},
                      ReportMark::line,
                      "residuals"};
    std::size_t const nc = table.freq_hz.size(),
                      step = std::max<std::size_t>(1, nc / static_cast<std::size_t>(most_columns));
    for (std::size_t p = 0; p < table.correlations.size(); ++p) {
        auto& line = drawn.lines.emplace_back();
        for (std::size_t c = 0; c < nc; c += step)
            if (float const chi2 = table.solves[p * nc + c].reduced_chi2; chi2 > 0)
                line.push_back({static_cast<float>(table.freq_hz[c] / 1e6), chi2});
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
