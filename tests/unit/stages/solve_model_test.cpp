// Does stage `solve` tell a model that explains the data from one that does not? Groups of twelve antennas, with a second source in the data alone.
#include "tests/unit/stages/solve_scene.hpp"

namespace nocturne {
namespace {

using namespace solve_scene;

struct Left {
    double ratio = 0, share = 0;
};

Left left(Scene& scene, Given given = {})
{
    given.try_emplace("types", std::string("K,B,G"));
    auto const& tables = scene.solve(given);
    auto const told =
        std::find_if(tables.begin(), tables.end(), [](auto const& t) { return !t.unexplained_ratio.empty(); });
    EXPECT_NE(told, tables.end());
    if (told == tables.end()) return {};
    EXPECT_EQ(told->unexplained_ratio.size(), 2U);
    return {told->unexplained_ratio[0], told->unexplained_share[0]};
}

/// Adds `jy` at `away_deg` from the calibrator, through the gains that the group has.
void add_source(Scene& scene, double jy, double away_deg)
{
    auto const earth = EarthOrientation::load("");
    Source source;
    source.direction = default_centre(scene.state.header, earth);
    source.direction.dec = Radians(source.direction.dec.value() + away_deg * degree_rad);
    source.flux_jy = jy;
    Predictor const sky(scene.state.header, {source}, {}, earth);
    auto options = usual(0);
    Instrument const instrument(scene.state.header, options);
    std::vector<Vis> more(scene.vis.size());
    Simulator(scene.state.header, sky, instrument)
        .fill(0, 64, make_view(more.data(), Index(8), scene.block.n_baselines(), Index(64), Index(2)));
    for (std::size_t k = 0; k < more.size(); ++k)
        scene.vis[k] = {scene.vis[k].re + more[k].re, scene.vis[k].im + more[k].im};
}

TEST(SolveModel, WhereItExplainsTheDataNoiseIsLeft)
{
    for (double flux : {3.0, 30.0})
        for (char const* types : {"K,B,G", "B", "G", "K"}) {
            Scene scene(usual(8000), flux);
            auto const got = left(scene, {{"types", std::string(types)}});
            EXPECT_NEAR(got.ratio, 1, 0.15) << types << " " << flux;
        }
}

TEST(SolveModel, RobustWeightsLeaveNoiseToo)
{
    Scene scene(usual(8000));
    EXPECT_NEAR(left(scene, {{"robust-freedom", 5.0}}).ratio, 1, 0.15);
}

TEST(SolveModel, NoiseThatNeighboursShareIsNoise)
{
    Scene scene(usual(8000));
    auto const raw = scene.vis;
    for (Index row = 0; row < std::ssize(raw) / 128; ++row)
        for (Index c = 1; c < 63; ++c)
            for (Index p = 0; p < 2; ++p) {
                auto const k = static_cast<std::size_t>((row * 64 + c) * 2 + p);
                scene.vis[k] = {0.25F * raw[k - 2].re + 0.5F * raw[k].re + 0.25F * raw[k + 2].re,
                                0.25F * raw[k - 2].im + 0.5F * raw[k].im + 0.25F * raw[k + 2].im};
            }
    EXPECT_NEAR(left(scene).ratio, 1, 0.2);
}

TEST(SolveModel, ASourceThatItLacksIsSaid)
{
    Scene scene(usual(4000), 20);
    add_source(scene, 6, 0.3);
    auto const got = left(scene);
    EXPECT_GT(got.ratio, 3);
    EXPECT_NEAR(got.share, 0.07, 0.04);
    add_source(scene, 9, 0.3);
    auto const worse = left(scene);
    EXPECT_GT(worse.share, got.share);
}

}  // namespace
}  // namespace nocturne
