#include "driver/solve_intervals.hpp"

#include "nocturne/median.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

CalTable const* find_table(std::vector<CalTable> const& tables, CalKind kind)
{
    auto const found =
        std::find_if(tables.begin(), tables.end(), [kind](CalTable const& table) { return table.kind == kind; });
    return found == tables.end() ? nullptr : &*found;
}

double median_phase_error(CalTable const* table)
{
    std::vector<double> errors;
    for (std::size_t k = 0; table && k < table->size(); ++k)
        if (!table->flag[k]) errors.push_back(static_cast<double>(table->phase_error_rad[k]));
    return median_of(errors);
}

/// Relative error of an amplitude; 0 where amplitudes are held.
double amplitude_error(CalTable const& g, std::size_t k)
{
    return static_cast<double>(g.amplitude_error[k] / std::abs(g.gain[k]));
}

struct Change {
    double phase_rad = 0, amplitude = 0;  ///< rms from one interval to the next, noise taken off
    double size() const { return std::hypot(phase_rad, amplitude); }
};

Change change_of(CalTable const& g)
{
    double phase = 0, amplitude = 0, n = 0;
    for (std::size_t i = 0; i + 1 < g.intervals.size(); ++i)
        for (std::size_t a = 0; a < g.antennas.size(); ++a)
            for (std::size_t p = 0; p < g.correlations.size(); ++p) {
                auto const one = g.at(i, a, p, 0), two = g.at(i + 1, a, p, 0);
                if (g.flag[one] || g.flag[two]) continue;
                std::complex<double> const ratio =
                    std::complex<double>(g.gain[two]) / std::complex<double>(g.gain[one]);
                phase += std::pow(std::arg(ratio), 2);
                amplitude += std::pow(std::log(std::abs(ratio)), 2);
                for (auto k : {one, two}) {
                    phase -= std::pow(static_cast<double>(g.phase_error_rad[k]), 2);
                    amplitude -= std::pow(amplitude_error(g, k), 2);
                }
                n += 1;
            }
    if (n == 0) return {};
    return {std::sqrt(std::max(0.0, phase / n)), std::sqrt(std::max(0.0, amplitude / n))};
}

Job with_intervals(Job job, double seconds)
{
    for (auto& task : job.tasks) {
        if (task.stage->name != "solve") continue;
        auto values = task.params.values();
        values["solint"] = seconds;
        values["follow-drift"] = false;
        if (task.params.number("prebp-solint") > 0)
            values["prebp-solint"] = std::min(seconds, task.params.number("prebp-solint"));
        task.params = Params(task.stage->params, values);
    }
    return job;
}

bool wants_to_follow(Job const& job)
{
    return std::any_of(job.tasks.begin(), job.tasks.end(), [](Task const& task) {
        return task.stage->name == "solve" && task.params.flag("follow-drift");
    });
}

}  // namespace

std::optional<FinerJob> follow_drift(Job const& job, std::vector<CalTable> const& tables, double integration_s)
{
    auto const* const g = find_table(tables, CalKind::gain);
    if (!wants_to_follow(job) || !g || g->intervals.size() < 2) return std::nullopt;
    double const length = (g->intervals.back().end_mjd_s - g->intervals.front().start_mjd_s) /
                          static_cast<double>(g->intervals.size()),
                 error = std::hypot(median_phase_error(find_table(tables, CalKind::bandpass)), median_phase_error(g));
    auto const change = change_of(*g);
    if (!(change.size() > 1.1 * error) || length < 1.5 * integration_s) return std::nullopt;
    double const shorter = std::max(integration_s, std::min(length / 2, length * error / change.size()));
    char text[240];
    std::snprintf(
        text, sizeof text,
        "gains change by %.2g degrees and %.2g %% from one interval of %.3g s to the next, solutions are good to %.2g "
        "degrees: solved again with intervals of %.3g s (follow-drift)",
        change.phase_rad / degree_rad, 100 * change.amplitude, length, error / degree_rad, shorter);
    return FinerJob{with_intervals(job, shorter), text};
}

}  // namespace nocturne
