#include "stages/apply/band_line.hpp"

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
    auto const n = std::bit_ceil(delays_per_fringe * (*std::max_element(bin_.begin(), bin_.end()) + 1));
    for (std::size_t k = 0; k < n / 2; ++k)
        twiddle_.push_back(std::polar(1.0, -2 * pi * static_cast<double>(k) / static_cast<double>(n)));
    slope_step_ = 2 * pi / static_cast<double>(n) * span / step;
}

/// FFT of 2 x twiddle_.size() values, in place.
void BandLine::transform(std::vector<Complex>& values) const
{
    std::size_t const n = values.size();
    for (std::size_t i = 1, j = 0; i < n; ++i) {
        std::size_t bit = n / 2;
        for (; j & bit; bit /= 2) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(values[i], values[j]);
    }
    for (std::size_t half = 1; half < n; half *= 2)
        for (std::size_t first = 0; first < n; first += 2 * half)
            for (std::size_t k = 0; k < half; ++k) {
                auto const w = twiddle_[k * (n / 2 / half)], a = values[first + k], b = values[first + k + half];
                Complex const turned(b.real() * w.real() - b.imag() * w.imag(),
                                     b.real() * w.imag() + b.imag() * w.real());
                values[first + k] = a + turned;
                values[first + k + half] = a - turned;
            }
}

double BandLine::slope_of_best_delay(std::vector<Complex> const& phasors) const
{
    std::size_t const n = 2 * twiddle_.size();
    std::vector<Complex> fringe(n, 0);
    for (std::size_t c = 0; c < phasors.size(); ++c) fringe[bin_[c]] += phasors[c];
    transform(fringe);
    std::vector<double> power;
    for (auto const value : fringe) power.push_back(std::norm(value));
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

void BandLine::refine(std::vector<Complex> const& phasors, PhaseLine& line) const
{
    constexpr int rounds = 8;
    for (int round = 0; round < rounds; ++round) {
        Complex sum = 0;
        for (std::size_t c = 0; c < phasors.size(); ++c) sum += phasors[c] * std::polar(1.0, -line.slope * place_[c]);
        if (round == 0) line.middle = std::arg(sum);
        double w = 0, wx = 0, wxx = 0, wr = 0, wxr = 0;
        for (std::size_t c = 0; c < phasors.size(); ++c) {
            auto const rest = phasors[c] * std::polar(1.0, -at(line, c));
            double const weight = std::max(0.0, rest.real()), x = place_[c], r = std::arg(rest);
            w += weight, wx += weight * x, wxx += weight * x * x, wr += weight * r, wxr += weight * x * r;
        }
        double const det = w * wxx - wx * wx;
        if (!(w > 0)) return;
        double const slope = det > 1e-12 * w * w ? (w * wxr - wx * wr) / det : 0;
        line.slope += slope;
        line.middle += (wr - slope * wx) / w;
    }
}

PhaseLine BandLine::fit(std::vector<Complex> const& phasors, double* quality) const
{
    double const known =
        static_cast<double>(std::count_if(phasors.begin(), phasors.end(), [](Complex z) { return z != 0.0; }));
    PhaseLine line;
    if (known > 1 && !twiddle_.empty()) line.slope = slope_of_best_delay(phasors);
    if (known > 0) refine(phasors, line);
    line.middle = std::remainder(line.middle, 2 * pi);
    if (quality) {
        Complex sum = 0;
        for (std::size_t c = 0; c < phasors.size(); ++c) sum += phasors[c] * std::polar(1.0, -at(line, c));
        *quality = known > 0 ? std::abs(sum) / known : 0;
    }
    return line;
}

double middle_value(std::vector<double> values)
{
    if (values.empty()) return 0;
    auto const middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace nocturne
