// Major cycles without visibilities. Enters: the plan of compression; once, the imaging weight of every sample of this rank's
// baselines. Leaves: K W Kᵀ y of any model's node values y.
//
// A model's visibilities are Kᵀ y_model, their nodes K W Kᵀ y_model, so the nodes of a residual are y0 − K W Kᵀ y_model, where y0
// = K W V was made when V passed by. V is never read again, and every cycle starts from y0: no error adds up. W is all that must
// be kept: a float a sample of Stokes I, 336 MB for a group of DSA-110, split over the ranks. Less would do for natural weights
// (one row a baseline), but uniform and Briggs weights differ from sample to sample, looking them up again costs more time than
// reading them, and the matrices K W Kᵀ themselves are larger than W: P²/2 numbers for P nodes, where 18,432 samples of a baseline
// of DSA-110 become 857 nodes on average.
#pragma once

#include "nocturne/stage.hpp"
#include "stages/image/plan.hpp"

namespace nocturne {

enum class KeepWeights { no, yes };

/// Imaging weights summed over baselines: integers, so that any split of the baselines gives the same.
struct BeamWeights {
    static constexpr Index group_channels = 16;  ///< channels that are summed together
    Index n_moments = 0, n_groups = 0;
    std::vector<std::int64_t> units;  ///< [moment][group of channels]
    std::vector<double> freq_hz;      ///< [group]: mean of its channels
};

class NodeOperator {
public:
    /// Takes what kernels need of the plan. `keep`: weights will be asked for.
    void prepare(GroupState const& state, NodePlan const& plan, KeepWeights keep);

    View<NodeRect const, 1> rects(Index first_baseline, Index n_baselines) const;
    View<float const, 1> matrices() const { return matrices_.view(matrices_.size()); }
    Index first_value(Index baseline) const { return first_value_[static_cast<std::size_t>(baseline)]; }

    /// Where `project` is to write the weights of a block; an empty view where they are not kept.
    View<float, 3> weights_of(VisBlock const& block, GroupState const& state);
    /// To be called when they are there: adds them to the beam's weights, in units of `unit`.
    void count(GroupState const& state, double unit);

    /// out = y0 − K W Kᵀ y on the values of this rank's baselines, 0 on all others. All of [n_points]. `keeper`: an operator of other
    /// nodes of the same samples that keeps W in this one's place.
    void residual(Device const& device, std::vector<Vis> const& y0, std::vector<Vis> const& y, std::vector<Vis>& out,
                  NodeOperator const* keeper = nullptr) const;

    BeamWeights& beam() { return beam_; }
    std::size_t device_bytes() const;

private:
    struct Block {
        Index first_baseline, n_integrations, n_baselines, n_channels;
        Buffer<float> weights;  ///< [integration][baseline][channel]
    };
    void model_of(Device const& device, Block const& block, std::vector<Vis> const& y, std::vector<Vis>& out) const;

    KeepWeights keep_ = KeepWeights::no;
    Buffer<NodeRect> rects_;
    Buffer<float> matrices_;
    std::vector<Index> first_rect_, first_value_;
    std::vector<Block> blocks_;
    BeamWeights beam_;
};

}  // namespace nocturne
