// Dead antennas by their own statistics. Enters: levels of all baselines. Leaves: which antennas are dead.
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

/// Sums over the baselines of one antenna, all correlations.
struct Losses {
    double count = 0, lost = 0, pairs = 0, agreement = 0;  ///< agreement: Σ over baselines of lag/power · pairs
    std::vector<float> log_power;
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

}  // namespace

std::vector<std::uint8_t> find_dead(FlagWork const& work, std::vector<Level> const& level)
{
    std::vector<Losses> health(work.antennas.size());
    double const most = most_samples(work, level);
    for (Index b = 0; b < work.nb; ++b) {
        if (work.pair[2 * b] == work.pair[2 * b + 1]) continue;
        double const expected = most * left_by_hand(work, b);
        for (Index p = 0; p < work.np; ++p) {
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
    std::vector<float> powers, agreements;
    std::vector<double> log_power(health.size(), -1e9);
    for (std::size_t a = 0; a < health.size(); ++a) {
        if (health[a].log_power.empty()) continue;
        log_power[a] = static_cast<double>(median_of(health[a].log_power));
        powers.push_back(static_cast<float>(log_power[a]));
        if (health[a].pairs > 0) agreements.push_back(static_cast<float>(health[a].agreement / health[a].pairs));
    }
    double const usual_power = static_cast<double>(median_of(powers)),
                 usual = static_cast<double>(median_of(agreements));
    std::vector<std::uint8_t> dead(health.size(), 0);
    for (std::size_t a = 0; a < health.size(); ++a) {
        auto const& h = health[a];
        bool const lost = h.lost > dead_share * (h.lost + h.count);
        double const chance = h.pairs > 0 ? 1 / std::sqrt(h.pairs) : 1;
        bool const deaf = health.size() > 4 && usual > heard_sigmas * chance && h.pairs > 0 &&
                          h.agreement / h.pairs < std::max(deaf_sigmas * chance, deaf_share * usual);
        bool const asked = std::find(work.by_hand.begin(), work.by_hand.end(), work.antennas[a]) != work.by_hand.end();
        if (asked || h.lost + h.count == 0) continue;
        dead[a] = lost || deaf || log_power[a] < usual_power + std::log2(quiet);
    }
    return dead;
}

}  // namespace nocturne
