// A group in memory that goes through stage `flag`, for its tests.
#pragma once

#include "nocturne/stage.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace nocturne::flag_scene {

/// All rules, unless others are given.
inline Passes flag_passes(std::map<std::string, ParamValue> given)
{
    given.try_emplace("only", std::string("all"));
    auto const& type = stage_type("flag");
    return type.make(Params(type.params, given));
}

/// Noise around a steady source on all baselines of `na` antennas; what is put on top of it.
struct Simulated {
    Index np, na, nb, nt, nc;
    GroupState state;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight{1};
    std::vector<double> uvw;

    explicit Simulated(Index antennas, float steady_jy = 2, Index integrations = 24, Index channels = 128,
                       Index hands = 2)
        : np(hands), na(antennas), nb(na * (na + 1) / 2), nt(integrations), nc(channels)
    {
        state.device = make_device("kokkos");
        auto& header = state.header;
        header.antennas.resize(static_cast<std::size_t>(na));
        for (int a = 0; a < na; ++a) {
            header.antennas[static_cast<std::size_t>(a)].number = 10 + a;
            for (int b = 0; b <= a; ++b) header.baselines.push_back({b, a});
        }
        header.correlations = {Correlation::XX, Correlation::YY};
        if (np == 4) header.correlations = {Correlation::XX, Correlation::XY, Correlation::YX, Correlation::YY};
        for (Index t = 0; t < nt; ++t) header.time_mjd_s.push_back(5e9 + 12.9 * static_cast<double>(t));
        header.integration_s.assign(static_cast<std::size_t>(nt), 12.9);
        for (Index c = 0; c < nc; ++c) header.freq_hz.push_back(1.3e9 + 2.44e5 * static_cast<double>(c));
        header.channel_width_hz.assign(static_cast<std::size_t>(nc), 2.44e5);
        std::mt19937 random(7);
        std::normal_distribution<float> normal;
        uvw.resize(static_cast<std::size_t>(nt * nb * 3));
        for (Index i = 0; i < nt * nb * nc * np; ++i) {
            auto const& baseline = header.baselines[static_cast<std::size_t>(i / (nc * np) % nb)];
            bool const cross = np == 4 && (i % 4 == 1 || i % 4 == 2);
            float const jy = baseline.ant1 == dead || baseline.ant2 == dead || cross ? 0 : steady_jy;
            vis.push_back({jy + normal(random), normal(random)});
        }
        flag.assign(vis.size(), 0);
    }

    Vis& at(Index t, Index b, Index c, Index p)
    {
        return vis[static_cast<std::size_t>(((t * nb + b) * nc + c) * np + p)];
    }
    std::uint8_t flag_at(Index t, Index b, Index c, Index p) const
    {
        return flag[static_cast<std::size_t>(((t * nb + b) * nc + c) * np + p)];
    }

    /// Through all passes, in blocks of `block` baselines.
    void run(Index block, std::map<std::string, ParamValue> const& given = {})
    {
        auto passes = flag_passes(given);
        for (auto& pass : passes) pass->prepare(state);
        VisBlock const all{0, make_view(vis.data(), nt, nb, nc, np), make_view(flag.data(), nt, nb, nc, np),
                           make_constant_view<float const>(weight.data(), nt, nb, nc, np),
                           make_view(uvw.data(), nt, nb, 3)};
        for (auto& pass : passes) {
            if (pass->scope() == Scope::group) pass->run(state);
            for (Index b = 0; pass->scope() == Scope::block && b < nb; b += block) {
                auto part = all.baselines(b, std::min(block, nb - b));
                pass->run(part, state);
            }
        }
    }

    /// Share of the samples of cross-correlations that are flagged.
    double lost() const
    {
        double flagged = 0, total = 0;
        for (Index n : state.flag_account->cross_flagged) flagged += static_cast<double>(n);
        for (Index n : state.flag_account->cross_total) total += static_cast<double>(n);
        return flagged / total;
    }

    /// Samples by rule: used, then FlagRule.
    std::vector<Index> rules() const
    {
        std::vector<Index> sums(1 + flag_rules);
        for (std::size_t i = 0; i < state.flag_account->by_channel.size(); ++i)
            sums[i % sums.size()] += state.flag_account->by_channel[i];
        return sums;
    }

    static constexpr int dead = 3;
};

}  // namespace nocturne::flag_scene
