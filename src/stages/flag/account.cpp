// By which rule each sample was flagged. Enters: a block whose flags are complete, the masks. Leaves: GroupState::counts and, on the
// host, flag_account grown by the block.
#include "stages/flag/work.hpp"

#include "kernels/tally.hpp"

namespace nocturne {
namespace {

constexpr Index kinds = 1 + flag_rules;  // used, and each rule

/// Rows of a block on the host; downloaded where the block lies elsewhere.
template<class T>
class HostRows {
public:
    HostRows(Device const& device, View<T, 4> view) : device_(device), view_(view)
    {
        if (!is_host(device)) row_.resize(static_cast<std::size_t>(view.extent[2] * view.extent[3]));
    }
    T const* row(Index t, Index b)
    {
        T const* const at = &view_(t, b, 0, 0);
        if (is_host(device_)) return at;
        std::visit([&](auto const& d) { copy_out(d, row_.data(), at, row_.size() * sizeof(T)); }, device_);
        return row_.data();
    }

private:
    Device device_;
    View<T, 4> view_;
    std::vector<T> row_;
};

bool all_zero(std::uint8_t const* row, Index n)
{
    unsigned any = 0;
    for (Index i = 0; i < n; ++i) any |= row[i];
    return any == 0;
}

/// What grew in a block, on the host; empty where nothing was settled.
struct GrownOnHost {
    explicit GrownOnHost(GrownRows const& grown) : n_baselines(grown.n_baselines), n_channels(grown.n_channels)
    {
        if (n_channels == 0) return;
        channel = grown.channel.to_host();
        row = grown.row.to_host();
    }

    Index n_baselines, n_channels;
    std::vector<std::uint8_t> channel, row;  ///< [baseline][channel], [integration][baseline]
};

/// Rules of the samples of one (integration, baseline): the lowest bit of a flag byte that is not interference, or the mask that
/// holds the cell.
class RowRules {
public:
    RowRules(FlagWork const& work, View<std::uint32_t, 3> masks, GrownOnHost const& grown, Index t, Index b,
             Index first)
        : bit_(1U << (t % 32))
    {
        Index const one = work.pair[2 * b], two = work.pair[2 * b + 1];
        for (Index p = 0; p < work.np; ++p)
            set_by_.push_back(work.dead[one] || work.dead[two] || work.has_deaf_hand(b, p) ? FlagRule::dead
                                                                                           : FlagRule::by_hand);
        if (!masks.data) return;
        Index const rows[] = {mask_array, work.mask_of_antenna(one), work.mask_of_antenna(two),
                              work.mask_of_baseline(b), mask_vote};
        for (std::size_t i = 0; i < std::size(rows); ++i) mask_[i] = &masks(rows[i], t / 32, 0);
        if (grown.n_channels == 0) return;
        grown_ = &grown.channel[static_cast<std::size_t>((b - first) * grown.n_channels)];
        whole_ = grown.row[static_cast<std::size_t>(t * grown.n_baselines + b - first)] != 0;
    }

