#include "qa/solution_quality.hpp"

#include "nocturne/correlation.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <limits>

namespace nocturne {
namespace {

double const nan = std::numeric_limits<double>::quiet_NaN();

double median(std::vector<double> values)
{
    if (values.empty()) return nan;
    auto const middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Calls visit(index, antenna) for every value of the table; of a Jones matrix for those of its diagonal.
template<class Visit>
void for_each_value(CalTable const& table, Visit const& visit)
{
    for (std::size_t i = 0; i < table.intervals.size(); ++i)
        for (std::size_t a = 0; a < table.antennas.size(); ++a)
            for (std::size_t p = 0; p < table.correlations.size(); ++p)
                for (std::size_t c = 0; c < table.freq_hz.size(); ++c)
                    if (table.kind != CalKind::jones || p % 3 == 0) visit(table.at(i, a, p, c), a);
}

/// Flagged values count where their antenna and their channel have solutions at all: an antenna that hears nothing or a subband that is not there is
/// not the solver's failure.
void count_flags(CalTable const& table, TableQuality& quality)
{
    std::vector<double> antennas(table.antennas.size(), 0), channels(table.freq_hz.size(), 0);
    double sum = 0;
    for_each_value(table, [&](std::size_t k, std::size_t a) {
        if (table.flag[k]) return;
        antennas[a] = channels[k % channels.size()] = 1;
        sum += 1;
    });
    for (double any : antennas) quality.n_antennas += any > 0;
    double n_channels = 0;
    for (double any : channels) n_channels += any;
    quality.missing_band = 1 - n_channels / static_cast<double>(channels.size());
    std::size_t const hands = table.kind == CalKind::jones ? 2 : table.correlations.size();
    double const each = n_channels * static_cast<double>(table.intervals.size() * hands);
    quality.flagged_fraction = sum > 0 ? 1 - sum / (each * quality.n_antennas) : 1;
}

void measure_gains(CalTable const& table, TableQuality& quality)
{
    std::vector<double> amplitudes;
    double snr = 0, n = 0;
    for_each_value(table, [&](std::size_t k, std::size_t) {
        if (table.flag[k]) return;
        amplitudes.push_back(static_cast<double>(std::abs(table.gain[k])));
        auto const error = static_cast<double>(table.phase_error_rad[k]);
        if (!(error > 0)) return;
        snr += 1 / error;
        n += 1;
    });
    quality.mean_snr = n > 0 ? snr / n : nan;
    double const middle = median(amplitudes);
    QualityLimits const limits;
    auto const outliers = std::count_if(amplitudes.begin(), amplitudes.end(), [&](double amplitude) {
        return amplitude < limits.least_amplitude * middle || amplitude > limits.most_amplitude * middle;
    });
    quality.amplitude_outliers =
        amplitudes.empty() ? 0 : static_cast<double>(outliers) / static_cast<double>(amplitudes.size());
}

/// Median over antennas of the circular deviation from interval to interval, √(−2 ln R); an antenna's turn with all others does not count.
double phase_scatter_deg(CalTable const& table)
{
    if (table.intervals.size() < 2) return nan;
    std::vector<double> all;
    for (std::size_t p = 0; p < table.correlations.size(); ++p)
        for (std::size_t a = 0; a < table.antennas.size(); ++a) {
            std::complex<double> sum = 0;
            double n = 0;
            for (std::size_t i = 0; i < table.intervals.size(); ++i) {
                auto const k = table.at(i, a, p, 0);
                if (table.flag[k]) continue;
                sum += std::polar(1.0, static_cast<double>(std::arg(table.gain[k])));
                n += 1;
            }
            if (n > 1) all.push_back(std::sqrt(std::max(0.0, -2 * std::log(std::min(1.0, std::abs(sum) / n)))));
        }
    return median(all) * 180 / pi;
}

void find_largest_delay(CalTable const& table, TableQuality& quality)
{
    for (std::size_t a = 0; a < table.antennas.size(); ++a)
        for (std::size_t p = 0; p < table.correlations.size(); ++p)
            for (std::size_t i = 0; i < table.intervals.size(); ++i) {
                auto const k = table.at(i, a, p, 0);
                if (table.flag[k] || !(1e9 * std::abs(table.delay_s[k]) > quality.largest_delay_ns)) continue;
                quality.largest_delay_ns = 1e9 * std::abs(table.delay_s[k]);
                quality.largest_delay_of =
                    " (antenna " + std::to_string(table.antennas[a].number) + " " + name(table.correlations[p]) + ")";
            }
}

TableQuality measure_table(CalTable const& table)
{
    TableQuality quality;
    quality.kind = table.kind;
    quality.mean_snr = quality.phase_scatter_deg = nan;
    count_flags(table, quality);
    if (table.kind != CalKind::delay) measure_gains(table, quality);
    if (table.kind == CalKind::gain) quality.phase_scatter_deg = phase_scatter_deg(table);
    if (table.kind == CalKind::delay) find_largest_delay(table, quality);
    return quality;
}

/// What was measured beside its two thresholds; `sign` +1 where more is worse.
struct Trial {
    char const* what;
    double value, bad, doubtful;
    int sign;
    std::string where = {};  ///< " (antenna 45 XX)"
};

void judge(CalTable const& table, TableQuality const& q, QualityLimits const& limits, SolutionQuality& all)
{
    int const needed = std::min(limits.least_antennas, 2 * static_cast<int>(table.telescope.size()) / 3);
    double const most_missing = std::isnan(table.band_there) ? 1 : 1 - (1 - limits.most_lost_band) * table.band_there;
    Trial const trials[] = {
        {"antennas with a solution", static_cast<double>(q.n_antennas), static_cast<double>(needed),
         static_cast<double>(needed), -1},
        {"mean SNR", q.mean_snr, limits.least_snr, limits.good_snr, -1},
        {"flagged fraction", q.flagged_fraction, limits.most_flagged, limits.good_flagged, 1},
        {"missing fraction of the band", q.missing_band, most_missing, limits.good_missing_band, 1},
        {"fraction of amplitudes out of range", q.amplitude_outliers, limits.most_outliers, limits.most_outliers, 1},
        {"phase scatter in degrees", q.phase_scatter_deg, limits.most_phase_scatter_deg, limits.most_phase_scatter_deg,
         1},
        {"largest delay in ns", q.largest_delay_ns, limits.most_delay_ns, limits.most_delay_ns, 1, q.largest_delay_of}};
    for (auto const& trial : trials) {
        if (!(trial.sign * (trial.value - trial.doubtful) > 0)) continue;
        bool const fails = trial.sign * (trial.value - trial.bad) > 0;
        char text[160];
        std::snprintf(text, sizeof text, "%s: %s %.3g%s, %s %.3g", name(table.kind), trial.what, trial.value,
                      trial.where.c_str(), trial.sign > 0 ? "more than" : "less than",
                      fails ? trial.bad : trial.doubtful);
        if (std::find(all.reasons.begin(), all.reasons.end(), text) == all.reasons.end())
            all.reasons.emplace_back(text);
        all.verdict = std::max(all.verdict, fails ? QualityVerdict::fail : QualityVerdict::warn);
    }
}

}  // namespace

char const* name(QualityVerdict verdict)
{
    return verdict == QualityVerdict::pass ? "pass" : verdict == QualityVerdict::warn ? "warn" : "fail";
}

SolutionQuality judge_solutions(std::vector<CalTable> const& tables, QualityLimits const& limits)
{
    SolutionQuality all;
    for (auto const& table : tables) {
        all.tables.push_back(measure_table(table));
        judge(table, all.tables.back(), limits, all);
    }
    return all;
}

}  // namespace nocturne
