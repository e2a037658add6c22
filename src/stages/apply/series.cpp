#include "stages/apply/series.hpp"

#include "nocturne/units.hpp"
#include "stages/apply/solution_axes.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

enum class Across { channels, band };  ///< a gain for each channel, or one for all

/// One solution of one time: [antenna][correlation][channel] on the target's axes; 0 where there is none.
struct Solution {
    double time_mjd_s = 0;
    std::vector<Complex> gain;
};

class Joiner {
public:
    Joiner(CalKind kind, GainTarget const& target, Across across)
        : kind_(kind),
          target_(target),
          header_(target.header),
          n_channels_(across == Across::band ? 1 : std::ssize(header_.freq_hz))
    {}

    Index n_channels() const { return n_channels_; }
    std::vector<Solution> const& moments() const { return moments_; }

    void add(CalTable const& table)
    {
        auto const antennas = match_antennas(table, header_);
        auto const correlations = match_hands(table, target_);
        for (std::size_t i = 0; i < table.intervals.size(); ++i) {
            Solution moment{table.intervals[i].time_mjd_s, {}};
            for (auto a : antennas)
                for (auto p : correlations) add_spectrum(table, i, a, p, moment.gain);
            moments_.push_back(std::move(moment));
        }
        std::stable_sort(moments_.begin(), moments_.end(),
                         [](auto const& a, auto const& b) { return a.time_mjd_s < b.time_mjd_s; });
    }

private:
    void add_spectrum(CalTable const& table, std::size_t i, Index a, Index p, std::vector<Complex>& to) const
    {
        if (a < 0 || p < 0) {
            to.insert(to.end(), static_cast<std::size_t>(n_channels_), Complex(0));
            return;
        }
        auto const antenna = static_cast<std::size_t>(a), hand = static_cast<std::size_t>(p);
        auto const first = table.at(i, antenna, hand, 0);
        if (n_channels_ == 1 && kind_ == CalKind::gain) return to.push_back(gain_of(table, first));
        if (kind_ == CalKind::delay) {
            for (double f : header_.freq_hz)
                to.push_back(!target_.one_window && !covers(table, f)
                                 ? Complex(0)
                                 : gain_of(table, first) *
                                       std::polar(1.0, 2 * pi * (f - table.reference_hz) * table.delay_s[first]));
            return;
        }
        Spectrum spectrum{table.freq_hz, table.channel_width_hz, {}};
        for (std::size_t c = 0; c < table.freq_hz.size(); ++c) spectrum.gain.push_back(gain_of(table, first + c));
        for (double f : header_.freq_hz)
            to.push_back(target_.frequencies == FreqInterpolation::linear ? spectrum.linear(f) : spectrum.nearest(f));
    }

    CalKind kind_;
    GainTarget target_;
    GroupHeader const& header_;
    Index n_channels_;
    std::vector<Solution> moments_;
};

/// How the later of two solutions differs from the earlier one.
class Step {
public:
    Step(Solution const& before, Solution const& after, Index n_hands, Index n_channels)
        : before_(before), after_(after), n_channels_(n_channels), phase_(before.gain.size())
    {
        auto const hands = static_cast<std::size_t>(n_hands), nc = static_cast<std::size_t>(n_channels);
        auto const common = common_turns(n_hands);
        for (std::size_t row = 0; row * nc < phase_.size(); ++row) unwrap(row, common.data() + row % hands * nc);
        for (std::size_t p = 1; p < hands; ++p) {
            auto const between = turn_between(common, p);
            for (std::size_t row = p; row * nc < phase_.size(); row += hands)
                for (std::size_t c = 0; c < nc; ++c) phase_[row * nc + c] += between[c];
        }
    }

    /// `w` from 0 (before) to 1 (after).
    Complex at(std::size_t k, double w) const
    {
        Complex const a = before_.gain[k], b = after_.gain[k];
        if (a == 0.0 || b == 0.0) return a == 0.0 ? b : a;  // one of them alone
        return std::polar((1 - w) * std::abs(a) + w * std::abs(b), std::arg(a) + w * phase_[k]);
    }

private:
    /// Unit vectors [hand][channel]: the mean turn of all antennas.
    std::vector<Complex> common_turns(Index n_hands) const
    {
        std::vector<Complex> turns(static_cast<std::size_t>(n_hands * n_channels_));
        for (std::size_t k = 0; k < before_.gain.size(); ++k) {
            Complex const z = after_.gain[k] * std::conj(before_.gain[k]);
            if (std::abs(z) > 0) turns[k % turns.size()] += z / std::abs(z);
        }
        for (auto& turn : turns) turn = std::abs(turn) > 0 ? turn / std::abs(turn) : Complex(1);
        return turns;
    }

