// Stage `apply`: corrects visibilities by GroupState::solutions. Enters: vis as measured, tables. Leaves: vis of the sky, weights scaled by
// |g1 g2|², samples without a solution flagged.
#include "kernels/apply_gains.hpp"
#include "nocturne/stage.hpp"
#include "stages/apply/series.hpp"

#include <map>

namespace nocturne {
namespace {

Vis inverse(std::complex<float> g)
{
    float const square = std::norm(g);
    if (!(square > 0)) return {};
    return {g.real() / square, -g.imag() / square};
}

class ApplyPass : public Pass {
public:
    explicit ApplyPass(FreqInterpolation frequencies) : frequencies_(frequencies) {}
    std::string name() const override { return "apply"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override
    {
        return {Field::header, Field::vis, Field::flag, Field::weight, Field::solutions};
    }
    std::vector<Field> writes() const override { return {Field::vis, Field::flag, Field::weight}; }

    void prepare(GroupState&) override
    {
        begun_ = false;
        weights_.clear();
    }

    void run(VisBlock& block, GroupState& state) override
    {
        if (!begun_) begin(state);
        Index const nt = block.n_integrations(), nb = block.n_baselines(), nc = block.n_channels(),
                    np = block.n_correlations();
        // What stands where a block stood before has taken its place, and may take its weights'.
        auto& weight = weights_[block.vis.data];
        if (weight.size() < nt * nb * nc * np) weight = Buffer<float>(state.device, nt * nb * nc * np);
        auto const scaled = weight.view(nt, nb, nc, np);
        nocturne::run(state.device,
                      ApplyGainsArgs{block.vis, block.flag, block.weight, scaled,
                                     pairs_.view(pairs_.size()).slice(0, block.first_baseline, nb), slot_.view(nt),
                                     band_.view(n_slots_, n_antennas_, nc, np), drift_.view(nt, n_antennas_, np)});
        block.weight = scaled;
    }

private:
    /// At the first block: tables may have been solved for by the job itself.
    void begin(GroupState& state);
    void upload(GroupState const& state, GainSeries const& delays, GainSeries const& bandpass, GainSeries const& gains);

    FreqInterpolation frequencies_;
    bool begun_ = false;
    Index n_slots_ = 1, n_antennas_ = 0;
    Buffer<GainPair> pairs_;
    Buffer<std::int32_t> slot_;
    Buffer<Vis> band_, drift_;
    std::map<void const*, Buffer<float>> weights_;  ///< by the memory of the block's visibilities
};

void ApplyPass::begin(GroupState& state)
{
    begun_ = true;
    if (state.solutions.empty())
        throw Error(Code::bad_config, "there are no solutions to apply to group " + state.header.group_id,
                    "no task before apply made or read any",
                    "put the task solve before apply, or name a file of solutions");
    GainTarget const target{state.header, frequencies_};
    upload(state, gain_series(state.solutions, CalKind::delay, target),
           gain_series(state.solutions, CalKind::bandpass, target),
           gain_series(state.solutions, CalKind::gain, target));
}

void ApplyPass::upload(GroupState const& state, GainSeries const& delays, GainSeries const& bandpass,
                       GainSeries const& gains)
{
    auto const& header = state.header;
    Index const nt = std::ssize(header.time_mjd_s), nc = std::ssize(header.freq_hz),
                np = std::ssize(header.correlations);
    n_antennas_ = std::ssize(header.antennas);
    n_slots_ = std::max({Index(1), delays.n_times, bandpass.n_times});
    auto const gain_at = [](GainSeries const& series, Index t, Index a, Index c, Index p) {
        if (series.n_times == 0) return std::complex<float>(1);
        return series.gain[series.at(series.n_times == 1 ? 0 : t, a, c, p)];
    };
    std::vector<Vis> band, drift;
    band.reserve(static_cast<std::size_t>(n_slots_ * n_antennas_ * nc * np));
    for (Index t = 0; t < n_slots_; ++t)
        for (Index a = 0; a < n_antennas_; ++a)
            for (Index c = 0; c < nc; ++c)
                for (Index p = 0; p < np; ++p)
                    band.push_back(inverse(gain_at(delays, t, a, c, p) * gain_at(bandpass, t, a, c, p)));
    for (Index t = 0; t < nt; ++t)
        for (Index a = 0; a < n_antennas_; ++a)
            for (Index p = 0; p < np; ++p) drift.push_back(inverse(gain_at(gains, t, a, 0, p)));
    std::vector<std::int32_t> slot;
    for (Index t = 0; t < nt; ++t) slot.push_back(n_slots_ == 1 ? 0 : static_cast<std::int32_t>(t));
    std::vector<GainPair> pairs;
    for (auto const& b : header.baselines) pairs.push_back({b.ant1, b.ant2});
    band_ = to_device(state.device, band);
    drift_ = to_device(state.device, drift);
    slot_ = to_device(state.device, slot);
    pairs_ = to_device(state.device, pairs);
}

Passes make(Params const& params)
{
    Passes passes;
    passes.push_back(std::make_unique<ApplyPass>(params.text("freq-interp") == "linear" ? FreqInterpolation::linear
                                                                                        : FreqInterpolation::nearest));
    return passes;
}

StageRegistrar const here{
    {"apply",
     "Corrects visibilities, weights and flags by the solutions at hand, amplitude and phase interpolated in time",
     {{"freq-interp",
       "",
       std::string("nearest"),
       "Bandpass at frequencies between its channels: the nearest within half a channel, or linear between two",
       {"nearest", "linear"}}},
     &make}};

}  // namespace
}  // namespace nocturne
