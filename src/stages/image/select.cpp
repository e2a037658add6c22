// Pass `image.select`: what a user left out of the image. Enters: ranges of channels and of the length of baselines in wavelengths.
// Leaves: the samples outside of them flagged, and accounted for as such.
#include "kernels/mark.hpp"
#include "kernels/tally.hpp"
#include "stages/image/channels.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

class SelectPass : public Pass {
public:
    explicit SelectPass(Selection wish) : wish_(std::move(wish)) {}
    std::string name() const override { return "image.select"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::header, Field::flag, Field::uvw}; }
    std::vector<Field> writes() const override { return {Field::flag, Field::counts}; }
    void prepare(GroupState& state) override { range_ = find_channels(wish_.channels, state.header); }

    void run(VisBlock& block, GroupState& state) override
    {
        auto const before = count(block, state);
        Index const nt = block.n_integrations(), nb = block.n_baselines(), nc = block.n_channels();
        auto const masks = to_device(state.device, masks_of(block, state));
        std::vector<std::int32_t> one_each;
        for (Index b = 0; b < nb; ++b) one_each.push_back(static_cast<std::int32_t>(b));
        auto const which = to_device(state.device, one_each);
        auto const rows = to_device(state.device, std::vector<std::uint8_t>(static_cast<std::size_t>(nt * nb), 0));
        nocturne::run(state.device, MarkArgs{block.flag, masks.view(nb, mask_words(nt), nc), which.view(nb, Index(1)),
                                             rows.view(nt, nb), flag_static});
        auto const after = count(block, state);
        state.counts.used += after.used - before.used;
        for (std::size_t k = 0; k < std::size(after.by_reason); ++k)
            state.counts.by_reason[k] += after.by_reason[k] - before.by_reason[k];
    }

private:
    /// [baseline][word][channel], a bit for each integration that is left out.
    std::vector<std::uint32_t> masks_of(VisBlock const& block, GroupState const& state) const
    {
        Index const nt = block.n_integrations(), nb = block.n_baselines(), nc = block.n_channels();
        auto const n_all = static_cast<Index>(state.header.baselines.size()), words = mask_words(nt);
        std::vector<std::uint32_t> masks(static_cast<std::size_t>(nb * words * nc), 0);
        for (Index b = 0; b < nb; ++b)
            for (Index t = 0; t < nt; ++t) {
                auto const* uvw = state.uvw_m.data() + (t * n_all + block.first_baseline + b) * 3;
                auto const kept = within_range(std::hypot(uvw[0], uvw[1]), state.header.freq_hz);
                auto* const row = masks.data() + (b * words + t / 32) * nc;
                for (Index c = 0; c < nc; ++c)
                    if (c < kept.first || c >= kept.first + kept.n) row[c] |= 1U << (t % 32);
            }
        return masks;
    }

    /// Channels in both ranges; |(u, v)| grows along the band.
    ChannelRange within_range(double length_m, std::vector<double> const& freq_hz) const
    {
        auto first = range_.first, end = range_.n > 0 ? range_.first + range_.n : std::ssize(freq_hz);
        auto const at = [&](double lambda) {
            return std::lower_bound(freq_hz.begin(), freq_hz.end(), lambda * speed_of_light_m_s / length_m) -
                   freq_hz.begin();
        };
        if (!(length_m > 0)) return wish_.uv_min_lambda > 0 ? ChannelRange{} : ChannelRange{first, end - first};
        if (wish_.uv_min_lambda > 0) first = std::max<Index>(first, at(wish_.uv_min_lambda));
        if (wish_.uv_max_lambda > 0) end = std::min<Index>(end, at(wish_.uv_max_lambda));
        return {first, std::max<Index>(end - first, 0)};
    }

    SampleCount count(VisBlock const& block, GroupState const& state)
    {
        Index const rows = block.n_integrations() * block.n_baselines(), n = rows * TallyArgs::kinds;
        if (count_.size() < n) count_ = Buffer<std::int32_t>(state.device, n);
        nocturne::run(state.device, TallyArgs{block.flag, count_.view(block.n_integrations(), block.n_baselines(),
                                                                      Index(TallyArgs::kinds))});
        finish(state.device);
        auto const counts = count_.to_host();
        SampleCount sum;
        for (Index r = 0; r < rows; ++r)
            for (Index k = 0; k < TallyArgs::kinds; ++k)
                (k == 0 ? sum.used : sum.by_reason[k - 1]) +=
                    counts[static_cast<std::size_t>(r * TallyArgs::kinds + k)];
        return sum;
    }

    Selection wish_;
    ChannelRange range_;
    Buffer<std::int32_t> count_;
};

}  // namespace

std::unique_ptr<Pass> make_select_pass(ImageSettings const& settings)
{
    return std::make_unique<SelectPass>(settings.select);
}

}  // namespace nocturne
