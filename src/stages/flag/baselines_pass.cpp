// Passes "flag.baselines", "flag.vote" and "flag". Enters: the masks of the array and the antennas. Leaves: each baseline's own mask,
// the vote of all baselines, amplitudes clipped, every sample accounted for.
#include "kernels/amplitudes.hpp"
#include "kernels/settle.hpp"
#include "kernels/votes.hpp"
#include "stages/flag/work.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

constexpr Index histogram_step = 4;
constexpr double votes_of_one =
    1.5;  // of the baselines of one antenna: what is its own interference is not everybody's

class BaselinesPass : public Pass {
public:
    BaselinesPass(SharedWork work, std::shared_ptr<FlagVotes> votes) : work_(std::move(work)), votes_(std::move(votes))
    {}
    std::string name() const override { return "flag.baselines"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::vis, Field::flag}; }
    std::vector<Field> writes() const override { return {Field::flag}; }

    void prepare(GroupState& state) override
    {
        work_->prepare(state);
        votes_->count = Buffer<std::int32_t>(state.device, work_->nt * work_->nc);
        votes_->count.clear();
        votes_->amplitude = Buffer<std::int64_t>(state.device, work_->np * AmplitudesArgs::bins);
        votes_->amplitude.clear();
    }

    void run(VisBlock& block, GroupState& state) override
    {
        auto& w = *work_;
        w.mark(block, state, 0, 1);
        w.mark(block, state, 3, 2);
        Index const first = block.first_baseline, n = block.n_baselines();
        bool const fresh = !w.searched[first];
        if (fresh && w.settings.search_baselines) search(block, state);
        if (w.settings.search_baselines) w.mark(block, state, 5, 1);
        if (fresh && w.settings.clip_sigma > 0)
            nocturne::run(state.device,
                          AmplitudesArgs{block.vis, block.flag, votes_->amplitude.view(w.np, AmplitudesArgs::bins),
                                         std::min(histogram_step, w.nt)});
        std::fill_n(w.searched.begin() + first, n, std::uint8_t(1));
    }

private:
    void search(VisBlock& block, GroupState& state)
    {
        auto& w = *work_;
        Index const n = block.n_baselines(), floats = sumthreshold_work(w.nt, w.nc);
        if (memory_.size() < n * floats) memory_ = Buffer<float>(state.device, n * floats);
        auto const own = w.mask_table().slice(0, w.mask_of_baseline(block.first_baseline), n);
        nocturne::run(state.device, SumThresholdArgs{block.vis, block.flag, own, memory_.view(n, floats),
                                                     w.courses.view(w.nt, w.nc), w.settings.rule});
        if (w.settings.vote > 0) nocturne::run(state.device, VotesArgs{own, votes_->count.view(w.nt, w.nc)});
    }

    SharedWork work_;
    std::shared_ptr<FlagVotes> votes_;
    Buffer<float> memory_;
};

/// What a histogram of powers says of amplitudes.
struct AmplitudeStatistics {
    double median = 0, mad = 0;
    std::vector<std::int64_t> const& count;
    Index at;

    std::int64_t operator[](int bin) const { return count[static_cast<std::size_t>(at + bin)]; }
    static double amplitude(int bin)
    {
        return std::sqrt(0.5 * (static_cast<double>(AmplitudesArgs::edge(bin)) +
                                static_cast<double>(AmplitudesArgs::edge(bin + 1))));
    }

    void measure()
    {
        std::int64_t total = 0, below = 0;
        for (int k = 0; k < AmplitudesArgs::bins - 1; ++k) total += (*this)[k];
        if (total == 0) return;
        for (int k = 0; k < AmplitudesArgs::bins - 1 && 2 * below < total; ++k) {
            below += (*this)[k];
            median = amplitude(k);
        }
        std::vector<std::pair<double, std::int64_t>> distance;
        for (int k = 0; k < AmplitudesArgs::bins - 1; ++k)
            if ((*this)[k] > 0) distance.emplace_back(std::abs(amplitude(k) - median), (*this)[k]);
        std::sort(distance.begin(), distance.end());
        below = 0;
        for (auto const& [d, n] : distance) {
            if (2 * below >= total) break;
            below += n;
            mad = d;
        }
    }

    /// Of a real part of circular noise: 3/2 of ⟨|V|⁴⟩/⟨|V|²⟩², over amplitudes up to `limit`.
    double kurtosis(double limit) const
    {
        double n = 0, second = 0, fourth = 0;
        for (int k = 0; k < AmplitudesArgs::bins - 1; ++k) {
            if ((*this)[k] == 0 || amplitude(k) > limit) continue;
            double const power = amplitude(k) * amplitude(k), w = static_cast<double>((*this)[k]);
            n += w, second += w * power, fourth += w * power * power;
        }
        return second > 0 ? 1.5 * fourth * n / (second * second) : 0;
    }
};

class VotePass : public Pass {
public:
    VotePass(SharedWork work, std::shared_ptr<FlagVotes> votes, std::shared_ptr<std::vector<float>> limit)
        : work_(std::move(work)), votes_(std::move(votes)), limit_(std::move(limit))
    {}
    std::string name() const override { return "flag.vote"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::flag}; }
    std::vector<Field> writes() const override { return {Field::flag}; }
    void prepare(GroupState& state) override { work_->prepare(state); }

    void run(GroupState& state) override
    {
        count_votes(state);
        find_limits(state);
        work_->vote_done = true;
    }

