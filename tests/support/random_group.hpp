// Groups for tests: baselines turning with the Earth, any scale and field, random visibilities, flags and outliers.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/vis_block.hpp"

#include <cmath>
#include <random>

namespace nocturne::test {

struct RandomGroupArgs {
    Index n_integrations = 24, n_baselines = 24, n_channels = 96;
    double longest_m = 2600, first_hz = 1311.4e6, channel_hz = 244140.625 * 8, integration_s = 12.884901888;
    double flagged = 0.05;   ///< share of samples
    double outliers = 1e-4;  ///< share of samples that are 30 times too large
    bool gaps = false;       ///< a third of the channels is not there
    unsigned seed = 1;
};

/// XX and YY; uvw of a declination of 35° and a phase centre that is followed; baseline 0 is an autocorrelation.
struct RandomGroup {
    explicit RandomGroup(RandomGroupArgs const& args)
        : nt(args.n_integrations), nb(args.n_baselines), random(args.seed), sample(0.0, 1.0)
    {
        for (Index c = 0; c < args.n_channels; ++c)
            if (!args.gaps || c % 32 < 20) freq_hz.push_back(args.first_hz + args.channel_hz * static_cast<double>(c));
        nc = static_cast<Index>(freq_hz.size());
        for (Index t = 0; t < nt; ++t) time_s.push_back(args.integration_s * static_cast<double>(t));
        for (Index b = 0; b < nb; ++b)
            baselines.push_back({b == 0 ? 0 : static_cast<std::int32_t>(b) - 1, static_cast<std::int32_t>(b)});
        baselines[0] = {0, 0};
        make_tracks(args.longest_m);
        make_samples(args);
    }

    VisBlock block()
    {
        return {0, make_view(vis.data(), nt, nb, nc, 2), make_view(flag.data(), nt, nb, nc, 2),
                make_view(static_cast<float const*>(weight.data()), nt, nb, nc, 2), make_view(uvw_m.data(), nt, nb, 3)};
    }
    View<double const, 3> positions() const { return make_view(uvw_m.data(), nt, nb, 3); }

    Index nt, nb, nc = 0;
    std::vector<double> freq_hz, time_s, uvw_m;
    std::vector<Baseline> baselines;
    std::vector<Vis> vis;
    std::vector<std::uint8_t> flag;
    std::vector<float> weight;

private:
    void make_tracks(double longest_m)
    {
        double const dec = 35 * pi / 180, turn_rad_s = 7.292115e-5;
        std::vector<std::array<double, 3>> at;
        std::uniform_real_distribution<double> place(-0.5, 0.5);
        for (Index b = 0; b < nb; ++b) {
            double const scale = longest_m * std::pow(10.0, -1.5 * (0.5 + place(random)));
            at.push_back({scale * place(random), scale * place(random), scale * place(random)});
        }
        at[0] = {0, 0, 0};
        for (Index t = 0; t < nt; ++t) {
            double const h = turn_rad_s * (time_s[static_cast<std::size_t>(t)] - 0.5 * time_s.back());
            for (auto const& [x, y, z] : at) {
                uvw_m.push_back(std::sin(h) * x + std::cos(h) * y);
                uvw_m.push_back(-std::sin(dec) * (std::cos(h) * x - std::sin(h) * y) + std::cos(dec) * z);
                uvw_m.push_back(std::cos(dec) * (std::cos(h) * x - std::sin(h) * y) + std::sin(dec) * z);
            }
        }
    }

    void make_samples(RandomGroupArgs const& args)
    {
        std::uniform_real_distribution<double> chance(0, 1);
        for (Index i = 0; i < nt * nb * nc * 2; ++i) {
            float const scale = chance(random) < args.outliers ? 30 : 1;
            vis.push_back({scale * static_cast<float>(sample(random)), scale * static_cast<float>(sample(random))});
            flag.push_back(chance(random) < args.flagged ? flag_rfi : 0);
            weight.push_back(static_cast<float>(1 + std::floor(4 * chance(random))));
            if (flag.back() && chance(random) < 0.5) vis.back().re = NAN;
        }
    }

    std::mt19937 random;
    std::normal_distribution<double> sample;
};

}  // namespace nocturne::test
