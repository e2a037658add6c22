// Dead antennas, and deaf hands of antennas, by their own statistics. Enters: levels of all baselines. Leaves: which are dead.
#include "nocturne/median.hpp"
#include "stages/flag/plane_search.hpp"
#include "stages/flag/work.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double dead_share = 0.95;  // of an antenna's samples
constexpr double quiet = 1.0 / 50;   // of the array's median power
constexpr double deaf_sigmas = 5;    // neighbouring channels agree by no more than this of chance
constexpr double deaf_share = 0.05;  // of the array's median agreement
constexpr double heard_sigmas = 25;  // the array's agreement must be this sure before an antenna is called deaf

/// Sums over the baselines of one antenna.
struct Losses {
    double count = 0, lost = 0, pairs = 0, agreement = 0;  ///< agreement: Σ over baselines of lag/power · pairs
    std::vector<float> log_power;
    double middle_power = -1e9;  ///< of log_power

    double mean_agreement() const { return pairs > 0 ? agreement / pairs : 0; }
    /// What noise alone may agree by.
    double chance() const { return pairs > 0 ? 1 / std::sqrt(pairs) : 1; }
};

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

/// [antenna], of the correlations that `wanted` takes.
template<class Wanted>
std::vector<Losses> losses_of(FlagWork const& work, std::vector<Level> const& level, Wanted const& wanted)
{
    std::vector<Losses> health(work.antennas.size());
    double const most = most_samples(work, level);
    for (Index b = 0; b < work.nb; ++b) {
        if (work.pair[2 * b] == work.pair[2 * b + 1]) continue;
        double const expected = most * left_by_hand(work, b);
        for (Index p = 0; p < work.np; ++p) {
            if (!wanted(p)) continue;
            auto const& one = level[static_cast<std::size_t>(b * work.np + p)];
            for (int side = 0; side < 2; ++side) {
                auto& h = health[static_cast<std::size_t>(work.pair[2 * b + side])];
                h.count += one.count;
                h.lost += std::max(0.0, expected - one.count);
                if (!(one.power > 0)) continue;
                h.pairs += one.pairs;
                h.agreement += one.lag / one.power * one.pairs;
                h.log_power.push_back(static_cast<float>(std::log2(one.power / one.count)));
            }
        }
    }
    for (auto& h : health)
        if (!h.log_power.empty()) h.middle_power = static_cast<double>(median_of(h.log_power));
    return health;
}

/// Next to no power, or no agreement where the others have it.
class Deafness {
public:
    explicit Deafness(std::vector<Losses> const& health)
    {
        std::vector<float> powers, agreements;
        for (auto const& h : health) {
            if (h.log_power.empty()) continue;
            powers.push_back(static_cast<float>(h.middle_power));
            if (h.pairs > 0) agreements.push_back(static_cast<float>(h.mean_agreement()));
        }
        usual_power_ = static_cast<double>(median_of(powers));
        usual_ = static_cast<double>(median_of(agreements));
        enough_ = health.size() > 4;
    }
    bool holds(Losses const& h) const
    {
        bool const heard = enough_ && usual_ > heard_sigmas * h.chance() && h.pairs > 0;
        bool const deaf = heard && h.mean_agreement() < std::max(deaf_sigmas * h.chance(), deaf_share * usual_);
        return deaf || h.middle_power < usual_power_ + std::log2(quiet);
    }

private:
    double usual_power_ = 0, usual_ = 0;
    bool enough_ = false;
};

/// [antenna][feed]; of groups that have both feeds' own correlations.
std::vector<std::uint8_t> deaf_hands(FlagWork const& work, std::vector<Level> const& level)
{
    std::vector<std::uint8_t> deaf(2 * work.antennas.size(), 0);
    for (int feed = 0; feed < 2; ++feed) {
        auto const own = [&](Index p) { return work.feeds[p].one == feed && work.feeds[p].two == feed; };
        auto const health = losses_of(work, level, own);
        Deafness const deafness(health);
        double heard = 0;
        for (auto const& h : health) heard += h.count;
        if (heard == 0) return std::vector<std::uint8_t>(deaf.size(), 0);
        for (std::size_t a = 0; a < health.size(); ++a)
            deaf[2 * a + static_cast<std::size_t>(feed)] = health[a].count > 0 && deafness.holds(health[a]);
    }
    return deaf;
}

}  // namespace

DeadAntennas find_dead(FlagWork const& work, std::vector<Level> const& level)
{
    auto const health = losses_of(work, level, [](Index) { return true; });
    Deafness const deafness(health);
    DeadAntennas found{std::vector<std::uint8_t>(health.size(), 0), deaf_hands(work, level)};
    for (std::size_t a = 0; a < health.size(); ++a) {
        auto const& h = health[a];
        std::uint8_t* const hand = &found.hand[2 * a];
        bool const asked = std::find(work.by_hand.begin(), work.by_hand.end(), work.antennas[a]) != work.by_hand.end();
        if (!asked && h.lost + h.count > 0)
            found.antenna[a] =
                h.lost > dead_share * (h.lost + h.count) || deafness.holds(h) || (hand[0] != 0 && hand[1] != 0);
        if (asked || found.antenna[a]) hand[0] = hand[1] = 0;
    }
    return found;
}

}  // namespace nocturne
