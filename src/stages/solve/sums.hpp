// Sums over time of the baselines of one rank, on the host. Enters: blocks (pass `solve.sums`). Leaves: products and powers per
// solution interval, from which everything that is solved for follows without a second look at the visibilities.
#pragma once

#include "nocturne/stage.hpp"
#include "stages/solve/model.hpp"

#include <memory>

namespace nocturne {

/// Axes of the sums: [interval][baseline of this rank][hand][channel].
struct SolveSums {
    GroupHeader const* header = nullptr;
    std::optional<SolveModel> model;
    int hand[2] = {0, 0};
    Index n_hands = 1, n_channels = 0, n_intervals = 1, middle = 0;
    Index first = 0, count = 0;          ///< baselines of this rank
    std::vector<std::int32_t> interval;  ///< [integration]
    std::vector<CalInterval> times;      ///< [interval]
    std::vector<std::int32_t> antennas;  ///< indices into the header's, of those that have a cross baseline
    std::vector<AntennaPair> pairs;      ///< of the cross baselines that are used, in the group's order
    std::vector<std::int32_t> row;       ///< [baseline of the group] index into pairs, −1: not used
    Buffer<float> re, im, power;         ///< host memory, not initialised before the blocks came
    Buffer<float> power_data, samples;   ///< [baseline of this rank][hand][channel]
    /// Robust weights: gains [interval][antenna][hand][channel] that residuals are taken against, and the variance of one part of a residual of
    /// weight 1 [hand][channel]; empty in the first pass.
    std::vector<Vis> gain;
    std::vector<float> scale;

    Index cell(Index i, Index b, Index p) const { return ((i * count + b) * n_hands + p) * n_channels; }
    std::vector<Correlation> hands() const;
    /// calls f(baseline of this rank, row) for every baseline used.
    template<class F>
    void for_each_row(F const& f) const
    {
        for (Index b = 0; b < count; ++b)
            if (std::int32_t const r = row[static_cast<std::size_t>(first + b)]; r >= 0) f(b, Index(r));
    }
};

/// Intervals of about `seconds`, as even as whole integrations allow; 0: one.
std::vector<std::int32_t> cut_intervals(GroupHeader const& header, double seconds);

/// Chooses baselines, hands and intervals, and makes the model; used by every kind of sums. Throws Error(bad_config) after `convert`.
void begin_sums(GroupState const& state, SolveSettings const& settings, SolveSums& sums);

/// What the model predicts for this block: Error(bad_config) where it should bring a column and does not.
View<Vis const, 4> model_column(VisBlock const& block, SolveSettings const& settings);

/// The block passes "solve.sums", "solve.sums1", …: each fills `sums` anew, with the robust weights that were there when it began.
std::vector<std::unique_ptr<Pass>> make_sums_passes(SolveSettings const& settings, std::shared_ptr<SolveSums> sums,
                                                    int n);

}  // namespace nocturne
