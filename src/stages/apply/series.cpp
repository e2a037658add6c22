#include "stages/apply/series.hpp"

#include "nocturne/units.hpp"
#include "stages/apply/solution_axes.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace nocturne {
namespace {

using Complex = std::complex<double>;

enum class Across { channels, band };  ///< a gain for each channel, or one for all

/// Of one solved interval.
struct IntervalSolution : Solution {
    double start_mjd_s = 0, end_mjd_s = 0;
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
    std::vector<IntervalSolution> const& moments() const { return moments_; }

    void add(CalTable const& table)
    {
        auto const antennas = match_antennas(table, header_);
        auto const correlations = match_hands(table, target_);
        for (std::size_t i = 0; i < table.intervals.size(); ++i) {
            auto const& interval = table.intervals[i];
            IntervalSolution moment{{interval.time_mjd_s, {}}, interval.start_mjd_s, interval.end_mjd_s};
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
    std::vector<IntervalSolution> moments_;
};

/// Rows (an antenna's hand) that one moment lacks and another has, filled as the nearest solved ones on both sides say, else as the one: the antenna
/// stands to the others as it does there.
class RowFiller {
public:
    RowFiller(std::vector<IntervalSolution> const& moments, Index n_hands, BandLine const& band)
        : moments_(moments), n_hands_(static_cast<std::size_t>(n_hands)), band_(band)
    {}

    std::vector<IntervalSolution> filled()
    {
        auto made = moments_;
        for (std::size_t i = 0; i < moments_.size() && moments_.size() > 1; ++i)
            for (std::size_t first = 0; first < moments_[i].gain.size(); first += band_.n_channels())
                if (!has_row(i, first)) fill(i, first, made[i].gain);
        return made;
    }

private:
    bool has_row(std::size_t i, std::size_t first) const
    {
        auto const row = moments_[i].gain.begin() + static_cast<Index>(first);
        return std::any_of(row, row + static_cast<Index>(band_.n_channels()), [](Complex g) { return g != 0.0; });
    }

    void fill(std::size_t i, std::size_t first, std::vector<Complex>& to)
    {
        std::size_t const n = moments_.size();
        std::size_t before = i, after = i;
        while (before < n && !has_row(before, first)) --before;  // past the first it wraps around
        while (after < n && !has_row(after, first)) ++after;
        if (before >= n && after >= n) return;
        if (before >= n) before = after;
        if (after >= n) after = before;
        double const gap = moments_[after].time_mjd_s - moments_[before].time_mjd_s;
        double const w = gap > 0 ? (moments_[i].time_mjd_s - moments_[before].time_mjd_s) / gap : 0;
        auto const& step = step_of(before, after);
        for (std::size_t c = 0; c < band_.n_channels(); ++c) {
            Complex const own = step.at(first + c, w);
            if (own == 0.0) continue;
            Complex others = 0;
            std::size_t const hands = n_hands_ * band_.n_channels();
            for (std::size_t k = (first + c) % hands; k < to.size(); k += hands) {
                Complex const turned = moments_[i].gain[k] * std::conj(step.at(k, w));
                if (std::abs(turned) > 0) others += turned / std::abs(turned);
            }
            to[first + c] = std::abs(others) > 0 ? own * others / std::abs(others) : own;
        }
    }

    Step const& step_of(std::size_t before, std::size_t after)
    {
        auto const found = steps_.find({before, after});
        if (found != steps_.end()) return found->second;
        Step step(moments_[before], moments_[after], static_cast<Index>(n_hands_), band_);
        return steps_.emplace(std::pair(before, after), std::move(step)).first->second;
    }

    std::vector<IntervalSolution> const& moments_;
    std::size_t n_hands_;
    BandLine const& band_;
    std::map<std::pair<std::size_t, std::size_t>, Step> steps_;
};

/// The series of tables of one window.
class WindowSeries {
public:
    WindowSeries(std::vector<IntervalSolution> const& solved, GainTarget const& target, BandLine const& band)
        : solved_(solved),
          moments_(RowFiller(solved, std::ssize(target.header.correlations), band).filled()),
          times_(target.times()),
          in_failed_(target.in_failed)
    {
        for (std::size_t i = 0; i + 1 < moments_.size(); ++i)
            steps_.emplace_back(moments_[i], moments_[i + 1], std::ssize(target.header.correlations), band);
    }

    /// Of the steps that some time lies within.
    void join_doubts(StepDoubts& doubts) const
    {
        std::set<std::size_t> within;
        for (double const time : times_)
            if (auto const place = place_of(time); place.w > 0 && place.w < 1) within.insert(place.step);
        for (auto const i : within) doubts.join(steps_[i].doubts());
    }

    /// Fills what of one integration of the series nobody has filled yet.
    void fill(Index t, GainSeries& series) const
    {
        double const time = times_[static_cast<std::size_t>(t)];
        auto const [i, w] = place_of(time);
        auto const* const within = in_failed_ == InFailed::flagged ? interval_of(time) : nullptr;
        for (Index a = 0; a < series.n_antennas; ++a)
            for (Index p = 0; p < series.n_correlations; ++p)
                for (Index c = 0; c < series.n_channels; ++c) {
                    auto& gain = series.gain[series.at(t, a, c, p)];
                    auto const k = static_cast<std::size_t>((a * series.n_correlations + p) * series.n_channels + c);
                    if (gain != std::complex<float>(0) || (within && within->gain[k] == 0.0)) continue;
                    Complex const g = moments_.size() == 1 ? moments_[0].gain[k] : steps_[i].at(k, w);
                    gain = {static_cast<float>(g.real()), static_cast<float>(g.imag())};
                }
    }

private:
    struct Place {
        std::size_t step = 0;
        double w = 0;  ///< 0 before the first moment, 1 after the last
    };

    Place place_of(double time) const
    {
        Place place;
        auto& i = place.step;
        while (i + 2 < moments_.size() && moments_[i + 1].time_mjd_s <= time) ++i;
        if (moments_.size() < 2) return place;
        double const gap = moments_[i + 1].time_mjd_s - moments_[i].time_mjd_s;
        if (gap > 0) place.w = std::clamp((time - moments_[i].time_mjd_s) / gap, 0.0, 1.0);  // else two of one moment
        return place;
    }

    /// The solved interval that holds a time, of several the one whose middle is nearest; null where none does.
    IntervalSolution const* interval_of(double time) const
    {
        IntervalSolution const* found = nullptr;
        for (auto const& moment : solved_) {
            if (time < moment.start_mjd_s || time > moment.end_mjd_s) continue;
            double const away = std::abs(moment.time_mjd_s - time);
            if (!found || away < std::abs(found->time_mjd_s - time)) found = &moment;
        }
        return found;
    }

    std::vector<IntervalSolution> const& solved_;
    std::vector<IntervalSolution> moments_;
    std::vector<double> const& times_;
    InFailed in_failed_;
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
    BandLine const band(series.n_channels == 1 ? std::vector<double>{0} : header.freq_hz);
    for (auto const& joiner : joiners) {
        WindowSeries const window(joiner.moments(), target, band);
        window.join_doubts(series.doubts);
        for (Index t = 0; t < series.n_times; ++t) window.fill(t, series);
    }
    return series;
}

}  // namespace nocturne
