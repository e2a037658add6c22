// The way from one solution to the next. Enters: the gains of two moments. Leaves: the gains between them, phases relative to each other as both
// say.
#pragma once

#include "nocturne/view.hpp"
#include "stages/apply/band_line.hpp"

#include <complex>
#include <cstdint>
#include <set>
#include <vector>

namespace nocturne {

/// Solutions of one time: [antenna][correlation][channel] on the target's axes; 0 where there is none.
struct Solution {
    double time_mjd_s = 0;
    std::vector<std::complex<double>> gain;
};

/// What steps leave open.
struct StepDoubts {
    /// Length of the mean of the antennas' turns in the middle of the band, a unit vector each, of the hand where it is least: 1 where all turn alike,
    /// near 0 where nobody can say which way they went.
    double agreement = 1;
    Index strays = 0;               ///< solutions left out (see Step), of an antenna, a hand and a channel each
    std::set<std::size_t> unclear;  ///< antennas whose channels turn so differently that they follow no delay
    void join(StepDoubts const& other);
};

/// Amplitude and phase run linearly. The phase of all antennas alike is nobody's: a set's own reference makes it. So the later solution is turned,
/// all antennas alike, hand by hand and channel by channel (HandTurn); how the hands turn against each other stays (cross hands see it). What an
/// antenna turns beyond that is a phase and a delay that most of its channels follow, found over the whole band, and each channel's rest within half a
/// turn of it. A channel that strays from it by more than a quarter turn, and five times more than the others do, went nobody knows where: it has no
/// solution in between (at both ends its own), nor has any antenna in a channel in which these agree less than half as well as in the others. A channel that one of the two has alone runs as the antenna's channels beside it do. An antenna that one has alone keeps its
/// amplitude and stands to the others as it stood there: it turns with them. Where in a hand no antenna is in both, their references cannot be
/// compared, and the nearer one that has any serves alone.
class Step {
public:
    Step(Solution const& before, Solution const& after, Index n_hands, BandLine const& band);

    /// `w` from 0 (before) to 1 (after); 0 where there is no solution.
    std::complex<double> at(std::size_t k, double w) const
    {
        Line const& line = lines_[k];
        int const wanted = (w < 0.5 ? first_half : second_half) | (w <= 0 || w >= 1 ? ends : 0);
        if (!(line.serves & wanted)) return 0;
        return std::polar(line.amplitude + w * line.growth, line.phase + w * line.turn);
    }

    StepDoubts const& doubts() const { return doubts_; }

private:
    using Complex = std::complex<double>;
    static constexpr std::uint8_t first_half = 1, second_half = 2, ends = 4;
    struct Line {
        double amplitude = 0, growth = 0, phase = 0, turn = 0;
        std::uint8_t serves = 0;
    };
    /// Of a hand and channel.
    struct Common {
        Complex turn = 1;          ///< of all antennas
        double against_first = 0;  ///< how the hand turns against the first one
        Index before = 0, after = 0;
        bool known = false;  ///< some antenna of the hand is in both
        bool shared = true;  ///< the antennas agree about its turn
    };
    /// Of an antenna: how far it turns beyond the common turn, and its later amplitude over the earlier one.
    struct Own {
        double turn = 0, ratio = 1;
        bool stray = false;
    };

    void add_hand(Solution const& before, Solution const& after, std::size_t hand, BandLine const& band);
    void against_first_hand(BandLine const& band);
    std::vector<Own> own_steps(Complex const* before, Complex const* after, Common const* common, PhaseLine const& line,
                               BandLine const& band, std::size_t antenna);
    static Line line(Complex before, Complex after, Own own, Common const& common);

    std::size_t n_hands_, n_channels_;
    std::vector<Common> common_;  ///< [hand][channel]
    std::vector<std::vector<PhaseLine>> own_lines_;
    std::vector<Line> lines_;
    StepDoubts doubts_;
};

}  // namespace nocturne
