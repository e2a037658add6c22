// Corrections by Jones matrices. Enters: tables of kind J, a group's axes. Leaves: blocks corrected by kernel `apply_jones`.
#pragma once

#include "kernels/apply_jones.hpp"
#include "nocturne/stage.hpp"

namespace nocturne {

/// True where the solutions are Jones matrices. Throws Error(bad_config) where they are mixed with other kinds.
bool are_jones(std::vector<CalTable> const& tables);

class JonesCorrector {
public:
    /// The matrix of the nearest interval and of the block of channels that holds the channel's middle: between matrices nothing is interpolated, as
    /// those of two solves may differ by what their model left free. Throws Error(bad_input) for groups without four correlations.
    explicit JonesCorrector(GroupState const& state);

    /// Every antenna has a solution at every integration and channel.
    bool whole() const { return whole_; }
    /// `args` with views of the block set; the rest is filled in.
    void run(ApplyJonesArgs args, Index first_baseline, Device const& device) const;

private:
    void fill(GroupState const& state);

    Index n_slots_ = 0, n_antennas_ = 0, n_channels_ = 0;
    bool whole_ = true;
    std::int32_t element_[4] = {0, 0, 0, 0};
    Buffer<Vis> inverse_;
    Buffer<std::int32_t> slot_;
    Buffer<GainPair> pairs_;
};

}  // namespace nocturne
