// Passes "flag.power" and "flag.array". Enters: samples as read. Leaves: zeros and autocorrelations flagged; the masks of the array and
// of each antenna, and dead antennas, the same for any split of the baselines over ranks.
#include "kernels/power.hpp"
#include "kernels/zeros.hpp"
#include "nocturne/median.hpp"
#include "stages/flag/surroundings.hpp"
#include "stages/flag/work.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace nocturne {
namespace {

constexpr float largest_units = 2048;   // of one sample, so that one baseline's interference is not the array's
constexpr float stray_scatters = 2;     // of its baseline, so that one baseline's interference is not an antenna's
constexpr float least_scatter = 0.05F;  // of a baseline's power: what is steadier varies with sky and receivers
constexpr double outlier_sigmas = 5;    // of an antenna against the median of all
constexpr int unit_bits = 8;            // the median power of a baseline is 2^8 to 2^9 units
constexpr Index level_rows = 6;
constexpr Index level_lag = 3;    // channels, beyond which noise shares nothing, Hanning-smoothed too
constexpr Index wide_band = 48;   // channels of bands that have enough of them for that
constexpr float own_factor = 50;  // of |V|²: noise clipped at 7 sigma of amplitudes lies at 24 times its median
constexpr float quartile_to_scatter = 1.4427F;  // 1/ln 2: of |V|² of noise, its mean over its quartile less its median
constexpr double least_strays = 0.25 * static_cast<double>(PowerArgs::most_stray);  // of noise: 0.35 and more
constexpr Index fewest_of_burst = 16;                                               // channels that make a band
constexpr double suspect_sigmas = 2;  // of the array's power: below, baselines that agree agree on the sky

/// What the power passes add up; combined over the ranks by the pass over the group.
struct PowerSums {
    Buffer<std::int32_t> sum, strays, lost;  ///< [antenna][integration][channel]
    std::vector<Level> level;                ///< [baseline][correlation]
};

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
            scale[k] =
                std::ldexp(1.0F, static_cast<int>(std::clamp<std::int64_t>(unit_bits - level[k].exponent, -126, 126)));
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

class ArrayPass : public Pass {
public:
    ArrayPass(SharedWork work, std::shared_ptr<PowerSums> sums) : work_(std::move(work)), sums_(std::move(sums)) {}
    std::string name() const override { return "flag.array"; }
    Scope scope() const override { return Scope::group; }
    std::vector<Field> reads() const override { return {Field::flag}; }
    std::vector<Field> writes() const override { return {Field::flag}; }
    void prepare(GroupState& state) override { work_->prepare(state); }

    void run(GroupState& state) override
    {
        combine(state);
        flag_dead(state);
        find_own_limits();
        auto const found = search_array();
        note_bursts(found, state);
        work_->upload_mask(mask_array, words_of(found));
        if (work_->settings.array_z > 0 && work_->cross_baselines() >= fewest_baselines) find_course(found);
        if (work_->settings.antenna_z > 0) search_antennas(state, found);
        work_->array_done = true;
        *sums_ = {};
    }

private:
    void combine(GroupState& state)
    {
        auto const wide = [&](Buffer<std::int32_t> const& buffer) {
            auto const host = buffer.to_host();
            std::vector<std::int64_t> all(host.begin(), host.end());
            state.exchange->sum(all);
            return all;
        };
        sum_ = wide(sums_->sum);
        strays_ = wide(sums_->strays);
        lost_ = wide(sums_->lost);
        constexpr std::size_t n = sizeof(Level) / sizeof(std::int64_t);
        std::vector<std::int64_t> bits(sums_->level.size() * n);
        auto const* from = reinterpret_cast<char const*>(sums_->level.data());
        std::copy(from, from + bits.size() * sizeof bits[0], reinterpret_cast<char*>(bits.data()));
        state.exchange->sum(bits);  // each entry was made by one rank and is 0 on the others
        auto const* all = reinterpret_cast<char const*>(bits.data());
        std::copy(all, all + bits.size() * sizeof bits[0], reinterpret_cast<char*>(sums_->level.data()));
    }

    void flag_dead(GroupState& state)
    {
        auto& w = *work_;
        if (!w.settings.dead) return;
        auto const found = find_dead(w, sums_->level);
        w.dead = found.antenna;
        for (std::size_t a = 0; a < w.dead.size(); ++a)
            if (w.dead[a] && state.flag_account)
                state.flag_account->dead.push_back(
                    state.header.antennas[static_cast<std::size_t>(w.antennas[a])].number);
        for (Index b = 0; b < w.nb; ++b)
            if (w.pair[2 * b] != w.pair[2 * b + 1] && (w.dead[w.pair[2 * b]] || w.dead[w.pair[2 * b + 1]]))
                for (Index t = 0; t < w.nt; ++t) w.row_bits[t * w.nb + b] |= flag_static;
        w.upload_rows();
        flag_deaf(found.hand, state);
    }

