// Stage `flag`: what is not a measurement of the sky. Enters: vis and flags as read. Leaves: flags complete, GroupState::counts and
// flag_account grown by every sample.
#include "kernels/zeros.hpp"
#include "stages/flag/work.hpp"

namespace nocturne {
namespace flag_stage {

/// Zeros, values that are not finite and autocorrelations; then every sample of the block is accounted for.
class BasicPass : public Pass {
public:
    explicit BasicPass(SharedWork work) : work_(std::move(work)) {}
    std::string name() const override { return "flag"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::vis, Field::flag}; }
    std::vector<Field> writes() const override { return {Field::flag, Field::counts}; }
    void prepare(GroupState& state) override { work_->prepare(state); }

    void run(VisBlock& block, GroupState& state) override
    {
        auto const marks = work_->is_auto.view(work_->nb).slice(0, block.first_baseline, block.n_baselines());
        nocturne::run(state.device, ZerosArgs{block.vis, block.flag, marks});
        work_->account(block, state);
    }

private:
    SharedWork work_;
};

Passes make(Params const& params)
{
    auto work = std::make_shared<FlagWork>(flag_settings(params));
    Passes passes;
    if (!work->settings.interference) {
        passes.push_back(std::make_unique<BasicPass>(work));
        return passes;
    }
    for (auto& pass : make_array_passes(work)) passes.push_back(std::move(pass));
    for (auto& pass : make_search_passes(work)) passes.push_back(std::move(pass));
    return passes;
}

StageRegistrar const here{{"flag",
                           "Flags zeros, autocorrelations, dead antennas and interference, and counts every sample",
                           flag_params(), &make}};

}  // namespace flag_stage
}  // namespace nocturne
