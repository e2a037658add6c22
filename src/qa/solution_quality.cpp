#include "qa/solution_quality.hpp"

#include "nocturne/correlation.hpp"
#include "nocturne/median.hpp"
#include "nocturne/units.hpp"
#include "qa/band_quality.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdio>
#include <limits>

namespace nocturne {
namespace {

double const nan = std::numeric_limits<double>::quiet_NaN();

double median_or_nan(std::vector<double> values) { return values.empty() ? nan : median_of(values); }

/// Correlations that are judged: parallel hands; of a Jones matrix its diagonal.
std::vector<std::size_t> hands_of(CalTable const& table)
{
    std::vector<std::size_t> hands;
    for (std::size_t p = 0; p < table.correlations.size(); ++p)
        if (table.kind != CalKind::jones || p % 3 == 0) hands.push_back(p);
    return hands;
}

/// Calls visit(index, antenna) for every sound solution of hand p; returns how many others are not flagged.
template<class Visit>
std::size_t for_each_solution(CalTable const& table, std::size_t p, Visit const& visit)
{
    std::size_t broken = 0;
    for (std::size_t i = 0; i < table.intervals.size(); ++i)
        for (std::size_t a = 0; a < table.antennas.size(); ++a)
            for (std::size_t c = 0; c < table.freq_hz.size(); ++c) {
                auto const k = table.at(i, a, p, c);
                if (table.flag[k]) continue;
                if (is_sound(table, i, a, p, c))
                    visit(k, a);
                else
                    ++broken;
            }
    return broken;
}

double share_of(std::vector<char> const& any)
{
    return static_cast<double>(std::count(any.begin(), any.end(), 1)) / static_cast<double>(any.size());
}

/// Flagged values count where their antenna and their channel have solutions in some hand: an antenna that hears nothing or a subband that is not
/// there is not the solver's failure, but a hand without solutions is.
void count_flags(CalTable const& table, TableQuality& quality)
{
    std::vector<char> antennas(table.antennas.size(), 0), channels(table.freq_hz.size(), 0);
    std::vector<double> solved;
    for (auto p : hands_of(table)) {
        std::vector<char> heard(antennas.size(), 0);
        solved.push_back(0);
        auto const broken = for_each_solution(table, p, [&](std::size_t k, std::size_t a) {
            heard[a] = antennas[a] = channels[k % channels.size()] = 1;
            solved.back() += 1;
        });
        quality.hands.push_back({table.correlations[p]});
        quality.hands.back().n_antennas = static_cast<int>(std::count(heard.begin(), heard.end(), 1));
        quality.hands.back().broken_fraction =
            broken > 0 ? static_cast<double>(broken) / (static_cast<double>(broken) + solved.back()) : 0;
    }
    quality.missing_band = 1 - share_of(channels);
    double const all = share_of(antennas) * share_of(channels) * static_cast<double>(table.size()) /
                       static_cast<double>(table.correlations.size());
    for (std::size_t h = 0; h < solved.size(); ++h)
        quality.hands[h].flagged_fraction = solved[h] > 0 ? std::max(0.0, 1 - solved[h] / all) : 1;
}

void measure_gains(CalTable const& table, std::size_t p, HandQuality& quality)
{
    std::vector<double> amplitudes;
    double snr = 0, n = 0;
    for_each_solution(table, p, [&](std::size_t k, std::size_t) {
        amplitudes.push_back(static_cast<double>(std::abs(table.gain[k])));
        auto const error = static_cast<double>(table.phase_error_rad[k]);
        if (!(error > 0)) return;
        snr += 1 / error;
        n += 1;
    });
    quality.mean_snr = n > 0 ? snr / n : nan;
    double const middle = median_or_nan(amplitudes);
    QualityLimits const limits;
    auto const outliers = std::count_if(amplitudes.begin(), amplitudes.end(), [&](double amplitude) {
        return amplitude < limits.least_amplitude * middle || amplitude > limits.most_amplitude * middle;
    });
    quality.amplitude_outliers =
        amplitudes.empty() ? 0 : static_cast<double>(outliers) / static_cast<double>(amplitudes.size());
}

/// Median over antennas of the circular deviation from interval to interval, √(−2 ln R); an antenna's turn with all others does not count.
double phase_scatter_deg(CalTable const& table, std::size_t p)
{
    if (table.intervals.size() < 2) return nan;
    std::vector<double> all;
    for (std::size_t a = 0; a < table.antennas.size(); ++a) {
        std::complex<double> sum = 0;
        double n = 0;
        for (std::size_t i = 0; i < table.intervals.size(); ++i) {
            auto const k = table.at(i, a, p, 0);
            if (table.flag[k] || !is_sound(table, i, a, p, 0)) continue;
            sum += std::polar(1.0, static_cast<double>(std::arg(table.gain[k])));
            n += 1;
        }
        if (n > 1) all.push_back(std::sqrt(std::max(0.0, -2 * std::log(std::min(1.0, std::abs(sum) / n)))));
    }
    return median_or_nan(all) * 180 / pi;
}

/// CASA's tables know antennas by their names alone.
std::string called(Antenna const& antenna)
{
    return antenna.number < 0 ? antenna.name : std::to_string(antenna.number);
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
                    " (antenna " + called(table.antennas[a]) + " " + name(table.correlations[p]) + ")";
            }
}

/// NaN where neither is known.
double worse(double one, double two, int sign) { return std::isnan(one) || sign * (two - one) > 0 ? two : one; }

double value_or_nan(std::vector<double> const& values, std::size_t i) { return i < values.size() ? values[i] : nan; }

TableQuality measure_table(CalTable const& table)
{
    TableQuality quality;
    quality.kind = table.kind;
    quality.mean_snr = quality.phase_scatter_deg = quality.unexplained_ratio = quality.unexplained_share = nan;
    count_flags(table, quality);
    auto const places = hands_of(table);
    for (std::size_t h = 0; h < places.size(); ++h) {
        auto& hand = quality.hands[h];
        hand.mean_snr = hand.phase_scatter_deg = nan;
        hand.unexplained_ratio = value_or_nan(table.unexplained_ratio, places[h]);
        hand.unexplained_share = value_or_nan(table.unexplained_share, places[h]);
        if (table.kind != CalKind::delay) measure_gains(table, places[h], hand);
        if (table.kind == CalKind::gain) hand.phase_scatter_deg = phase_scatter_deg(table, places[h]);
        quality.mean_snr = worse(quality.mean_snr, hand.mean_snr, -1);
        quality.phase_scatter_deg = worse(quality.phase_scatter_deg, hand.phase_scatter_deg, 1);
        quality.unexplained_ratio = worse(quality.unexplained_ratio, hand.unexplained_ratio, 1);
        quality.unexplained_share = worse(quality.unexplained_share, hand.unexplained_share, 1);
        quality.flagged_fraction = std::max(quality.flagged_fraction, hand.flagged_fraction);
        quality.broken_fraction = std::max(quality.broken_fraction, hand.broken_fraction);
        quality.amplitude_outliers = std::max(quality.amplitude_outliers, hand.amplitude_outliers);
        quality.n_antennas = h == 0 ? hand.n_antennas : std::min(quality.n_antennas, hand.n_antennas);
    }
    if (table.kind == CalKind::delay) find_largest_delay(table, quality);
    if (table.kind != CalKind::bandpass) return quality;
    QualityLimits const limits;
    auto const strays = stray_channels(table, limits.most_stray);
    auto const poor = poor_parts(table, limits.most_flagged), lost = poor_parts(table, limits.lost_flagged);
    quality.stray_channels = static_cast<int>(std::ssize(strays)), quality.strays_at = where_channels(table, strays);
    quality.poor_parts = static_cast<int>(std::ssize(poor)), quality.poor_at = where_parts(table, poor);
    quality.lost_parts = static_cast<int>(std::ssize(lost)), quality.lost_at = where_parts(table, lost);
    return quality;
}

constexpr char missing_band[] = "missing fraction of the band";

/// What was measured beside its two thresholds; `sign` +1 where more is worse.
struct Trial {
    char const* what;
    double value, bad, doubtful;
    int sign;
    std::string where = {};                           ///< " (antenna 45 XX)"
    double (*of_hand)(HandQuality const&) = nullptr;  ///< the same of each hand
    bool at_limit = false;                            ///< bad begins at its threshold, not beyond it
};

bool breaches(Trial const& trial, double value, double limit) { return trial.sign * (value - limit) > 0; }

/// Shares of channels are sums of a few: what is at the limit is so to rounding.
bool is_bad(Trial const& trial)
{
    return breaches(trial, trial.value, trial.bad - (trial.at_limit ? trial.sign * 1e-9 : 0));
}

/// " (YY)" where some hands breach the limit and others do not.
std::string hands_beyond(Trial const& trial, double limit, std::vector<HandQuality> const& hands)
{
    if (!trial.of_hand) return trial.where;
    std::string found;
    std::size_t n = 0;
    for (auto const& hand : hands) {
        if (!breaches(trial, trial.of_hand(hand), limit)) continue;
        found += (found.empty() ? "" : " ") + std::string(name(hand.hand));
        ++n;
    }
    return n == hands.size() ? "" : " (" + found + ")";
}

std::vector<Trial> trials_of(CalTable const& table, TableQuality const& q, QualityLimits const& limits)
{
    using Hand = HandQuality const&;
    double const never = std::numeric_limits<double>::infinity(), nothing = 0;
    double const needed = std::min(limits.least_antennas, 2 * static_cast<int>(table.telescope.size()) / 3);
    double const most_missing =
        std::isnan(table.band_there) ? never : 1 - (1 - limits.most_lost_band) * table.band_there;
    double const outliers = limits.most_outliers, scatter = limits.most_phase_scatter_deg, delay = limits.most_delay_ns;
    auto const antennas_of = [](Hand h) -> double { return h.n_antennas; };
    auto const snr_of = [](Hand h) { return h.mean_snr; };
    auto const flags_of = [](Hand h) { return h.flagged_fraction; };
    auto const broken_of = [](Hand h) { return h.broken_fraction; };
    auto const outliers_of = [](Hand h) { return h.amplitude_outliers; };
    auto const scatter_of = [](Hand h) { return h.phase_scatter_deg; };
    auto const count = [](int n) -> double { return n; };
    return {
        {"antennas with a solution", count(q.n_antennas), needed, needed, -1, {}, antennas_of},
        {"mean SNR", q.mean_snr, limits.least_snr, limits.good_snr, -1, {}, snr_of},
        {"flagged fraction", q.flagged_fraction, limits.most_flagged, limits.good_flagged, 1, {}, flags_of},
        {"fraction that is not finite or has no error", q.broken_fraction, limits.most_broken, 0, 1, {}, broken_of},
        {missing_band, q.missing_band, most_missing, limits.good_missing_band, 1, {}, nullptr, true},
        {"fraction of amplitudes out of range", q.amplitude_outliers, outliers, outliers, 1, {}, outliers_of},
        {"phase scatter in degrees", q.phase_scatter_deg, scatter, scatter, 1, {}, scatter_of},
        {"channels off their neighbours by 5 %", count(q.stray_channels), never, nothing, 1, q.strays_at},
        {"sixteenths of the band of which half is flagged", count(q.poor_parts), never, nothing, 1, q.poor_at},
        {"sixteenths of the band of which four fifths are flagged", count(q.lost_parts), never, nothing, 1, q.lost_at},
        {"largest delay in ns", q.largest_delay_ns, delay, delay, 1, q.largest_delay_of}};
}

/// The same words of two windows are said once of the set.
void add_reason(std::string const& text, bool fails, TableQuality& q, SolutionQuality& all)
{
    q.reasons.push_back(text);
    if (std::find(all.reasons.begin(), all.reasons.end(), text) == all.reasons.end()) all.reasons.push_back(text);
    all.verdict = std::max(all.verdict, fails ? QualityVerdict::fail : QualityVerdict::warn);
}

void judge(CalTable const& table, TableQuality& q, QualityLimits const& limits, SolutionQuality& all)
{
    for (auto const& trial : trials_of(table, q, limits)) {
        if (!breaches(trial, trial.value, trial.doubtful)) continue;
        bool const fails = is_bad(trial);
        double const limit = fails ? trial.bad : trial.doubtful;
        char text[200];
        std::snprintf(text, sizeof text, "%s: %s %.3g%s, %s %.3g", name(table.kind), trial.what, trial.value,
                      hands_beyond(trial, limit, q.hands).c_str(),
                      fails && trial.at_limit ? "and the limit is"
                      : trial.sign > 0        ? "more than"
                                              : "less than",
                      limit);
        add_reason(text, fails, q, all);
        if (fails) (trial.what == missing_band ? all.band_lost : all.poor) = true;
    }
}

/// Well determined solutions of a sky that is not there: what stands out of the noise harms where it is a share of the model, too. Gains alone
/// are warned of: self-calibration begins with models that lack most of the sky, and gets there.
void judge_model(TableQuality& q, QualityLimits const& limits, SolutionQuality& all)
{
    for (bool const fails : {true, false}) {
        if (fails && q.kind == CalKind::gain) continue;
        double const most = fails ? limits.most_unexplained : limits.good_unexplained,
                     share = fails ? limits.most_unexplained_share : limits.good_unexplained_share;
        Trial const trial{"", 0, 0, 0, 1, {}, [](HandQuality const& h) { return h.unexplained_ratio; }};
        auto hands = q.hands;
        double ratio = 0, largest = 0;
        for (auto& hand : hands) {
            if (!(hand.unexplained_share > share)) hand.unexplained_ratio = 0;
            if (!(hand.unexplained_ratio > most)) continue;
            ratio = std::max(ratio, hand.unexplained_ratio), largest = std::max(largest, hand.unexplained_share);
        }
        if (ratio == 0) continue;
        char text[500];
        std::snprintf(
            text, sizeof text,
            "%s: model and gains leave %.3g times the noise%s and %.2g %% of the model's power, more than %g "
            "times and %g %%: most likely the model lacks a source (take a fuller catalogue: --model-catalog, or a "
            "list of sources: --model) or the calibrator's shape; else gains change within an interval, or "
            "broad interference is not flagged",
            name(q.kind), ratio, hands_beyond(trial, most, hands).c_str(), 100 * largest, most, 100 * share);
        add_reason(text, fails, q, all);
        if (fails) all.unexplained = true;
        return;
    }
}

}  // namespace

char const* name(QualityVerdict verdict)
{
    return verdict == QualityVerdict::pass ? "pass" : verdict == QualityVerdict::warn ? "warn" : "fail";
}

std::string remedy(SolutionQuality const& quality, std::string const& how)
{
    std::string const more = "flag more (" + how + "), or take a brighter calibrator";
    std::string const look =
        "look at the model (--model-catalog, --model CSV; residuals of --plots, an image of the corrected group)";
    if (quality.unexplained && !quality.band_lost && !quality.poor) return look;
    if (!quality.band_lost) return quality.unexplained ? look + "; " + more : more;
    std::string const less =
        "see which rule took the channels (nocturne flag DIR --json) and flag less of the band; "
        "where it is minsnr, take a brighter calibrator";
    return quality.poor ? less + "; " + more : less;
}

SolutionQuality judge_solutions(std::vector<CalTable> const& tables, QualityLimits const& limits)
{
    SolutionQuality all;
    for (auto const& table : tables) {
        all.tables.push_back(measure_table(table));
        judge(table, all.tables.back(), limits, all);
        judge_model(all.tables.back(), limits, all);
    }
    return all;
}

}  // namespace nocturne
