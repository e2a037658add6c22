// Pass "flag.array". Enters: sums of what each antenna receives. Leaves: dead antennas, and the masks of the array and of each antenna,
// the same for any split of the baselines over ranks.
#include "nocturne/median.hpp"
#include "stages/flag/antenna_sums.hpp"
#include "stages/flag/surroundings.hpp"
#include "stages/flag/work.hpp"

#include "kernels/power.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace nocturne {
namespace {

constexpr float own_factor = 50;       // of |V|²: noise clipped at 7 sigma of amplitudes lies at 24 times its median
constexpr Index cells_at_once = 64;    // whose sums of one antenna lie side by side
constexpr Index fewest_of_burst = 16;  // channels that make a band
constexpr double suspect_sigmas = 2;   // of the array's power: below, baselines that agree agree on the sky
constexpr double least_strays = 0.25 * static_cast<double>(PowerArgs::most_stray);  // of noise: 0.35 and more
constexpr double of_one_baseline =
    2.8;  // what it can add to an antenna's strays, half as much again, over the antenna's baselines
constexpr double agreeing_z = 0.5;  // of an antenna's own limit: its power must agree with its strays
constexpr Index most_known =
    4;  // one of so many antennas may have interference by itself in a cell, others are the array

/// Entries that one rank made, and whose bits are 0 on the others, on all ranks.
template<class T>
void put_together(Exchange const& exchange, std::vector<T>& entries)
{
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::int64_t) == 0);
    std::vector<std::int64_t> bits(entries.size() * (sizeof(T) / sizeof(std::int64_t)));
    std::memcpy(bits.data(), entries.data(), bits.size() * sizeof bits[0]);
    exchange.sum(bits);
    std::memcpy(static_cast<void*>(entries.data()), bits.data(), bits.size() * sizeof bits[0]);
}

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
        auto const cells = std::ssize(work_->course);
        known_.clear();
        for (Index i = 0; i < cells; ++i) known_.insert(known_.end(), work_->dead.begin(), work_->dead.end());
        take_all_apart(state);
        auto found = search_array();
        if (work_->settings.antenna_z > 0) {
            auto const own = search_antennas(state);
            if (take_apart_known(own.standing, found)) {
                auto const without = search_array();
                for (std::size_t i = 0; i < found.size(); ++i) found[i] &= without[i];
            }
            upload(own.found, found);
        }
        note_bursts(found, state);
        work_->upload_mask(mask_array, words_of(found));
        if (work_->settings.array_z > 0 && work_->cross_baselines() >= fewest_baselines) find_course(found);
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
        auto const& w = *work_;
        all_ = {w.n_antennas(),
                w.nt * w.nc,
                std::vector<std::int64_t>(static_cast<std::size_t>(w.n_antennas()), 0),
                wide(sums_->sum),
                wide(sums_->strays),
                wide(sums_->lost)};
        for (Index b = 0; b < w.nb; ++b)
            if (w.pair[2 * b] != w.pair[2 * b + 1])
                for (int side = 0; side < 2; ++side) all_.full[w.pair[2 * b + side]] += w.np;
        put_together(*state.exchange, sums_->level);
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

    /// Each rank takes its share of the cells apart.
    void take_all_apart(GroupState& state)
    {
        CellParts const none{0, 0, 0, 0, 0, 0};
        power_.assign(static_cast<std::size_t>(all_.n_cells), none);
        strays_ = power_;
        for (Index first = 0; first < all_.n_cells; first += cells_at_once)
            if (state.share.mine(first / cells_at_once))
                take_apart(first, std::min(cells_at_once, all_.n_cells - first));
        put_together(*state.exchange, power_);
        put_together(*state.exchange, strays_);
    }

    void take_apart(Index first, Index n)
    {
        auto const power = all_.means(all_.power, first, n), strays = all_.means(all_.strays, first, n);
        auto const antennas = static_cast<std::size_t>(all_.n_antennas);
        std::vector<double> samples(static_cast<std::size_t>(n), 0);
        for (Index a = 0; a < all_.n_antennas; ++a)
            for (Index i = 0; i < n; ++i) samples[i] += all_.samples(a, first + i);
        for (Index i = 0; i < n; ++i) {
            auto const* known = &known_[(first + i) * all_.n_antennas];
            power_[first + i] = split({&power[i * all_.n_antennas], antennas}, samples[i], known);
            strays_[first + i] = split({&strays[i * all_.n_antennas], antennas}, samples[i], known);
        }
    }

    std::vector<std::uint8_t> search_array()
    {
        auto const& w = *work_;
        array_ = {w.nt, w.nc, std::vector<float>(power_.size()), std::vector<float>(power_.size())};
        for (std::size_t i = 0; i < power_.size(); ++i) {
            array_.value[i] = static_cast<float>(power_[i].common);
            array_.samples[i] = static_cast<float>(power_[i].samples / 2);
        }
        if (!(w.settings.array_z > 0) || w.cross_baselines() < fewest_baselines)
            return std::vector<std::uint8_t>(power_.size(), 0);
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

    /// Masks [antenna][word][channel].
    struct OwnMasks {
        std::vector<std::int64_t> standing;  ///< strays stand out, if of one baseline alone
        std::vector<std::int64_t> found;     ///< interference of the antenna
    };

    /// Each rank searches its share of the antennas; the masks are put together.
    OwnMasks search_antennas(GroupState& state) const
    {
        auto const& w = *work_;
        Index const words = w.words * w.nc, all = w.n_antennas() * words;
        std::vector<std::int64_t> masks(static_cast<std::size_t>(2 * all), 0);
        for (Index a = 0; a < w.n_antennas(); ++a) {
            if (!state.share.mine(a) || w.dead[a] || all_.full[a] < fewest_of_antenna * w.np) continue;
            auto const [standing, found] = search_antenna(a);
            std::copy(standing.begin(), standing.end(), masks.begin() + a * words);
            std::copy(found.begin(), found.end(), masks.begin() + all + a * words);
        }
        state.exchange->sum(masks);
        return {{masks.begin(), masks.begin() + all}, {masks.begin() + all, masks.end()}};
    }

    /// Interference makes samples stray and adds power: where a band rolls off they stray, and power does not stand out; of one
    /// baseline beside a bright source power stands out, and strays do not.
    std::pair<std::vector<std::uint32_t>, std::vector<std::uint32_t>> search_antenna(Index a) const
    {
        auto const& w = *work_;
        SearchWindows windows{w.settings.antenna_z, {4, w.nt}, {4, 16}, 1};
        auto const strays = plane_of(a, all_.strays, strays_, least_strays);
        auto const standing = search_plane(strays, windows);
        auto found = standing;
        if (std::find(standing.begin(), standing.end(), 1) != standing.end()) {
            windows.least = of_one_baseline * static_cast<double>(w.np) / static_cast<double>(all_.full[a]);
            found = search_plane(strays, windows);
            windows.least = 0;
            windows.z *= agreeing_z;
            auto const power = search_plane(plane_of(a, all_.power, power_, 0), windows);
            for (std::size_t i = 0; i < found.size(); ++i) found[i] &= power[i];
        }
        return {words_of(standing), words_of(found)};
    }

    /// 1 + what antenna a has beyond the common part, over that (`least` where it is less).
    PowerPlane plane_of(Index a, std::vector<std::int64_t> const& sum, std::vector<CellParts> const& parts,
                        double least) const
    {
        auto const& w = *work_;
        PowerPlane plane{w.nt, w.nc, std::vector<float>(parts.size()), std::vector<float>(parts.size())};
        for (std::size_t i = 0; i < parts.size(); ++i) {
            auto const cell = static_cast<Index>(i);
            double const n = all_.samples(a, cell), usual = std::max(parts[i].common, least);
            if (n < 1 || !(power_[i].common > 0)) continue;
            bool const known = known_[cell * all_.n_antennas + a] != 0;
            plane.samples[i] = static_cast<float>(n);
            plane.value[i] = static_cast<float>(
                1 + parts[i].excess(static_cast<double>(sum[a * all_.n_cells + cell]) / n, known) / usual);
        }
        return plane;
    }

    bool has(std::vector<std::int64_t> const& masks, Index a, Index cell) const
    {
        auto const& w = *work_;
        Index const t = cell / w.nc, c = cell % w.nc;
        return (masks[static_cast<std::size_t>((a * w.words + t / 32) * w.nc + c)] >> (t % 32) & 1) != 0;
    }

    /// Cells that the array's search found, where few antennas stand out by themselves, without these; whether there are any.
    bool take_apart_known(std::vector<std::int64_t> const& standing, std::vector<std::uint8_t> const& found)
    {
        bool any = false;
        std::vector<Index> known;
        for (Index i = 0; i < all_.n_cells; ++i) {
            if (!found[static_cast<std::size_t>(i)]) continue;
            known.clear();
            for (Index a = 0; a < all_.n_antennas; ++a)
                if (has(standing, a, i)) known.push_back(a);
            if (known.empty() || most_known * std::ssize(known) > all_.n_antennas) continue;
            for (Index a : known) known_[i * all_.n_antennas + a] = 1;
            take_apart(i, 1);
            any = true;
        }
        return any;
    }

    void upload(std::vector<std::int64_t> const& own, std::vector<std::uint8_t> const& found)
    {
        auto& w = *work_;
        Index const words = w.words * w.nc;
        auto const array = words_of(found);
        for (Index a = 0; a < w.n_antennas(); ++a) {
            std::vector<std::uint32_t> mask(own.begin() + a * words, own.begin() + (a + 1) * words);
            for (std::size_t i = 0; i < mask.size(); ++i) mask[i] &= ~array[i];
            w.upload_mask(w.mask_of_antenna(a), mask);
        }
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
    ReceivedSums all_;
    std::vector<std::uint8_t> known_;        ///< [cell][antenna] has something by itself: no part of what is common
    std::vector<CellParts> power_, strays_;  ///< [cell]
    PowerPlane array_;
};

}  // namespace

Passes make_array_passes(SharedWork work)
{
    auto sums = std::make_shared<PowerSums>();
    Passes passes;
    passes.push_back(make_power_pass(work, sums));
    passes.push_back(std::make_unique<ArrayPass>(std::move(work), sums));
    return passes;
}

}  // namespace nocturne
