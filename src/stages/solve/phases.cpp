#include "stages/solve/phases.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

constexpr double doubtful = 0.8;  // of the coherence that phases should have

/// Channels where both antennas have a gain.
struct PhaseSpectrum {
    std::vector<Index> channel;
    std::vector<Complex> unit;        ///< phase against the reference
    std::vector<double> weight, var;  ///< weight: of the antenna's own phase; var: of the difference

    bool is_random(std::vector<double> const& freq_hz, double delay) const;
};

PhaseSpectrum against(Gains const& gains, Index hand, Index antenna, Index reference)
{
    PhaseSpectrum s;
    for (Index c = 0; c < gains.n_columns; ++c) {
        auto const k = gains.at(hand, antenna, c), r = gains.at(hand, reference, c);
        if (gains.flag[k] || gains.flag[r]) continue;
        Complex const z = gains.value[k] * std::conj(gains.value[r]);
        s.channel.push_back(c);
        s.unit.push_back(z / std::abs(z));
        s.weight.push_back(gains.phase_var[k] > 0 ? 1 / gains.phase_var[k] : 1);
        s.var.push_back(gains.phase_var[k] + gains.phase_var[r]);
    }
    return s;
}

/// Of n random phases |Σ u(next) conj(u)|² is n on average, and above 7 n in one of a thousand; u without what the delay turns.
bool PhaseSpectrum::is_random(std::vector<double> const& freq_hz, double delay) const
{
    Complex sum;
    for (std::size_t i = 0; i + 1 < unit.size(); ++i) {
        double const df =
            freq_hz[static_cast<std::size_t>(channel[i + 1])] - freq_hz[static_cast<std::size_t>(channel[i])];
        sum += unit[i + 1] * std::conj(unit[i]) * std::polar(1.0, -2 * pi * df * delay);
    }
    auto const n = static_cast<double>(unit.size()) - 1;
    return n >= 4 && std::norm(sum) < std::min(7 * n, 0.5 * n * n);
}

/// Delay by lags: the phase of Σ u(f + Δ) conj(u(f)) over pairs of good channels, whatever lies between them, is 2π Δ τ; each lag corrects
/// what the shorter ones left.
double delay_by_lags(PhaseSpectrum const& s, std::vector<double> const& freq_hz)
{
    std::vector<std::ptrdiff_t> place(freq_hz.size(), -1);
    for (std::size_t i = 0; i < s.channel.size(); ++i)
        place[static_cast<std::size_t>(s.channel[i])] = static_cast<std::ptrdiff_t>(i);
    double delay = 0;
    for (std::size_t lag = 1; 2 * lag <= place.size(); lag *= 4) {
        Complex sum, back;  // back: by what a step of this length has turned
        double step = 0;
        double const even = static_cast<double>(lag) * (freq_hz[1] - freq_hz[0]);
        for (std::size_t c = 0; c + lag < place.size(); ++c) {
            if (place[c] < 0 || place[c + lag] < 0) continue;
            double const df = freq_hz[c + lag] - freq_hz[c];
            if (std::abs(df - even) > 0.01 * std::abs(even)) continue;  // across a gap
            if (std::abs(df - step) > 1e-9 * std::abs(even)) back = std::polar(1.0, -2 * pi * df * delay);
            step = df;
            sum += s.unit[static_cast<std::size_t>(place[c + lag])] *
                   std::conj(s.unit[static_cast<std::size_t>(place[c])]) * back;
        }
        if (step != 0 && std::abs(sum) > 0) delay += std::arg(sum) / (2 * pi * step);
    }
    return delay;
}

/// |Σ w u exp(−2πi f τ)| / Σ w: how well phases lie on a line of that delay.
double coherence(PhaseSpectrum const& s, std::vector<double> const& freq_hz, double delay)
{
    Complex sum;
    double weight = 0;
    for (std::size_t i = 0; i < s.unit.size(); ++i) {
        double const f = freq_hz[static_cast<std::size_t>(s.channel[i])] - freq_hz.front();
        sum += s.weight[i] * s.unit[i] * std::polar(1.0, -2 * pi * f * delay);
        weight += s.weight[i];
    }
    return std::abs(sum) / weight;
}

/// What coherence() is of phases with their stated errors about a line.
double expected_coherence(PhaseSpectrum const& s)
{
    double sum = 0, weight = 0;
    for (std::size_t i = 0; i < s.unit.size(); ++i) {
        sum += s.weight[i] * std::exp(-0.5 * s.var[i]);
        weight += s.weight[i];
    }
    return sum / weight;
}

/// The delay of all that neighbouring channels can tell, in steps of a quarter of what the band resolves, that is the most coherent.
double most_coherent(PhaseSpectrum const& s, std::vector<double> const& freq_hz)
{
    double const channel = std::abs(freq_hz[1] - freq_hz[0]), band = std::abs(freq_hz.back() - freq_hz.front());
    auto const half = static_cast<Index>(std::ceil(2 * band / channel));
    double best = 0, most = -1;
    for (Index k = -half; k <= half; ++k) {
        double const delay = static_cast<double>(k) / (4 * band);
        if (double const here = coherence(s, freq_hz, delay); here > most) most = here, best = delay;
    }
    return best;
}

