#include "stages/apply/hand_turn.hpp"

#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nocturne {
namespace {

using Complex = std::complex<double>;
using Turns = std::vector<std::vector<Complex>>;

/// What lines are first found against.
enum class Start {
    reference,  ///< one antenna, in which what all alike turn drops out: for delays of any size
    flat,  ///< the mean of all: where each antenna's channels scatter widely, and one against another twice as much
};

class Fit {
public:
    Fit(BandLine const& band, Turns const& turns, Start start)
        : band_(band), turns_(turns), lines_(turns.size()), fitted_(turns.size(), false)
    {
        if (start == Start::reference && !against_reference()) return;
        if (start == Start::flat) fitted_.assign(turns.size(), true);
        settle();
    }

    /// Mean length of the channels' mean phasors, lines taken off.
    double agreement_of_channels() const { return n_phasors_ > 0 ? length_ / n_phasors_ : 1; }

    HandTurn result()
    {
        HandTurn made;
        made.known = std::find(fitted_.begin(), fitted_.end(), true) != fitted_.end();
        made.agreement = agreement_;
        made.shared = shared_channels();
        carry_on_frame();
        made.frame = std::move(frame_);
        made.lines = std::move(lines_);
        return made;
    }

private:
    std::ptrdiff_t channels_of(std::size_t a) const
    {
        return std::count_if(turns_[a].begin(), turns_[a].end(), [](Complex z) { return z != 0.0; });
    }

    /// Lines of all against one, in which what all alike turn drops out. Returns the mean quality.
    double against(std::size_t reference, std::vector<PhaseLine>& lines, std::vector<bool>& fitted) const
    {
        double sum = 0, count = 0;
        std::vector<Complex> phasors(band_.n_channels());
        for (std::size_t a = 0; a < turns_.size(); ++a) {
            bool any = false;
            for (std::size_t c = 0; c < phasors.size(); ++c) {
                phasors[c] = turns_[a][c] * std::conj(turns_[reference][c]);
                any = any || phasors[c] != 0.0;
            }
            fitted[a] = any;
            if (!any) continue;
            double quality = 0;
            lines[a] = band_.fit(phasors, &quality);
            if (a == reference) continue;
            sum += quality;
            count += 1;
        }
        return count > 0 ? sum / count : 1;
    }

