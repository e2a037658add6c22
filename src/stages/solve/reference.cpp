#include "stages/solve/reference.hpp"

#include "nocturne/median.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

struct Health {
    std::vector<double> samples, coherence;  ///< [antenna]
};

Health measure(SolveRows const& links, SolveSums const& sums)
{
    Health health;
    health.samples.assign(sums.antennas.size(), 0);
    health.coherence.assign(sums.antennas.size(), 0);
    for (Index row = 0; row < links.n_rows; ++row) {
        auto const pair = sums.pairs[static_cast<std::size_t>(row)];
        double samples = 0, coherence = 0;
        for (Index p = 0; p < links.n_hands; ++p) {
            samples += links.at(row, p, 3)[0];
            for (Index i = 0; i < links.n_columns; ++i)
                if (i != sums.middle || links.n_columns == 1)
                    coherence += std::hypot(links.at(row, p, 0)[i], links.at(row, p, 1)[i]);
        }
        for (auto antenna : {pair.one, pair.two}) {
            health.samples[static_cast<std::size_t>(antenna)] += samples;
            health.coherence[static_cast<std::size_t>(antenna)] += coherence;
        }
    }
    return health;
}

bool is_named(Antenna const& antenna, std::string const& name)
{
    return antenna.name == name || std::to_string(antenna.number) == name;
}

}  // namespace

Index choose_reference(SolveRows const& links, SolveSums const& sums, SolveSettings const& settings)
{
    auto const health = measure(links, sums);
    auto const most = *std::max_element(health.samples.begin(), health.samples.end());
    if (!(most > 0))
        throw Error(Code::bad_input, "cannot solve on group " + sums.header->group_id,
                    "every sample is flagged or without weight", "look at the flags of its files and at their weights");
    double const usual = median_of(std::vector(health.coherence));
    auto const healthy = [&](std::size_t a) {
        return health.samples[a] >= (1 - settings.reference_flagged) * most && health.coherence[a] >= 0.25 * usual;
    };
    for (auto const& name : settings.reference_chain)
        for (std::size_t a = 0; a < sums.antennas.size(); ++a)
            if (is_named(sums.header->antennas[static_cast<std::size_t>(sums.antennas[a])], name) && healthy(a))
                return static_cast<Index>(a);
    std::size_t best = 0;
    for (std::size_t a = 1; a < sums.antennas.size(); ++a) {
        bool const more = health.samples[a] > health.samples[best] ||
                          (health.samples[a] == health.samples[best] && health.coherence[a] > health.coherence[best]);
        if (healthy(a) && (!healthy(best) || more)) best = a;
    }
    return static_cast<Index>(best);
}

std::string note_of_reference(SolveSums const& sums, SolveSettings const& settings, Index reference)
{
    auto const antenna = [&](std::size_t a) -> Antenna const& {
        return sums.header->antennas[static_cast<std::size_t>(sums.antennas[a])];
    };
    auto const is_asked = [&](std::size_t a) {
        auto const& chain = settings.reference_chain;
        return std::any_of(chain.begin(), chain.end(), [&](auto const& name) { return is_named(antenna(a), name); });
    };
    std::string asked;
    for (std::size_t a = 0; a < sums.antennas.size(); ++a)
        if (is_asked(a)) asked += (asked.empty() ? "" : ", ") + antenna(a).name;
    if (asked.empty() || is_asked(static_cast<std::size_t>(reference))) return "";
    return "reference antenna " + antenna(static_cast<std::size_t>(reference)).name + ": of those asked for (" + asked +
           ") none has enough solutions";
}

Index settle_reference(Gains const& gains, Index wanted)
{
    auto const solved = [&](Index antenna) {
        Index least = gains.n_columns;
        for (Index p = 0; p < gains.n_hands; ++p) {
            Index n = 0;
            for (Index c = 0; c < gains.n_columns; ++c) n += gains.flag[gains.at(p, antenna, c)] == 0;
            least = std::min(least, n);
        }
        return least;
    };
    Index best = wanted;
    for (Index a = 0; a < gains.n_antennas; ++a)
        if (solved(a) > solved(best)) best = a;
    return 2 * solved(wanted) >= solved(best) ? wanted : best;
}

}  // namespace nocturne
