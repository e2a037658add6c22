#include "stages/apply/band_line.hpp"

#include "nocturne/median.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

constexpr std::size_t most_bins = 1 << 15, delays_per_fringe = 4;  // a fringe of the whole band
constexpr double as_good = 0.9;                                    // of the best: two delays cannot be told apart

double least_distance(std::vector<double> sorted, double none)
{
    std::sort(sorted.begin(), sorted.end());
    double least = none;
    for (std::size_t i = 1; i < sorted.size(); ++i)
        if (double const apart = sorted[i] - sorted[i - 1]; apart > 0) least = std::min(least, apart);
    return least;
}

/// The lowest bits of `value` below `n`, a power of two, from last to first.
std::size_t reversed(std::size_t value, std::size_t n)
{
    std::size_t made = 0;
    for (; n > 1; n /= 2, value /= 2) made = 2 * made + value % 2;
    return made;
}

}  // namespace

BandLine::BandLine(std::vector<double> const& freq_hz) : place_(freq_hz.size(), 0), bin_(freq_hz.size(), 0)
{
    auto const [low, high] = std::minmax_element(freq_hz.begin(), freq_hz.end());
    double const span = freq_hz.empty() ? 0 : *high - *low;
    if (!(span > 0)) return;
    double const step = std::max(least_distance(freq_hz, span), span / static_cast<double>(most_bins));
    for (std::size_t c = 0; c < freq_hz.size(); ++c) {
        place_[c] = (freq_hz[c] - *low) / span - 0.5;
        bin_[c] = static_cast<std::size_t>(std::lround((freq_hz[c] - *low) / step));
    }
    n_delays_ = std::bit_ceil(delays_per_fringe * (*std::max_element(bin_.begin(), bin_.end()) + 1));
    for (auto& bin : bin_) bin = reversed(bin, n_delays_);
    for (std::size_t half = 1; half < n_delays_; half *= 2)
        for (std::size_t k = 0; k < half; ++k) {
            double const angle = -pi * static_cast<double>(k) / static_cast<double>(half);
            cosine_.push_back(std::cos(angle));
            sine_.push_back(std::sin(angle));
        }
    slope_step_ = 2 * pi / static_cast<double>(n_delays_) * span / step;
}

/// FFT of values that stand in the order of reversed bits, in place.
void BandLine::transform(double* re, double* im) const
{
    for (std::size_t half = 1; half < n_delays_; half *= 2) {
        double const *const c = &cosine_[half - 1], *const s = &sine_[half - 1];
        for (std::size_t first = 0; first < n_delays_; first += 2 * half) {
            double *const low_re = re + first, *const low_im = im + first, *const high_re = low_re + half,
                          *const high_im = low_im + half;
            for (std::size_t k = 0; k < half; ++k) {
                double const turned_re = high_re[k] * c[k] - high_im[k] * s[k],
                             turned_im = high_re[k] * s[k] + high_im[k] * c[k];
                high_re[k] = low_re[k] - turned_re;
                high_im[k] = low_im[k] - turned_im;
                low_re[k] += turned_re;
                low_im[k] += turned_im;
            }
        }
    }
}

double BandLine::slope_of_best_delay(std::vector<Complex> const& phasors) const
{
    std::size_t const n = n_delays_;
    std::vector<double> power(n, 0), im(n, 0);
    for (std::size_t c = 0; c < phasors.size(); ++c) {
        power[bin_[c]] += phasors[c].real();
        im[bin_[c]] += phasors[c].imag();
    }
    transform(power.data(), im.data());
    for (std::size_t k = 0; k < n; ++k) power[k] = power[k] * power[k] + im[k] * im[k];
    double const enough = as_good * as_good * *std::max_element(power.begin(), power.end());
    std::size_t at = 0;
    for (std::size_t away = 0; away <= n / 2; ++away) {
        at = power[away] >= power[(n - away) % n] ? away : (n - away) % n;
        if (power[at] >= enough) break;
    }
    for (std::size_t steps = 0; steps < n; ++steps) {
        std::size_t const up = (at + 1) % n, down = (at + n - 1) % n, next = power[up] > power[down] ? up : down;
        if (!(power[next] > power[at])) break;
        at = next;
    }
    auto const delay = static_cast<double>(at) - (at > n / 2 ? static_cast<double>(n) : 0);
    return delay * slope_step_;
}

double BandLine::follow(std::vector<Complex> const& phasors, PhaseLine& line) const
{
    constexpr int rounds = 8;
    constexpr double enough = 1e-4;  // rad
    double length = 0;
    for (int round = 0; round < rounds; ++round) {
        double w = 0, wx = 0, wxx = 0, wr = 0, wxr = 0, n = 0;
        length = 0;
        for (std::size_t c = 0; c < phasors.size(); ++c) {
            if (phasors[c] == 0.0) continue;
            double const turn = at(line, c), cosine = std::cos(turn), sine = std::sin(turn), x = place_[c];
            double const re = phasors[c].real() * cosine + phasors[c].imag() * sine;
            n += 1;
            length += re;
            if (!(re > 0)) continue;
            double const r = std::atan2(phasors[c].imag() * cosine - phasors[c].real() * sine, re);
            w += re, wx += re * x, wxx += re * x * x, wr += re * r, wxr += re * x * r;
        }
        if (n > 0) length /= n;
        if (!(w > 0)) break;
        double const det = w * wxx - wx * wx, slope = det > 1e-12 * w * w ? (w * wxr - wx * wr) / det : 0;
        double const middle = (wr - slope * wx) / w;
        line.slope += slope;
        line.middle += middle;
        if (std::abs(slope) + std::abs(middle) < enough) break;
    }
    line.middle = std::remainder(line.middle, 2 * pi);
    return length;
}

PhaseLine BandLine::fit(std::vector<Complex> const& phasors, double* quality) const
{
    PhaseLine line;
    if (n_delays_ > 0) line.slope = slope_of_best_delay(phasors);
    Complex sum = 0;
    for (std::size_t c = 0; c < phasors.size(); ++c)
        if (phasors[c] != 0.0) sum += phasors[c] * std::polar(1.0, -line.slope * place_[c]);
    line.middle = std::arg(sum);
    double const length = follow(phasors, line);
    if (quality) *quality = length;
    return line;
}

double middle_value(std::vector<double> values) { return median_of(values); }

}  // namespace nocturne
