// The way from one solution to the next. Enters: the gains of two moments. Leaves: the gains between them, phases relative to each other as both
// say.
#pragma once

#include "nocturne/view.hpp"

#include <complex>
#include <cstdint>
#include <vector>

namespace nocturne {

/// Solutions of one time: [antenna][correlation][channel] on the target's axes; 0 where there is none.
struct Solution {
    double time_mjd_s = 0;
    std::vector<std::complex<double>> gain;
};

/// Amplitude and phase run linearly. The phase of all antennas alike is nobody's: a set's own reference makes it. So the later solution is turned,
/// all antennas alike, by the mean turn of those that both have, hand by hand and channel by channel; how the hands turn against each other stays
/// (cross hands see it). What is left is unwrapped along the band. A channel that one of the two has alone runs as the antenna's nearest channel does
/// that both have. An antenna that one has alone keeps its amplitude and stands to the others as it stood there: it turns with them. Where in a hand
/// no antenna is in both, their references cannot be compared, and the nearer one that has any serves alone.
class Step {
public:
    Step(Solution const& before, Solution const& after, Index n_hands, Index n_channels);

    /// `w` from 0 (before) to 1 (after); 0 where there is no solution.
    std::complex<double> at(std::size_t k, double w) const
    {
        Line const& line = lines_[k];
        if (!(line.serves & (w < 0.5 ? first_half : second_half))) return 0;
        return std::polar(line.amplitude + w * line.growth, line.phase + w * line.turn);
    }

    /// Length of the antennas' mean turn, a unit vector each, in the mean over channels, of the hand where it is least: 1 where all turn alike, near 0
    /// where nobody can say which way they went.
    double agreement() const { return agreement_; }

private:
    using Complex = std::complex<double>;
    static constexpr std::uint8_t first_half = 1, second_half = 2;
    struct Line {
        double amplitude = 0, growth = 0, phase = 0, turn = 0;
        std::uint8_t serves = 0;
    };
    /// Of a hand and channel, all antennas: unit vector, and how many stand in each of the two and in both.
    struct Common {
        Complex turn = 0;
        Index before = 0, after = 0, both = 0;
        std::size_t channel = 0;   ///< that it was found in: the nearest one that any antenna has in both
        double against_first = 0;  ///< how the hand turns against the first one, unwrapped along the band
    };

    std::vector<Common> common_turns(Solution const& before, Solution const& after, Index n_hands);
    /// Of an antenna that both have: how far it turns beyond the common turn, unwrapped along the band, and its later amplitude over the earlier one.
    struct Own {
        double turn = 0, ratio = 1;
        bool known = false;  ///< both have the channel
    };
    /// [channel] of what both have.
    void own_steps(Complex const* before, Complex const* after, Common const* common, Own* own) const;
    /// Where one has a channel alone.
    void fill_gaps(std::vector<Common> const& common, std::vector<Own>& own) const;
    static Line line(Complex before, Complex after, Own own, Common const& common);

    std::size_t n_channels_;
    std::vector<Line> lines_;
    double agreement_ = 1;
};

}  // namespace nocturne
