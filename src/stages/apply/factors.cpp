#include "stages/apply/factors.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace nocturne {
namespace {

using Tables = std::vector<CalTable const*>;

/// K, B and G of some tables, each layer by itself, at given times.
class Kinds {
public:
    Kinds(std::vector<Tables> const& layers, GainTarget const& target)
    {
        for (auto const& tables : layers)
            for (auto kind : {CalKind::delay, CalKind::bandpass, CalKind::gain}) {
                auto series = gain_series(tables, kind, target);
                if (series.n_times == 0) continue;
                doubts_.join(series.doubts);
                (kind == CalKind::gain && series.n_channels == 1 ? drifts_ : bands_).push_back(std::move(series));
            }
        doubts_.agreement = 1;
    }

    /// Of steps within the set; that antennas turn differently there says nothing.
    StepDoubts const& doubts() const { return doubts_; }
    /// True where one spectrum holds for all times, up to drift().
    bool steady() const
    {
        return std::all_of(bands_.begin(), bands_.end(), [](auto const& series) { return series.n_times == 1; });
    }
    std::complex<float> band(Index t, Index a, Index c, Index p) const { return product(bands_, t, a, c, p); }
    std::complex<float> drift(Index t, Index a, Index p) const { return product(drifts_, t, a, 0, p); }

private:
    static std::complex<float> product(std::vector<GainSeries> const& all, Index t, Index a, Index c, Index p)
    {
        std::complex<float> gain = 1;
        for (auto const& series : all) gain *= series.gain[series.at(series.n_times == 1 ? 0 : t, a, c, p)];
        return gain;
    }

    std::vector<GainSeries> bands_, drifts_;
    StepDoubts doubts_;
};

class FactorMaker {
public:
    FactorMaker(SolutionSets const& sets, GainTarget const& target) : sets_(sets), target_(target)
    {
        auto const& header = target.header;
        made_.n_antennas = std::ssize(header.antennas);
        made_.n_channels = std::ssize(header.freq_hz);
        made_.n_correlations = std::ssize(header.correlations);
        made_.slot.assign(header.time_mjd_s.size(), -1);
        made_.drift.assign(header.time_mjd_s.size() * n_hands(), 1);
    }

    GainFactors make()
    {
        Timeline const timeline(sets_);
        std::map<std::size_t, std::vector<std::size_t>> within;
        std::map<std::pair<std::size_t, double>, std::vector<std::size_t>> between;  // by the moment before
        std::vector<Bracket> brackets;
        for (std::size_t t = 0; t < made_.slot.size(); ++t) {
            auto const& bracket = brackets.emplace_back(timeline.at(target_.header.time_mjd_s[t]));
            if (bracket.between_sets())
                between[{bracket.before.set, bracket.before.time_mjd_s}].push_back(t);
            else
                within[bracket.before.set].push_back(t);
        }
        for (auto const& [set, integrations] : within) fill_within(set, integrations);
        for (auto const& [moment, integrations] : between) fill_between(brackets, integrations);
        return std::move(made_);
    }

private:
    std::size_t n_hands() const { return static_cast<std::size_t>(made_.n_antennas * made_.n_correlations); }
    std::vector<double> times_of(std::vector<std::size_t> const& integrations) const
    {
        std::vector<double> times;
        for (auto t : integrations) times.push_back(target_.header.time_mjd_s[t]);
        return times;
    }

    void reserve(std::size_t n_slots)
    {
        made_.band.reserve(made_.band.size() + n_slots * n_hands() * static_cast<std::size_t>(made_.n_channels));
    }

    /// Calls gain(antenna, channel, correlation) for a slot more.
    template<class Gain>
    std::int32_t add_slot(Gain const& gain)
    {
        for (Index a = 0; a < made_.n_antennas; ++a)
            for (Index c = 0; c < made_.n_channels; ++c)
                for (Index p = 0; p < made_.n_correlations; ++p) made_.band.push_back(gain(a, c, p));
        return static_cast<std::int32_t>(made_.n_slots++);
    }

    void fill_within(std::size_t set, std::vector<std::size_t> const& integrations)
    {
        auto target = target_;
        auto const times = times_of(integrations);
        target.at_times = &times;
        Kinds const kinds(sets_.layers(set), target);
        made_.doubts.join(kinds.doubts());
        reserve(kinds.steady() ? 1 : integrations.size());
        for (std::size_t i = 0; i < integrations.size(); ++i) {
            auto const t = static_cast<Index>(i);
            auto const spectrum = [&](Index a, Index c, Index p) { return kinds.band(t, a, c, p); };
            made_.slot[integrations[i]] = i > 0 && kinds.steady() ? made_.slot[integrations[0]] : add_slot(spectrum);
            auto drift = made_.drift.begin() + static_cast<Index>(integrations[i] * n_hands());
            for (Index a = 0; a < made_.n_antennas; ++a)
                for (Index p = 0; p < made_.n_correlations; ++p) *drift++ = kinds.drift(t, a, p);
        }
    }

    void fill_between(std::vector<Bracket> const& brackets, std::vector<std::size_t> const& integrations)
    {
        auto target = target_;
        auto const times = times_of(integrations);
        target.at_times = &times;
        std::optional<Kinds> common;
        if (!sets_.common.empty()) common.emplace(layers_of(sets_.common), target);
        auto const& bracket = brackets[integrations.front()];
        auto const product = [&](Bracket::Moment const& moment) {
            return product_at(sets_.sets[moment.set].tables, moment.time_mjd_s, target_);
        };
        Step const step(product(bracket.before), product(bracket.after), made_.n_correlations,
                        BandLine(target_.header.freq_hz));
        made_.doubts.join(step.doubts());
        reserve(integrations.size());
        for (std::size_t i = 0; i < integrations.size(); ++i) {
            auto const t = static_cast<Index>(i);
            double const w = brackets[integrations[i]].weight_after;
            made_.slot[integrations[i]] = add_slot([&](Index a, Index c, Index p) {
                auto const k = static_cast<std::size_t>((a * made_.n_correlations + p) * made_.n_channels + c);
                std::complex<float> const g(step.at(k, w));
                return common ? g * common->band(t, a, c, p) * common->drift(t, a, p) : g;
            });
        }
    }

    SolutionSets const& sets_;
    GainTarget const& target_;
    GainFactors made_;
};

}  // namespace

Solution product_at(std::vector<CalTable const*> const& tables, double time_mjd_s, GainTarget const& target)
{
    auto at_moment = target;
    std::vector<double> const times{time_mjd_s};
    at_moment.at_times = &times;
    at_moment.in_failed = InFailed::nearest;
    Kinds const kinds(layers_of(tables), at_moment);
    auto const& header = target.header;
    Solution made{time_mjd_s, {}};
    for (Index a = 0; a < std::ssize(header.antennas); ++a)
        for (Index p = 0; p < std::ssize(header.correlations); ++p)
            for (Index c = 0; c < std::ssize(header.freq_hz); ++c)
                made.gain.emplace_back(kinds.band(0, a, c, p) * kinds.drift(0, a, p));
    return made;
}

GainFactors gain_factors(SolutionSets const& sets, GainTarget const& target)
{
    return FactorMaker(sets, target).make();
}

}  // namespace nocturne
