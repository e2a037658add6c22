// Antennas that hear nothing, against baselines of others of their lengths and directions: emission that is resolved, or smeared far
// off, is not heard by all, and says nothing of antennas that do not see it.
#include "stages/flag/hearing.hpp"

#include "nocturne/median.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace nocturne {
namespace {

constexpr Index fewest_antennas = 5;
constexpr double deaf_sigmas = 5;    // what an antenna's baselines hear may be that much by chance
constexpr double deaf_share = 0.05;  // of the amplitude that others hear
constexpr double heard_sigmas = 10;  // an antenna must be expected to hear that surely before it is called deaf
constexpr double quartile = 0.25;    // so many of the others hear less than is taken for what they hear
constexpr double length_step = 1.25;
constexpr Index fewest_of_length = 3, fewest_like = 2, fewest_own = 3;

/// Baselines that speak for one of length L: their directions are less apart than by that sine, their lengths are `least` to `most` times
/// L, and they hear `telling` of the power that is heard at the best of all lengths. It hears `share` of their coherence at least.
struct Likeness {
    double sine, least, most, telling, share;
};
constexpr Likeness likenesses[] = {
    {0.2, 0.9, 1.5, 0.1, 0.25},  // emission that is half resolved
    {0.2, 0.33, 10, 0.75, 0.1},  // hardly resolved: so it is at three times the length
    {0.5, 0.5, 10, 0.9, 0.1},    // not resolved: nor is it somewhat aside, at twice the length
};

/// What the correlations of one baseline hear.
struct Link {
    std::int32_t one = 0, two = 0;
    std::array<double, 3> metres{};
    double length_m = 0;
    double terms = 0, pairs = 0, excess = 0;  ///< correlations; Σ of agreement − 1 over them: 0 ± √terms of noise
    double power = 0;                         ///< of a sample, summed over the correlations

    bool of(Index a) const { return one == a || two == a; }
    double coherence() const { return excess / pairs; }
    /// Power of the signal over that of the noise, of which coherence is (s / (1 + s))².
    double strength() const
    {
        double const root = std::sqrt(std::clamp(coherence(), 0.0, 0.9999));
        return root / (1 - root);
    }
};

std::vector<Link> links_of(FlagWork const& work, std::vector<Level> const& level,
                           std::vector<std::uint8_t> const& wanted)
{
    std::vector<Link> links;
    for (Index b = 0; b < work.nb; ++b) {
        if (work.pair[2 * b] == work.pair[2 * b + 1]) continue;
        auto const& metres = work.metres[b];
        Link link{work.pair[2 * b], work.pair[2 * b + 1], metres, std::hypot(metres[0], metres[1], metres[2])};
        for (Index p = 0; p < work.np; ++p) {
            auto const& one = level[static_cast<std::size_t>(b * work.np + p)];
            if (!wanted[p] || !(one.lag_power > 0)) continue;
            link.terms += 1;
            link.pairs += one.pairs;
            link.excess += one.agreement() - 1;
            link.power += std::sqrt(one.lag_power / one.pairs);
        }
        if (link.terms > 0) links.push_back(link);
    }
    return links;
}

/// Sums over the baselines of an antenna.
struct Own {
    double terms = 0, pairs = 0, excess = 0;

