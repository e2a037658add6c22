// Pass "flag.power". Enters: samples as read. Leaves: zeros and autocorrelations flagged; sums of what each antenna receives.
#include "kernels/power.hpp"
#include "kernels/zeros.hpp"
#include "stages/flag/work.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nocturne {
namespace {

constexpr float largest_units = 2048;   // of one sample, so that one baseline's interference is not the array's
constexpr float stray_scatters = 2;     // of its baseline, so that one baseline's interference is not an antenna's
constexpr float least_scatter = 0.05F;  // of a baseline's power: what is steadier varies with sky and receivers
constexpr float quartile_to_scatter = 1.4427F;  // 1/ln 2: of |V|² of noise, its mean over its quartile less its median
constexpr float median_units = 362;             // of a baseline's median power, so that all weigh alike
constexpr Index level_rows = 6;
constexpr Index level_lag = 3;   // channels, beyond which noise shares nothing, Hanning-smoothed too
constexpr Index wide_band = 48;  // channels of bands that have enough of them for that

class PowerPass : public Pass {
public:
    PowerPass(SharedWork work, std::shared_ptr<PowerSums> sums) : work_(std::move(work)), sums_(std::move(sums)) {}
    std::string name() const override { return "flag.power"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::vis, Field::flag}; }
    std::vector<Field> writes() const override { return {Field::flag}; }

    void prepare(GroupState& state) override
    {
        work_->prepare(state);
        auto const& w = *work_;
        sums_->level.assign(static_cast<std::size_t>(w.nb * w.np), Level{});
        for (auto* each : {&sums_->sum, &sums_->strays, &sums_->lost}) {
            *each = Buffer<std::int32_t>(state.device, w.n_antennas() * w.nt * w.nc);
            each->clear();
        }
    }

    void run(VisBlock& block, GroupState& state) override
    {
        auto& w = *work_;
        nocturne::run(
            state.device,
            ZerosArgs{block.vis, block.flag, w.is_auto.view(w.nb).slice(0, block.first_baseline, block.n_baselines())});
        if (w.has_rows) w.mark(block, state, mask_by_hand, 1, flag_static);
        if (!w.array_done) add(block, state);
    }

private:
    void add(VisBlock& block, GroupState& state)
    {
        auto& w = *work_;
        Index const nb = block.n_baselines(), first = block.first_baseline;
        if (level_.size() < nb * w.np) {
            level_ = Buffer<Level>(state.device, nb * w.np);
            for (auto* each : {&scale_, &median_, &stray_scale_}) *each = Buffer<float>(state.device, nb * w.np);
        }
        nocturne::run(state.device,
                      LevelArgs{block.vis, block.flag, level_.view(nb, w.np), std::max<Index>(1, w.nt / level_rows),
                                w.nc >= wide_band ? level_lag : 1});
        auto const level = level_.to_host();
        std::vector<float> scale(static_cast<std::size_t>(scale_.size()), 1), median(scale.size(), 0),
            stray_scale(scale.size(), 0);
        for (Index k = 0; k < nb * w.np; ++k) {
            sums_->level[first * w.np + k] = level[k];
            if (level[k].median > 0) scale[k] = std::min(median_units / level[k].median, 3e38F);
            median[k] = level[k].median;
            stray_scale[k] = stray_scale_of(level[k]);
        }
        scale_.upload(scale.data());
        median_.upload(median.data());
        stray_scale_.upload(stray_scale.data());
        float const limit =
            std::min(largest_units,
                     0x1p31F / static_cast<float>(std::bit_ceil(static_cast<std::uint64_t>(w.n_antennas() * w.np))));
        auto const antennas = [&](Buffer<std::int32_t>& sums) { return sums.view(w.n_antennas(), w.nt, w.nc); };
        nocturne::run(state.device,
                      PowerArgs{block.vis, block.flag, scale_.view(nb, w.np), median_.view(nb, w.np),
                                stray_scale_.view(nb, w.np), w.pairs.view(w.nb, 2).slice(0, first, nb),
                                antennas(sums_->sum), antennas(sums_->strays), antennas(sums_->lost), limit});
    }

    /// 0 where a baseline has nothing.
    static float stray_scale_of(Level const& level)
    {
        float const scatter =
            std::max(quartile_to_scatter * (level.quartile - level.median), least_scatter * level.median);
        return scatter > 0 ? PowerArgs::most_stray / (stray_scatters * scatter) : 0;
    }

    SharedWork work_;
    std::shared_ptr<PowerSums> sums_;
    Buffer<Level> level_;
    Buffer<float> scale_, median_, stray_scale_;  ///< [baseline][correlation]
};

}  // namespace

std::unique_ptr<Pass> make_power_pass(SharedWork work, std::shared_ptr<PowerSums> sums)
{
    return std::make_unique<PowerPass>(std::move(work), std::move(sums));
}

}  // namespace nocturne
