// Dead antennas, and deaf hands of antennas, by their own statistics. Enters: levels of all baselines. Leaves: which are dead.
#include "nocturne/median.hpp"
#include "stages/flag/hearing.hpp"
#include "stages/flag/work.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double dead_share = 0.95;  // of an antenna's samples
constexpr double quiet = 1.0 / 50;   // of the array's median power of noise
constexpr double least_noise = 0.1;  // of the power of the array: below, the noise cannot be told from the sky

/// Sums over the baselines of one antenna.
struct Losses {
    double count = 0, lost = 0;
    std::vector<float> log_noise, share;        ///< of noise in the power, by baseline and correlation
    double middle_noise = 0, middle_share = 0;  ///< of them
};

/// Of the power: 2σ²/(S² + 2σ²), where neighbouring channels agree by (S²/(S² + 2σ²))².
double noise_share(Level const& level)
{
    double const coherence = level.pairs > 0 ? (level.agreement() - 1) / level.pairs : 0;
    return 1 - std::sqrt(std::clamp(coherence, 0.0, 1 - 1e-6));
}

/// Share of a baseline's integrations that nobody asked to flag.
double left_by_hand(FlagWork const& work, Index b)
{
    Index left = 0;
    for (Index t = 0; t < work.nt; ++t) left += work.row_bits[t * work.nb + b] == 0;
    return work.nt > 0 ? static_cast<double>(left) / static_cast<double>(work.nt) : 0;
}

/// What a baseline and correlation has where nothing is lost in any of its integrations.
double most_samples(FlagWork const& work, std::vector<Level> const& level)
{
    double most = 0;
    for (std::size_t i = 0; i < level.size(); ++i)
        if (double const left = left_by_hand(work, static_cast<Index>(i) / work.np); left > 0)
            most = std::max(most, level[i].count / left);
    return most;
}

/// [antenna], of the correlations that are `wanted`.
std::vector<Losses> losses_of(FlagWork const& work, std::vector<Level> const& level,
                              std::vector<std::uint8_t> const& wanted)
{
    std::vector<Losses> health(work.antennas.size());
    double const most = most_samples(work, level);
    for (Index b = 0; b < work.nb; ++b) {
        if (work.pair[2 * b] == work.pair[2 * b + 1]) continue;
        double const expected = most * left_by_hand(work, b);
        for (Index p = 0; p < work.np; ++p) {
            if (!wanted[p]) continue;
            auto const& one = level[static_cast<std::size_t>(b * work.np + p)];
            for (int side = 0; side < 2; ++side) {
                auto& h = health[static_cast<std::size_t>(work.pair[2 * b + side])];
                h.count += one.count;
                h.lost += std::max(0.0, expected - one.count);
                if (!(one.power > 0)) continue;
                double const share = noise_share(one);
                h.share.push_back(static_cast<float>(share));
                h.log_noise.push_back(static_cast<float>(std::log2(one.power * share / one.count)));
            }
        }
    }
    for (auto& h : health) {
        if (h.share.empty()) continue;
        h.middle_noise = static_cast<double>(median_of(h.log_noise));
        h.middle_share = static_cast<double>(median_of(h.share));
    }
    return health;
}

/// [antenna] next to no noise, or nothing heard where others hear.
std::vector<std::uint8_t> silent(FlagWork const& work, std::vector<Level> const& level,
                                 std::vector<Losses> const& health, std::vector<std::uint8_t> const& wanted)
{
    auto found = find_deaf(work, level, wanted);
    std::vector<float> noises, shares;
    for (auto const& h : health) {
        if (h.share.empty()) continue;
        noises.push_back(static_cast<float>(h.middle_noise));
        shares.push_back(static_cast<float>(h.middle_share));
    }
    if (shares.empty() || static_cast<double>(median_of(shares)) < least_noise) return found;
    double const usual = static_cast<double>(median_of(noises));
    for (std::size_t a = 0; a < found.size(); ++a)
        if (!health[a].share.empty() && health[a].middle_noise < usual + std::log2(quiet)) found[a] = 1;
    return found;
}

/// [antenna][feed]; of groups that have both feeds' own correlations.
std::vector<std::uint8_t> deaf_hands(FlagWork const& work, std::vector<Level> const& level)
{
    std::vector<std::uint8_t> deaf(2 * work.antennas.size(), 0);
    for (int feed = 0; feed < 2; ++feed) {
        std::vector<std::uint8_t> own;
        for (auto const& feeds : work.feeds) own.push_back(feeds.one == feed && feeds.two == feed);
        auto const health = losses_of(work, level, own);
        auto const found = silent(work, level, health, own);
        double heard = 0;
        for (auto const& h : health) heard += h.count;
        if (heard == 0) return std::vector<std::uint8_t>(deaf.size(), 0);
        for (std::size_t a = 0; a < health.size(); ++a)
            deaf[2 * a + static_cast<std::size_t>(feed)] = health[a].count > 0 && found[a];
    }
    return deaf;
}

}  // namespace

DeadAntennas find_dead(FlagWork const& work, std::vector<Level> const& level)
{
    std::vector<std::uint8_t> const all(static_cast<std::size_t>(work.np), 1);
    auto const health = losses_of(work, level, all);
    auto const quiet_ones = silent(work, level, health, all);
    DeadAntennas found{std::vector<std::uint8_t>(health.size(), 0), deaf_hands(work, level)};
    for (std::size_t a = 0; a < health.size(); ++a) {
        auto const& h = health[a];
        std::uint8_t* const hand = &found.hand[2 * a];
        bool const asked = std::find(work.by_hand.begin(), work.by_hand.end(), work.antennas[a]) != work.by_hand.end();
        if (!asked && h.lost + h.count > 0)
            found.antenna[a] =
                h.lost > dead_share * (h.lost + h.count) || quiet_ones[a] || (hand[0] != 0 && hand[1] != 0);
        if (asked || found.antenna[a]) hand[0] = hand[1] = 0;
    }
    return found;
}

}  // namespace nocturne