    /// The best of the antennas that have most channels; the first where it serves.
    bool against_reference()
    {
        constexpr std::size_t most_tried = 6;
        constexpr double serves = 0.9;
        std::vector<std::size_t> order(turns_.size());
        std::iota(order.begin(), order.end(), std::size_t(0));
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return channels_of(a) > channels_of(b); });
        if (order.empty() || channels_of(order[0]) == 0) return false;
        double best = -1;
        for (std::size_t i = 0; i < std::min(most_tried, order.size()) && best < serves; ++i) {
            if (channels_of(order[i]) == 0) break;
            std::vector<PhaseLine> lines(turns_.size());
            std::vector<bool> fitted(turns_.size());
            double const quality = against(order[i], lines, fitted);
            if (!(quality > best)) continue;
            best = quality;
            lines_ = std::move(lines);
            fitted_ = std::move(fitted);
        }
        centre_lines();
        return true;
    }

    /// Takes off what the lines have in common.
    void centre_lines()
    {
        Complex sum = 0;
        double count = 0;
        std::vector<double> slopes;
        for (std::size_t a = 0; a < lines_.size(); ++a)
            if (fitted_[a]) {
                sum += std::polar(1.0, lines_[a].middle);
                count += 1;
                slopes.push_back(lines_[a].slope);
            }
        double const middle = std::arg(sum), slope = middle_value(slopes);
        agreement_ = count > 0 ? std::abs(sum) / count : 1;
        for (std::size_t a = 0; a < lines_.size(); ++a)
            if (fitted_[a]) lines_[a] = {std::remainder(lines_[a].middle - middle, 2 * pi), lines_[a].slope - slope};
    }

    /// Lines against the frame and the frame without the lines, in turns, until that helps no more.
    void settle()
    {
        constexpr int most_rounds = 6;
        constexpr double helps = 1.01;
        find_frame();
        for (int round = 0; round < most_rounds; ++round) {
            double const before = agreement_of_channels();
            against_frame(Lines::found);
            find_frame();
            if (!(agreement_of_channels() > helps * before)) break;
        }
        against_frame(Lines::followed);
        find_frame();
    }

    /// Where fitted antennas have a channel theirs alone count.
    void find_frame()
    {
        std::size_t const nc = band_.n_channels();
        std::vector<Complex> all(nc, 0);
        frame_.assign(nc, 0);
        coherence_.assign(nc, 0);
        std::vector<double> count(nc, 0);
        for (std::size_t a = 0; a < turns_.size(); ++a)
            for (std::size_t c = 0; c < nc; ++c) {
                (fitted_[a] ? frame_ : all)[c] += turns_[a][c] * std::polar(1.0, -band_.at(lines_[a], c));
                count[c] += fitted_[a] && turns_[a][c] != 0.0;
            }
        length_ = n_phasors_ = 0;
        for (std::size_t c = 0; c < nc; ++c) {
            length_ += std::abs(frame_[c]);
            n_phasors_ += count[c];
            if (count[c] > 0) coherence_[c] = std::abs(frame_[c]) / count[c];
            auto const sum = std::abs(frame_[c]) > 0 ? frame_[c] : all[c];
            frame_[c] = std::abs(sum) > 0 ? sum / std::abs(sum) : 0;
        }
    }

    std::vector<bool> shared_channels() const
    {
        constexpr double least = 0.5;
        std::vector<double> known;
        for (double const coherence : coherence_)
            if (coherence > 0) known.push_back(coherence);
        double const limit = least * middle_value(known);
        std::vector<bool> shared(band_.n_channels(), true);
        for (std::size_t c = 0; c < coherence_.size(); ++c) shared[c] = coherence_[c] == 0 || coherence_[c] >= limit;
        return shared;
    }

    enum class Lines { found, followed };

    void against_frame(Lines how)
    {
        std::vector<Complex> phasors(band_.n_channels());
        for (std::size_t a = 0; a < turns_.size(); ++a) {
            for (std::size_t c = 0; c < phasors.size(); ++c) phasors[c] = turns_[a][c] * std::conj(frame_[c]);
            fitted_[a] = channels_of(a) > 0;
            if (!fitted_[a]) continue;
            if (how == Lines::found)
                lines_[a] = band_.fit(phasors);
            else
                band_.follow(phasors, lines_[a]);
        }
        centre_lines();
    }

    void carry_on_frame()
    {
        std::vector<bool> known(frame_.size());
        for (std::size_t c = 0; c < frame_.size(); ++c) known[c] = frame_[c] != 0.0;
        if (frame_.empty()) frame_.assign(band_.n_channels(), 1);
        if (std::find(known.begin(), known.end(), false) == known.end()) return;
        auto const line = band_.fit(frame_);
        auto whole = frame_;
        for (std::size_t c = 0; c < frame_.size(); ++c) {
            if (known[c]) continue;
            std::vector<double> rests;
            for (auto const near : nearest_known(known, c))
                rests.push_back(std::arg(frame_[near] * std::polar(1.0, -band_.at(line, near))));
            whole[c] = std::polar(1.0, band_.at(line, c) + middle_value(rests));
        }
        frame_ = std::move(whole);
    }

    BandLine const& band_;
    Turns const& turns_;
    std::vector<PhaseLine> lines_;
    std::vector<bool> fitted_;
    std::vector<Complex> frame_;
    std::vector<double> coherence_;  ///< [channel] of the antennas with their lines taken off; 0 where none has it
    double length_ = 0, n_phasors_ = 0;
    double agreement_ = 1;
};

}  // namespace

HandTurn hand_turn(BandLine const& band, Turns const& turns)
{
    constexpr double surely = 0.9;    // no wrong line leaves that much
    constexpr double as_good = 0.97;  // two ways that cannot be told apart: the one of shorter delays
    Fit fit(band, turns, Start::reference);
    if (fit.agreement_of_channels() >= surely) return fit.result();
    Fit flat(band, turns, Start::flat);
    return (flat.agreement_of_channels() > as_good * fit.agreement_of_channels() ? flat : fit).result();
}

std::vector<std::size_t> nearest_known(std::vector<bool> const& known, std::size_t c)
{
    constexpr std::size_t most = 9;
    std::vector<std::size_t> found;
    for (std::size_t away = 1; away < known.size() && found.size() < most; ++away) {
        if (away <= c && known[c - away]) found.push_back(c - away);
        if (c + away < known.size() && known[c + away]) found.push_back(c + away);
    }
    return found;
}

}  // namespace nocturne
