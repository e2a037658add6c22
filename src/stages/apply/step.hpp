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
/// (cross hands see it). What is left is unwrapped along the band. What one of the two has alone keeps its amplitude and stands to the others as it
/// stood there: it turns with them. Where no antenna is in both, their references cannot be compared, and the nearer one that has any serves alone.
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
        double against_first = 0;  ///< how the hand turns against the first one, unwrapped along the band
    };

    std::vector<Common> common_turns(Solution const& before, Solution const& after, Index n_hands) const;
    /// How far antennas that both have turn beyond the common turn, unwrapped: [channel].
    std::vector<double> own_turns(Complex const* before, Complex const* after, Common const* common) const;
    static Line line(Complex before, Complex after, double own_turn, Common const& common);

    std::size_t n_channels_;
    std::vector<Line> lines_;
};

}  // namespace nocturne
