// Bandpass and gains of a group out of its sums: what the last solve and the rounds of robust weights have in common. Enters: sums. Leaves: gains
// with their errors.
#pragma once

#include "stages/solve/phases.hpp"

namespace nocturne {

class Solver {
public:
    Solver(SolveSettings const& settings, SolveSums const& sums, GroupState const& state)
        : settings_(settings), sums_(sums), state_(state)
    {}

    /// The bandpass on the sums over all intervals, the intervals' phases taken out. Throws Error(bad_input) where no antenna has data, Error(qa_fail)
    /// where none is above the least signal to noise.
    Gains band();
    /// Gains on top of `model` (columns: channels), one for each value of `column` [interval].
    Gains gains(Gains const& band, GainParts const& model, std::vector<std::int32_t> const& column, SolveMode mode);
    /// The reference antenna, chosen by `band`: index into SolveSums::antennas.
    Index reference() const { return reference_; }

private:
    GainTask task(SolveMode mode) const { return {state_.device, sums_, settings_, mode, reference_}; }
    GainParts interval_phases(SolveRows const& links) const;
    Gains solve_pieces(GainParts const& phases) const;
    Gains solve_all(GainParts const& phases);

    SolveSettings const& settings_;
    SolveSums const& sums_;
    GroupState const& state_;
    Index reference_ = 0;
    HandNoise noise_;                 ///< of the bandpass
    std::vector<double> divisor_;     ///< [hand][antenna] of weights
    std::vector<std::uint8_t> lost_;  ///< [hand][antenna] hears nothing in most channels
};

/// How the noise of sums with Student's weights compares with their scale, for normal noise: the variance of a parameter is
/// scale × student_noise / Σ w |M|², w the robust weights (Huber & Ronchetti 2009, 6.3). 1 for ν = 0 (least squares).
double student_noise(double nu);

/// The pass per group that makes the gains and scales of the next robust weights ("solve.round1", …).
std::unique_ptr<Pass> make_robust_pass(SolveSettings const& settings, std::shared_ptr<SolveSums> sums, int round);

}  // namespace nocturne