    void flag_deaf(std::vector<std::uint8_t> const& hands, GroupState& state)
    {
        auto& w = *work_;
        std::string names;
        for (std::size_t i = 0; i < hands.size(); ++i) {
            if (!hands[i]) continue;
            int const number = state.header.antennas[static_cast<std::size_t>(w.antennas[i / 2])].number;
            auto const of = std::find_if(w.feeds.begin(), w.feeds.end(), [&](Feeds feeds) {
                return feeds.one == static_cast<int>(i % 2) && feeds.two == feeds.one;
            });
            auto const hand = state.header.correlations[static_cast<std::size_t>(of - w.feeds.begin())];
            if (state.flag_account) state.flag_account->deaf.push_back({number, hand});
            names += (names.empty() ? "" : ", ") + std::to_string(number) + " " + nocturne::name(hand);
        }
        if (names.empty()) return;
        w.deaf = hands;
        w.upload_hands();
        state.notes.push_back("hands of antennas (by number) that hear nothing, flagged: " + names);
    }

    /// A baseline that hears more than others, like a short one, is not interference: at least `own_factor` times its median.
    void find_own_limits()
    {
        auto& own = work_->own_limit;
        own.clear();
        for (auto const& level : sums_->level)
            own.push_back(
                std::ldexp(own_factor, static_cast<int>(std::clamp<std::int64_t>(level.exponent, -126, 120))));
    }

    /// Samples of antenna a that a cell could have.
    std::vector<std::int64_t> full() const
    {
        std::vector<std::int64_t> n(work_->antennas.size(), 0);
        for (Index b = 0; b < work_->nb; ++b)
            if (work_->pair[2 * b] != work_->pair[2 * b + 1])
                for (int side = 0; side < 2; ++side) n[work_->pair[2 * b + side]] += work_->np;
        return n;
    }

    std::vector<std::uint8_t> search_array()
    {
        auto const& w = *work_;
        Index const cells = w.nt * w.nc;
        auto const all = full();
        array_ = {w.nt, w.nc, std::vector<float>(static_cast<std::size_t>(cells)),
                  std::vector<float>(static_cast<std::size_t>(cells))};
        excess_.assign(static_cast<std::size_t>(w.n_antennas() * cells), 0);
        for (Index i = 0; i < cells; ++i) {
            array_.value[i] = static_cast<float>(split(sum_, i, all).common);
            auto const strays = split(strays_, i, all);
            array_.samples[i] = static_cast<float>(strays.samples / 2);
            double const usual = std::max(strays.common, least_strays);
            for (Index a = 0; a < w.n_antennas(); ++a) {
                auto const n = static_cast<double>(all[a] - lost_[a * cells + i]);
                if (n < 1) continue;
                double const mean = static_cast<double>(strays_[a * cells + i]) / n;
                excess_[a * cells + i] = static_cast<float>(1 + (strays.own(mean) - strays.common) / usual);
            }
        }
        if (!(w.settings.array_z > 0) || w.cross_baselines() < fewest_baselines)
            return std::vector<std::uint8_t>(static_cast<std::size_t>(cells), 0);
        return search_plane(array_,
                            {w.settings.array_z, {2, 4, 8, 16, w.nt}, {2, 4, 8, 16, 32}, 2, w.settings.bursts, true});
    }

    /// Integrations that the search took whole.
    void note_bursts(std::vector<std::uint8_t> const& found, GroupState& state) const
    {
        std::string names;
        for (Index t = 0; t < work_->nt && work_->nc >= fewest_of_burst; ++t) {
            Index good = 0, taken = 0;
            for (Index i = t * work_->nc; i < (t + 1) * work_->nc; ++i)
                good += array_.samples[i] > 0, taken += found[i];
            if (taken > 0 && taken == good) names += (names.empty() ? "" : ", ") + std::to_string(t);
        }
        if (!names.empty())
            state.notes.push_back(
                "integrations " + names +
                " (from 0): the whole array is brighter in the whole band than before and after, flagged as "
                "interference; flares of the sky are kept by bursts: false");
    }

    /// Of a cell's sums: what all antennas share, and what stands out.
    struct Parts {
        double samples = 0, common = 0, middle = 0, limit = 0, alone = 0, others = 1;

        double outlier(double mean) const { return mean - middle > limit ? mean - middle : 0; }
        /// An antenna's mean without what others have by themselves.
        double own(double mean) const { return mean - (alone - outlier(mean)) / others; }
    };