    /// Of a sample with `flag` set, which is not 0.
    FlagRule rule(Index c, Index p, unsigned flag) const
    {
        static constexpr FlagRule basic[5] = {FlagRule::missing, FlagRule::file, FlagRule::nonfinite, FlagRule::zero,
                                              FlagRule::autocorrelation};
        for (int bit = 0; bit < 5; ++bit)
            if (flag >> bit & 1U) return basic[bit];
        if (flag & flag_static) return set_by_[static_cast<std::size_t>(p)];
        if (!(flag & flag_rfi)) return FlagRule::scale;
        static constexpr FlagRule of_mask[std::tuple_size_v<decltype(mask_)>] = {
            FlagRule::array, FlagRule::antenna, FlagRule::antenna, FlagRule::sumthreshold, FlagRule::vote};
        for (std::size_t i = 0; i < mask_.size() && mask_[i]; ++i)
            if (mask_[i][c] & bit_) return of_mask[i];
        return whole_ || (grown_ && grown_[c]) ? FlagRule::growth : FlagRule::statistics;
    }

private:
    std::uint32_t bit_;
    std::array<std::uint32_t const*, 5> mask_{};  ///< null: no search
    std::uint8_t const* grown_ = nullptr;         ///< [channel]
    bool whole_ = false;
    std::vector<FlagRule> set_by_;  ///< [correlation] who sets flag_static
};

/// As if nothing were flagged; what is, is taken off after.
void count_all_used(FlagWork const& work, VisBlock const& block, FlagAccount& sums)
{
    Index cross = 0;
    for (Index b = block.first_baseline; b < block.first_baseline + block.n_baselines(); ++b) {
        bool const two = work.pair[2 * b] != work.pair[2 * b + 1];
        cross += two;
        for (int side = 0; side < (two ? 2 : 1); ++side)
            for (Index p = 0; p < work.np; ++p)
                sums.by_antenna[(work.pair[2 * b + side] * work.np + p) * kinds] += work.nt * work.nc;
    }
    for (Index k = 0; k < work.nc * work.np; ++k) sums.by_channel[k * kinds] += work.nt * block.n_baselines();
    for (auto& total : sums.cross_total) total += cross * work.np;
}

/// Takes the flagged samples of a row off those used. `lost` [correlation][kinds] is scratch.
void count_row(std::uint8_t const* flag, RowRules const& rules, FlagAccount& sums, Index t, bool cross,
               std::vector<std::int64_t>& lost)
{
    std::fill(lost.begin(), lost.end(), 0);
    Index const nc = sums.n_channels, np = sums.n_correlations;
    for (Index c = 0; c < nc; ++c)
        for (Index p = 0; p < np; ++p) {
            Index const k = c * np + p;
            if (flag[k] == 0) continue;
            auto const rule = 1 + static_cast<Index>(rules.rule(c, p, flag[k]));
            sums.cross_flagged[t * nc + c] += cross;
            sums.by_channel[k * kinds] -= 1;
            sums.by_channel[k * kinds + rule] += 1;
            lost[p * kinds] -= 1;
            lost[p * kinds + rule] += 1;
        }
}

}  // namespace

void FlagWork::account(VisBlock& block, GroupState& state)
{
    Index const n = nt * block.n_baselines();
    if (tally.size() < n * TallyArgs::kinds) tally = Buffer<std::int32_t>(state.device, n * TallyArgs::kinds);
    auto const count = make_view(tally.data(), nt, block.n_baselines(), TallyArgs::kinds);
    run(state.device, TallyArgs{block.flag, count});
    auto const host = tally.to_host();
    for (Index row = 0; row < n; ++row) {
        state.counts.used += host[row * TallyArgs::kinds];
        for (int kind = 1; kind < TallyArgs::kinds; ++kind)
            state.counts.by_reason[kind - 1] += host[row * TallyArgs::kinds + kind];
    }
    if (state.flag_account) account_rows(block, state);
}

void FlagWork::account_rows(VisBlock& block, GroupState& state)
{
    auto& sums = *state.flag_account;
    auto const masks_now = settings.interference ? mask_table() : View<std::uint32_t, 3>{};
    GrownOnHost const grown(growth);
    HostRows<std::uint8_t> flags(state.device, block.flag);
    count_all_used(*this, block, sums);
    std::vector<std::int64_t> lost(static_cast<std::size_t>(np * kinds));
    for (Index t = 0; t < nt; ++t)
        for (Index b = block.first_baseline; b < block.first_baseline + block.n_baselines(); ++b) {
            auto const* flag = flags.row(t, b - block.first_baseline);
            if (all_zero(flag, nc * np)) continue;
            bool const cross = pair[2 * b] != pair[2 * b + 1];
            count_row(flag, RowRules(*this, masks_now, grown, t, b, block.first_baseline), sums, t, cross, lost);
            for (int side = 0; side < (cross ? 2 : 1); ++side)
                for (Index k = 0; k < np * kinds; ++k) sums.by_antenna[pair[2 * b + side] * np * kinds + k] += lost[k];
        }
}

}  // namespace nocturne