    bool hears() const { return excess > deaf_sigmas * std::sqrt(terms); }
};

std::vector<Own> sums_of(Index n_antennas, std::vector<Link> const& links)
{
    std::vector<Own> sums(static_cast<std::size_t>(n_antennas));
    for (auto const& link : links)
        for (auto const a : {link.one, link.two}) {
            sums[a].terms += link.terms;
            sums[a].pairs += link.pairs;
            sums[a].excess += link.excess;
        }
    return sums;
}

/// [antenna] hears so little that it may be deaf.
std::vector<std::uint8_t> candidates(std::vector<Own> const& sums)
{
    std::vector<double> coherence;
    for (auto const& own : sums)
        if (own.pairs > 0) coherence.push_back(own.excess / own.pairs);
    double const usual = median_of(coherence);
    std::vector<std::uint8_t> found;
    for (auto const& own : sums)
        found.push_back(own.pairs > 0 && (!own.hears() || own.excess < deaf_share * usual * own.pairs));
    return found;
}

/// The strength at which baselines of the best length hear.
double most_heard(std::vector<Link> const& links)
{
    std::map<int, std::vector<double>> by_length;
    for (auto const& link : links)
        by_length[static_cast<int>(std::log(std::max(1.0, link.length_m)) / std::log(length_step))].push_back(
            link.strength());
    double most = 0;
    for (auto& [bin, strength] : by_length)
        if (std::ssize(strength) >= fewest_of_length) most = std::max(most, median_of(strength));
    return most;
}

bool alike(Link const& own, Link const& other, Likeness const& how)
{
    auto const &a = own.metres, &b = other.metres;
    double const product = own.length_m * other.length_m;
    double const along = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    return other.length_m >= how.least * own.length_m && other.length_m <= how.most * own.length_m &&
           product * product - along * along <= how.sine * how.sine * product * product;
}

/// Coherence that `own` must have at least by what baselines of others than `a` hear that speak for it; less than 0: nothing can be told.
double least_coherence(Index a, Link const& own, std::vector<Link> const& others, double most)
{
    for (auto const& how : likenesses) {
        std::vector<Link const*> like;
        for (auto const& other : others)
            if (!other.of(a) && alike(own, other, how)) like.push_back(&other);
        if (std::ssize(like) < fewest_like) continue;
        auto const at = like.begin() + static_cast<std::ptrdiff_t>(quartile * static_cast<double>(like.size()));
        std::nth_element(like.begin(), at, like.end(),
                         [](auto const* x, auto const* y) { return x->coherence() < y->coherence(); });
        double const louder = own.power / own.terms * (*at)->terms / (*at)->power;  // its noise hides what it hears
        if ((*at)->strength() > how.telling * most) return how.share * (*at)->coherence() / std::max(1.0, louder);
    }
    return -1;
}

/// Whether antenna `a` hears nothing on its `links` to antennas that hear, where others do.
bool hears_nothing(Index a, std::vector<Link> const& links, std::vector<Link> const& others, double most)
{
    Own own;
    double expected = 0;
    Index told = 0;
    for (auto const& link : links) {
        double const heard = least_coherence(a, link, others, most);
        if (heard < 0) continue;
        ++told;
        own.terms += link.terms;
        own.excess += link.excess;
        expected += heard * link.pairs;
    }
    double const chance = std::sqrt(own.terms);
    return told >= fewest_own && expected > heard_sigmas * chance &&
           (!own.hears() || own.excess < deaf_share * deaf_share * expected);
}

}  // namespace

std::vector<std::uint8_t> find_deaf(FlagWork const& work, std::vector<Level> const& level,
                                    std::vector<std::uint8_t> const& wanted)
{
    Index const n = work.n_antennas();
    std::vector<std::uint8_t> deaf(static_cast<std::size_t>(n), 0);
    if (n < fewest_antennas) return deaf;
    auto const links = links_of(work, level, wanted);
    auto const sums = sums_of(n, links);
    std::vector<Link> others;
    for (auto const& link : links)
        if (sums[link.one].hears() && sums[link.two].hears()) others.push_back(link);
    double const most = most_heard(others);
    auto const asked = candidates(sums);
    for (Index a = 0; a < n; ++a) {
        if (!asked[a]) continue;
        std::vector<Link> own;
        for (auto const& link : links)
            if (link.of(a) && sums[link.one == a ? link.two : link.one].hears()) own.push_back(link);
        deaf[a] = hears_nothing(a, own, others, most);
    }
    return deaf;
}

}  // namespace nocturne
