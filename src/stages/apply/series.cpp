#include "stages/apply/series.hpp"

#include "nocturne/units.hpp"
#include "stages/apply/solution_axes.hpp"
#include "stages/apply/step.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

enum class Across { channels, band };  ///< a gain for each channel, or one for all

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

/// The series of tables of one window.
class WindowSeries {
public:
    WindowSeries(std::vector<Solution> const& moments, GainTarget const& target, Index n_channels)
        : moments_(moments), times_(target.times())
    {
        for (std::size_t i = 0; i + 1 < moments.size(); ++i)
            steps_.emplace_back(moments[i], moments[i + 1], std::ssize(target.header.correlations), n_channels);
    }

    /// Fills what of one integration of the series nobody has filled yet.
    void fill(Index t, GainSeries& series) const
    {
        double const time = times_[static_cast<std::size_t>(t)];
        std::size_t i = 0;
        while (i + 2 < moments_.size() && moments_[i + 1].time_mjd_s <= time) ++i;
        double w = 0;
        if (moments_.size() > 1) {
            double const gap = moments_[i + 1].time_mjd_s - moments_[i].time_mjd_s;
            w = gap > 0 ? std::clamp((time - moments_[i].time_mjd_s) / gap, 0.0, 1.0) : 0;  // two of one moment
        }
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
    std::vector<double> const& times_;
    std::vector<Step> steps_;
};

}  // namespace

GainSeries gain_series(std::vector<CalTable> const& tables, CalKind kind, GainTarget const& target)
{
    std::vector<CalTable const*> all;
    for (auto const& table : tables) all.push_back(&table);
    return gain_series(all, kind, target);
}

GainSeries gain_series(std::vector<CalTable const*> const& tables, CalKind kind, GainTarget target)
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
        if (joiners.back().moments().size() > 1) series.n_times = std::ssize(target.times());
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