/// By lags; by a search of all delays where phases about that line scatter far more than their errors say.
double coarse_delay(PhaseSpectrum const& s, std::vector<double> const& freq_hz)
{
    double const by_lags = delay_by_lags(s, freq_hz);
    return coherence(s, freq_hz, by_lags) < doubtful * expected_coherence(s) ? most_coherent(s, freq_hz) : by_lags;
}

struct Line {
    double phase = 0, delay = 0, delay_var = 0;
};

/// Variance of an antenna's phases over what is stated, from how they scatter from one channel to the next; 1 where that may be chance. `left`:
/// what a line leaves of them. A ripple along the band is no scatter.
double channel_scatter(PhaseSpectrum const& s, std::vector<double> const& left)
{
    double sum = 0, n = 0, both = 0, own = 0;
    for (std::size_t i = 0; i + 1 < left.size(); ++i) {
        double const var = s.var[i] + s.var[i + 1], step = std::remainder(left[i + 1] - left[i], 2 * pi);
        if (!(var > 0)) continue;
        sum += step * step / var;
        both += s.var[i];
        own += 1 / s.weight[i];
        n += 1;
    }
    bool const chance = sum <= n + 7 * std::sqrt(3 * n);  // neighbours share a channel: 3 n, not 2 n
    return chance ? 1 : 1 + (sum / n - 1) * both / own;   // the reference has its share as stated
}

/// Weighted least squares of what a coarse delay leaves, around the weighted mean frequency.
Line refine(PhaseSpectrum const& s, std::vector<double> const& freq_hz, double middle_hz, double delay)
{
    Line line{0, delay, 0};
    std::vector<Complex> flat(s.unit.size());
    std::vector<double> residual(s.unit.size());
    for (int round = 0; round < 3; ++round) {
        Complex mean;
        double sum = 0, mean_f = 0;
        for (std::size_t i = 0; i < s.unit.size(); ++i) {
            double const f = freq_hz[static_cast<std::size_t>(s.channel[i])] - middle_hz;
            flat[i] = s.unit[i] * std::polar(1.0, -2 * pi * f * line.delay);
            mean += s.weight[i] * flat[i];
            sum += s.weight[i];
            mean_f += s.weight[i] * f;
        }
        mean_f /= sum;
        double square = 0, slope = 0, offset = 0;
        for (std::size_t i = 0; i < s.unit.size(); ++i) {
            double const f = freq_hz[static_cast<std::size_t>(s.channel[i])] - middle_hz;
            double const left = std::arg(flat[i] * std::conj(mean));
            residual[i] = left;
            square += s.weight[i] * (f - mean_f) * (f - mean_f);
            slope += s.weight[i] * (f - mean_f) * left;
            offset += s.weight[i] * left;
        }
        line.delay += slope / square / (2 * pi);
        line.phase = std::arg(mean) + offset / sum - slope / square * mean_f;
        line.delay_var = 1 / (4 * pi * pi * square);
    }
    line.delay_var *= channel_scatter(s, residual);
    return line;
}

}  // namespace

SmoothPhases fit_delays(Gains const& gains, Index hand, Index reference, std::vector<double> const& freq_hz)
{
    auto const n = static_cast<std::size_t>(gains.n_antennas);
    SmoothPhases smooth;
    smooth.middle_hz = 0.5 * (freq_hz.front() + freq_hz.back());
    smooth.phase_rad.assign(n, 0);
    smooth.delay_s.assign(n, 0);
    smooth.delay_var.assign(n, 0);
    smooth.found.assign(n, 0);
    smooth.random.assign(n, 0);
    std::ptrdiff_t spectra = 0;
    for (std::size_t a = 0; a < n; ++a) {
        auto const s = against(gains, hand, static_cast<Index>(a), reference);
        if (s.unit.size() < 3) continue;
        auto const line = refine(s, freq_hz, smooth.middle_hz, coarse_delay(s, freq_hz));
        smooth.phase_rad[a] = line.phase;
        smooth.delay_s[a] = line.delay;
        smooth.delay_var[a] = line.delay_var;
        smooth.found[a] = 1;
        smooth.random[a] = s.is_random(freq_hz, line.delay);
        ++spectra;
    }
    if (2 * std::count(smooth.random.begin(), smooth.random.end(), 1) > spectra) smooth.random.assign(n, 0);
    for (std::size_t a = 0; a < n; ++a)
        if (smooth.random[a]) {
            smooth.phase_rad[a] = smooth.delay_s[a] = smooth.delay_var[a] = 0;
            smooth.found[a] = 0;
        }
    return smooth;
}

void turn_to_gauge(Gains& gains, Index hand, Gauge gauge, Index reference, std::vector<double> const& pattern)
{
    for (Index c = 0; c < gains.n_columns; ++c) {
        Complex sum;
        for (Index a = 0; a < gains.n_antennas; ++a) {
            auto const k = gains.at(hand, a, c);
            if (gains.flag[k]) continue;
            double const away = pattern[static_cast<std::size_t>(a * gains.n_columns + c)];
            sum += gains.value[k] / std::abs(gains.value[k]) * std::polar(1.0, -away);
        }
        auto const r = gains.at(hand, reference, c);
        if (gauge == Gauge::reference && !gains.flag[r]) sum = gains.value[r];
        if (!(std::abs(sum) > 0)) continue;
        for (Index a = 0; a < gains.n_antennas; ++a) {
            auto const k = gains.at(hand, a, c);
            if (!gains.flag[k]) gains.value[k] *= std::conj(sum) / std::abs(sum);
        }
    }
}

}  // namespace nocturne