private:
    void count_votes(GroupState& state)
    {
        auto& w = *work_;
        if (!(w.settings.vote > 0)) return;
        auto const host = votes_->count.to_host();
        std::vector<std::int64_t> count(host.begin(), host.end());
        state.exchange->sum(count);
        Index const cross = w.cross_baselines();
        if (cross < fewest_baselines) return;
        double const least = std::max(
            {3.0, std::min(10.0, 0.25 * static_cast<double>(cross)), w.settings.vote * static_cast<double>(cross),
             std::min(votes_of_one * static_cast<double>(w.n_antennas() - 1), static_cast<double>(cross) / 3)});
        std::vector<std::uint32_t> mask(static_cast<std::size_t>(w.words * w.nc), 0);
        for (Index t = 0; t < w.nt; ++t)
            for (Index c = 0; c < w.nc; ++c) {
                auto const votes = count[static_cast<std::size_t>(t * w.nc + c)];
                bool const may = w.suspect.empty() || w.suspect[static_cast<std::size_t>(t * w.nc + c)];
                bool const out = may && static_cast<double>(votes) >= least;
                mask[t / 32 * w.nc + c] |= static_cast<std::uint32_t>(out) << (t % 32);
            }
        w.upload_mask(mask_vote, mask);
    }

    /// Σ of all ranks' histograms; the limit is median + clip_sigma · 1.4826 · MAD of the amplitudes.
    void find_limits(GroupState& state)
    {
        auto const& s = work_->settings;
        auto count = votes_->amplitude.to_host();
        state.exchange->sum(count);
        for (Index p = 0; p < work_->np; ++p) {
            AmplitudeStatistics statistics{0, 0, count, p * AmplitudesArgs::bins};
            statistics.measure();
            double jy = std::numeric_limits<double>::infinity();
            if (s.clip_sigma > 0 && statistics.mad > 0) jy = statistics.median + s.clip_sigma * 1.4826 * statistics.mad;
            if (s.largest_jy > 0) jy = std::min(jy, s.largest_jy);
            limit_->push_back(static_cast<float>(std::min(jy * jy, 3e38)));
            if (!state.flag_account) continue;
            auto& account = *state.flag_account;
            account.median_jy.push_back(statistics.median);
            account.clip_jy.push_back(std::isfinite(jy) ? jy : 0);
            account.kurtosis_before.push_back(statistics.kurtosis(std::numeric_limits<double>::infinity()));
            account.kurtosis.push_back(statistics.kurtosis(jy));
        }
    }

    SharedWork work_;
    std::shared_ptr<FlagVotes> votes_;
    std::shared_ptr<std::vector<float>> limit_;
};

class SettlePass : public Pass {
public:
    SettlePass(SharedWork work, std::shared_ptr<std::vector<float>> limit)
        : work_(std::move(work)), limit_(std::move(limit))
    {}
    std::string name() const override { return "flag"; }
    Scope scope() const override { return Scope::block; }
    std::vector<Field> reads() const override { return {Field::vis, Field::flag}; }
    std::vector<Field> writes() const override { return {Field::flag, Field::counts}; }
    void prepare(GroupState& state) override { work_->prepare(state); }

    void run(VisBlock& block, GroupState& state) override
    {
        auto& w = *work_;
        if (device_limit_.size() == 0) device_limit_ = to_device(state.device, limits());
        w.mark(block, state, mask_vote, 1);
        SettleArgs args{block.vis, block.flag,
                        device_limit_.view(w.nb, w.np).slice(0, block.first_baseline, block.n_baselines()),
                        static_cast<float>(w.settings.grow_time), static_cast<float>(w.settings.grow_freq)};
        if (state.flag_account) {
            w.growth.begin(block, state.device);
            args.grown_channel = w.growth.channels();
            args.grown_row = w.growth.rows();
        }
        nocturne::run(state.device, args);
        w.account(block, state);
    }

private:
    /// [baseline][correlation], Jy²: of all baselines or its own, whichever is more, but not beyond what the user allows.
    std::vector<float> limits() const
    {
        auto const& w = *work_;
        double const jy = w.settings.largest_jy;
        std::vector<float> all;
        for (Index b = 0; b < w.nb; ++b)
            for (Index p = 0; p < w.np; ++p) {
                float const limit = std::max((*limit_)[p], w.own_limit[b * w.np + p]);
                all.push_back(jy > 0 ? std::min(limit, static_cast<float>(jy * jy)) : limit);
            }
        return all;
    }

    SharedWork work_;
    std::shared_ptr<std::vector<float>> limit_;
    Buffer<float> device_limit_;
};

}  // namespace

Passes make_search_passes(SharedWork work)
{
    auto votes = std::make_shared<FlagVotes>();
    auto limit = std::make_shared<std::vector<float>>();
    Passes passes;
    passes.push_back(std::make_unique<BaselinesPass>(work, votes));
    passes.push_back(std::make_unique<VotePass>(work, votes, limit));
    passes.push_back(std::make_unique<SettlePass>(work, limit));
    return passes;
}

}  // namespace nocturne
