#include "stages/apply/series.hpp"

#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

/// One solution of one time: [antenna][correlation][channel] on the target's axes; 0 where there is none.
struct Solution {
    double time_mjd_s = 0;
    std::vector<Complex> gain;
};

std::vector<Index> match_antennas(CalTable const& table, GroupHeader const& header)
{
    std::vector<Index> at;
    for (auto const& wanted : header.antennas) {
        auto const found = std::find_if(table.antennas.begin(), table.antennas.end(), [&](Antenna const& a) {
            return a.number == wanted.number && a.name == wanted.name;
        });
        at.push_back(found == table.antennas.end() ? -1 : found - table.antennas.begin());
    }
    return at;
}

std::vector<Index> match_correlations(CalTable const& table, GroupHeader const& header)
{
    std::vector<Index> at;
    for (auto wanted : header.correlations) {
        auto const found = std::find(table.correlations.begin(), table.correlations.end(), wanted);
        at.push_back(found == table.correlations.end() ? -1 : found - table.correlations.begin());
    }
    return at;
}

/// One antenna and correlation of one interval, over the table's channels; 0 where flagged.
struct Spectrum {
    std::vector<double> freq_hz, width_hz;
    std::vector<Complex> gain;

    Complex nearest(double f) const
    {
        auto const above = std::lower_bound(freq_hz.begin(), freq_hz.end(), f) - freq_hz.begin();
        Complex best = 0;
        double least = 1;
        for (auto k : {above - 1, above}) {
            if (k < 0 || k >= std::ssize(freq_hz)) continue;
            auto const i = static_cast<std::size_t>(k);
            double const away = std::abs(freq_hz[i] - f) / width_hz[i];
            if (away <= 0.5 + 1e-6 && away < least) {
                least = away;
                best = gain[i];
            }
        }
        return best;
    }

    /// Between the two unflagged neighbours; amplitude and phase apart.
    Complex linear(double f) const
    {
        auto const above = std::lower_bound(freq_hz.begin(), freq_hz.end(), f) - freq_hz.begin();
        if (above == 0 || above == std::ssize(freq_hz)) return nearest(f);
        auto const j = static_cast<std::size_t>(above), i = j - 1;
        if (gain[i] == 0.0 || gain[j] == 0.0) return nearest(f);
        double const w = (f - freq_hz[i]) / (freq_hz[j] - freq_hz[i]);
        return std::polar((1 - w) * std::abs(gain[i]) + w * std::abs(gain[j]),
                          std::arg(gain[i]) + w * std::arg(gain[j] * std::conj(gain[i])));
    }
};

Complex gain_of(CalTable const& table, std::size_t k)
{
    if (table.flag[k]) return 0;
    if (table.kind == CalKind::delay) return 1;
    return table.gain[k];
}

class Joiner {
public:
    Joiner(CalKind kind, GainTarget const& target)
        : kind_(kind),
          header_(target.header),
          frequencies_(target.frequencies),
          n_channels_(kind == CalKind::gain ? 1 : std::ssize(header_.freq_hz))
    {}

    Index n_channels() const { return n_channels_; }
    std::vector<Solution> const& moments() const { return moments_; }

    void add(CalTable const& table)
    {
        auto const antennas = match_antennas(table, header_);
        auto const correlations = match_correlations(table, header_);
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
        if (kind_ == CalKind::gain) return to.push_back(gain_of(table, first));
        if (kind_ == CalKind::delay) {
            for (double f : header_.freq_hz)
                to.push_back(gain_of(table, first) *
                             std::polar(1.0, 2 * pi * (f - table.reference_hz) * table.delay_s[first]));
            return;
        }
        Spectrum spectrum{table.freq_hz, table.channel_width_hz, {}};
        for (std::size_t c = 0; c < table.freq_hz.size(); ++c) spectrum.gain.push_back(gain_of(table, first + c));
        for (double f : header_.freq_hz)
            to.push_back(frequencies_ == FreqInterpolation::linear ? spectrum.linear(f) : spectrum.nearest(f));
    }

    CalKind kind_;
    GroupHeader const& header_;
    FreqInterpolation frequencies_;
    Index n_channels_;
    std::vector<Solution> moments_;
};

/// How the later of two solutions differs from the earlier one.
class Step {
public:
    Step(Solution const& before, Solution const& after, Index n_hands, Index n_channels)
        : before_(before), after_(after), n_channels_(n_channels), phase_(before.gain.size())
    {
        auto const common = common_turns(n_hands);
        for (std::size_t row = 0; row * static_cast<std::size_t>(n_channels) < phase_.size(); ++row)
            unwrap(row, common.data() + row % static_cast<std::size_t>(n_hands) * static_cast<std::size_t>(n_channels));
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

}  // namespace

GainSeries gain_series(std::vector<CalTable> const& tables, CalKind kind, GainTarget const& target)
{
    auto const& header = target.header;
    Joiner joiner(kind, target);
    for (auto const& table : tables)
        if (table.kind == kind) joiner.add(table);
    auto const& moments = joiner.moments();
    GainSeries series;
    if (moments.empty()) return series;
    series.n_times = moments.size() == 1 ? 1 : std::ssize(header.time_mjd_s);
    series.n_antennas = std::ssize(header.antennas);
    series.n_channels = joiner.n_channels();
    series.n_correlations = std::ssize(header.correlations);
    series.gain.resize(
        static_cast<std::size_t>(series.n_times * series.n_antennas * series.n_channels * series.n_correlations));
    std::vector<Step> steps;
    for (std::size_t i = 0; i + 1 < moments.size(); ++i)
        steps.emplace_back(moments[i], moments[i + 1], series.n_correlations, series.n_channels);
    for (Index t = 0; t < series.n_times; ++t) {
        double const time = header.time_mjd_s[static_cast<std::size_t>(t)];
        std::size_t i = 0;
        while (i + 2 < moments.size() && moments[i + 1].time_mjd_s <= time) ++i;
        double w = 0;
        if (moments.size() > 1)
            w = std::clamp((time - moments[i].time_mjd_s) / (moments[i + 1].time_mjd_s - moments[i].time_mjd_s), 0.0,
                           1.0);
        for (Index a = 0; a < series.n_antennas; ++a)
            for (Index p = 0; p < series.n_correlations; ++p)
                for (Index c = 0; c < series.n_channels; ++c) {
                    auto const k = static_cast<std::size_t>((a * series.n_correlations + p) * series.n_channels + c);
                    Complex const g = moments.size() == 1 ? moments[0].gain[k] : steps[i].at(k, w);
                    series.gain[series.at(t, a, c, p)] = {static_cast<float>(g.real()), static_cast<float>(g.imag())};
                }
    }
    return series;
}

}  // namespace nocturne