    /// How hand p turns against the first, [channel], unwrapped: all antennas alike, so that cross hands alone see it.
    std::vector<double> turn_between(std::vector<Complex> const& common, std::size_t p) const
    {
        auto const nc = static_cast<std::size_t>(n_channels_);
        std::vector<double> turn(nc);
        for (std::size_t c = 0; c < nc; ++c) {
            turn[c] = std::arg(common[p * nc + c] * std::conj(common[c]));
            if (c > 0) turn[c] += 2 * pi * std::round((turn[c - 1] - turn[c]) / (2 * pi));
        }
        return turn;
    }

    void unwrap(std::size_t row, Complex const* common)
    {
        auto const n = static_cast<std::size_t>(n_channels_), first = row * n;
        double last = 0, sum = 0, count = 0;
        for (std::size_t c = 0; c < n; ++c) {
            Complex const z = after_.gain[first + c] * std::conj(before_.gain[first + c] * common[c]);
            if (!(std::abs(z) > 0)) continue;
            double const wrapped = std::arg(z);
            last = count > 0 ? wrapped + 2 * pi * std::round((last - wrapped) / (2 * pi)) : wrapped;
            phase_[first + c] = last;
            sum += last;
            count += 1;
        }
        double const whole = count > 0 ? 2 * pi * std::round(sum / count / (2 * pi)) : 0;
        for (std::size_t c = 0; c < n; ++c) phase_[first + c] -= whole;
    }

    Solution const &before_, &after_;
    Index n_channels_;
    std::vector<double> phase_;
};

/// The series of tables of one window.
class WindowSeries {
public:
    WindowSeries(std::vector<Solution> const& moments, GainTarget const& target, Index n_channels)
        : moments_(moments), header_(target.header)
    {
        for (std::size_t i = 0; i + 1 < moments.size(); ++i)
            steps_.emplace_back(moments[i], moments[i + 1], std::ssize(header_.correlations), n_channels);
    }

    /// Fills what of one integration of the series nobody has filled yet.
    void fill(Index t, GainSeries& series) const
    {
        double const time = header_.time_mjd_s[static_cast<std::size_t>(t)];
        std::size_t i = 0;
        while (i + 2 < moments_.size() && moments_[i + 1].time_mjd_s <= time) ++i;
        double w = 0;
        if (moments_.size() > 1)
            w = std::clamp((time - moments_[i].time_mjd_s) / (moments_[i + 1].time_mjd_s - moments_[i].time_mjd_s), 0.0,
                           1.0);
        for (Index a = 0; a < series.n_antennas; ++a)
            for (Index p = 0; p < series.n_correlations; ++p)
                for (Index c = 0; c < series.n_channels; ++c) {
                    auto& gain = series.gain[series.at(t, a, c, p)];
                    if (gain != std::complex<float>(0)) continue;
                    auto const k = static_cast<std::size_t>((a * series.n_correlations + p) * series.n_channels + c);
                    Complex const g = moments_.size() == 1 ? moments_[0].gain[k] : steps_[i].at(k, w);
                    gain = {static_cast<float>(g.real()), static_cast<float>(g.imag())};
                }
    }

private:
    std::vector<Solution> const& moments_;
    GroupHeader const& header_;
    std::vector<Step> steps_;
};

}  // namespace

GainSeries gain_series(std::vector<CalTable> const& tables, CalKind kind, GainTarget target)
{
    auto const& header = target.header;
    auto const windows = tables_by_window(tables, kind);
    GainSeries series;
    if (windows.empty()) return series;
    target.one_window = windows.size() == 1;
    std::vector<Joiner> joiners;
    for (auto const& window : windows) {
        joiners.emplace_back(kind, target,
                             kind == CalKind::gain && target.one_window ? Across::band : Across::channels);
        for (auto const* table : window) joiners.back().add(*table);
        if (joiners.back().moments().size() > 1) series.n_times = std::ssize(header.time_mjd_s);
    }
    series.n_times = std::max<Index>(1, series.n_times);
    series.n_antennas = std::ssize(header.antennas);
    series.n_channels = joiners.front().n_channels();
    series.n_correlations = std::ssize(header.correlations);
    series.gain.resize(
        static_cast<std::size_t>(series.n_times * series.n_antennas * series.n_channels * series.n_correlations));
    for (auto const& joiner : joiners) {
        WindowSeries const window(joiner.moments(), target, series.n_channels);
        for (Index t = 0; t < series.n_times; ++t) window.fill(t, series);
    }
    return series;
}

}  // namespace nocturne
