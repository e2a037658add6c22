// Stage `flag`: zeros, values that are not finite, autocorrelations; then every sample of the block is accounted for.
// Enters: vis and flags as read. Leaves: flags complete, GroupState::counts grown by the block.
#include "kernels/tally.hpp"
#include "kernels/zeros.hpp"
#include "nocturne/stage.hpp"

namespace nocturne {
namespace {

class FlagPass : public Pass {
public:
    std::string name() const override { return "flag"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::vis, Field::flag}; }
    std::vector<Field> writes() const override { return {Field::flag, Field::counts}; }

    void prepare(GroupState& state) override
    {
        std::vector<std::uint8_t> marks;
        for (auto const& baseline : state.header.baselines) marks.push_back(baseline.ant1 == baseline.ant2);
        is_auto_ = to_device(state.device, marks);
    }

    void run(VisBlock& block, GroupState& state) override
    {
        auto const marks = is_auto_.view(is_auto_.size()).slice(0, block.first_baseline, block.n_baselines());
        nocturne::run(state.device, ZerosArgs{block.vis, block.flag, marks});
        Index const rows = block.n_integrations() * block.n_baselines();
        if (count_.size() < rows * TallyArgs::kinds)
            count_ = Buffer<std::int32_t>(state.device, rows * TallyArgs::kinds);
        auto const count = make_view(count_.data(), block.n_integrations(), block.n_baselines(), TallyArgs::kinds);
        nocturne::run(state.device, TallyArgs{block.flag, count});
        auto const host = count_.to_host();
        for (Index row = 0; row < rows; ++row) {
            state.counts.used += host[row * TallyArgs::kinds];
            for (int kind = 1; kind < TallyArgs::kinds; ++kind)
                state.counts.by_reason[kind - 1] += host[row * TallyArgs::kinds + kind];
        }
    }

private:
    Buffer<std::uint8_t> is_auto_;
    Buffer<std::int32_t> count_;
};

Passes make(Params const&)
{
    Passes passes;
    passes.push_back(std::make_unique<FlagPass>());
    return passes;
}

StageRegistrar const here{
    {"flag", "Flags zeros, values that are not finite and autocorrelations, and counts every sample", {}, &make}};

}  // namespace
}  // namespace nocturne