    /// Of antenna a the mean is E_a = x + y_a + Σ_b y_b / (N − 1): x common, y_b at antenna b alone. x is the median of E without the
    /// share of the antennas that stand out from it.
    Parts split(std::vector<std::int64_t> const& sum, Index i, std::vector<std::int64_t> const& all)
    {
        auto const& w = *work_;
        Index const cells = w.nt * w.nc;
        Parts parts;
        mean_.clear();
        for (Index a = 0; a < w.n_antennas(); ++a) {
            auto const n = static_cast<float>(all[a] - lost_[a * cells + i]);
            parts.samples += static_cast<double>(n);
            if (n >= 1 && !w.dead[a]) mean_.push_back(static_cast<float>(sum[a * cells + i]) / n);
        }
        if (mean_.empty()) return parts;
        auto const antennas = static_cast<double>(mean_.size());
        parts.middle = static_cast<double>(median_of(mean_));
        parts.limit = parts.middle * outlier_sigmas / std::sqrt(std::max(1.0, parts.samples / antennas));
        for (float mean : mean_) parts.alone += parts.outlier(static_cast<double>(mean));
        parts.others = std::max(1.0, antennas - 1);
        parts.common = std::max(0.0, parts.middle - parts.alone / parts.others);
        return parts;
    }

    /// What amplitudes of all baselines have in common: √(surroundings / median).
    void find_course(std::vector<std::uint8_t> const& found)
    {
        auto const residuals = against_surroundings(array_, found);
        auto const& smooth = residuals.expected;
        work_->suspect.resize(smooth.size());
        for (std::size_t i = 0; i < smooth.size(); ++i)
            work_->suspect[i] = static_cast<double>(residuals.value[i]) > suspect_sigmas * residuals.sigma;
        std::vector<float> known;
        for (float power : smooth)
            if (power > 0) known.push_back(power);
        float const middle = median_of(known);
        for (std::size_t i = 0; i < smooth.size(); ++i)
            if (smooth[i] > 0) work_->course[i] = std::sqrt(smooth[i] / middle);
        work_->courses.upload(work_->course.data());
    }

    /// Each rank searches its share of the antennas; the masks are put together.
    void search_antennas(GroupState& state, std::vector<std::uint8_t> const& found)
    {
        auto& w = *work_;
        Index const cells = w.nt * w.nc, words = w.words * w.nc;
        auto const all = full();
        std::vector<std::int64_t> masks(static_cast<std::size_t>(w.n_antennas() * words), 0);
        for (Index a = 0; a < w.n_antennas(); ++a) {
            if (!state.share.mine(a) || w.dead[a] || all[a] < fewest_of_antenna * w.np) continue;
            PowerPlane plane{w.nt, w.nc, std::vector<float>(static_cast<std::size_t>(cells)),
                             std::vector<float>(static_cast<std::size_t>(cells))};
            for (Index i = 0; i < cells; ++i) {
                auto const n = static_cast<float>(all[a] - lost_[a * cells + i]);
                if (found[i] || !(array_.value[i] > 0) || n < 1) continue;
                plane.samples[i] = n;
                plane.value[i] = excess_[a * cells + i];
            }
            auto const mask = words_of(search_plane(plane, {w.settings.antenna_z, {4, w.nt}, {4, 16}, 1}));
            std::copy(mask.begin(), mask.end(), masks.begin() + a * words);
        }
        state.exchange->sum(masks);
        for (Index a = 0; a < w.n_antennas(); ++a)
            w.upload_mask(w.mask_of_antenna(a), {masks.begin() + a * words, masks.begin() + (a + 1) * words});
    }

    std::vector<std::uint32_t> words_of(std::vector<std::uint8_t> const& found) const
    {
        std::vector<std::uint32_t> mask(static_cast<std::size_t>(work_->words * work_->nc), 0);
        for (Index t = 0; t < work_->nt; ++t)
            for (Index c = 0; c < work_->nc; ++c)
                mask[t / 32 * work_->nc + c] |= static_cast<std::uint32_t>(found[t * work_->nc + c]) << (t % 32);
        return mask;
    }

    SharedWork work_;
    std::shared_ptr<PowerSums> sums_;
    std::vector<std::int64_t> sum_, strays_, lost_;
    PowerPlane array_;
    std::vector<float> mean_,
        excess_;  ///< excess_ [antenna][integration][channel]: an antenna's strays over the common ones
};

}  // namespace

Passes make_array_passes(SharedWork work)
{
    auto sums = std::make_shared<PowerSums>();
    Passes passes;
    passes.push_back(std::make_unique<PowerPass>(work, sums));
    passes.push_back(std::make_unique<ArrayPass>(std::move(work), sums));
    return passes;
}

}  // namespace nocturne
