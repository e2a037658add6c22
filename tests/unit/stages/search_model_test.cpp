// Without CLEAN, what is bright, steady and far out leaves no candidates among single integrations, a burst stays one, and the image
// has no products that nobody asked for.
#include "tests/unit/stages/random_state.hpp"
#include "tests/unit/stages/travel.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

constexpr Index n = 512;
constexpr double cell_arcsec = 10;
constexpr Index burst_at = 4;
constexpr double steady_jy = 5, burst_jy = 0.4;

/// A point `x`, `y` pixels from the middle of the searched images, of jy(integration).
template<class Jy>
void add_point(test::RandomGroup& group, double x, double y, Jy const& jy)
{
    double const l = -x * cell_arcsec * arcsec_rad, m = y * cell_arcsec * arcsec_rad,
                 q = std::sqrt(1 - l * l - m * m) - 1;
    std::size_t at = 0;
    for (Index t = 0; t < group.nt; ++t)
        for (Index b = 0; b < group.nb; ++b)
            for (double const hz : group.freq_hz) {
                auto const* uvw = group.uvw_m.data() + (t * group.nb + b) * 3;
                double const phase = 2 * pi * hz / speed_of_light_m_s * (uvw[0] * l + uvw[1] * m + uvw[2] * q);
                for (int p = 0; p < 2; ++p, ++at) {
                    group.vis[at].re += static_cast<float>(jy(t) * std::cos(phase));
                    group.vis[at].im += static_cast<float>(jy(t) * std::sin(phase));
                }
            }
}

test::RandomGroup group_with(double steady)
{
    test::RandomGroupArgs args;
    args.n_integrations = 8;
    args.n_baselines = 100;
    args.n_channels = 16;
    args.outliers = 0;
    test::RandomGroup group(args);
    add_point(group, 190, 150, [&](Index) { return steady; });
    add_point(group, -60, 40, [](Index t) { return t == burst_at ? burst_jy : 0; });
    return group;
}

GroupState searched(test::RandomGroup group)
{
    auto state = test::state_of(group);
    for (int a = 0; a <= group.nb; ++a) state.header.antennas.push_back({std::to_string(a), a, {}, 4.65});
    state.pointings.assign(group.time_s.size(), state.centre);
    auto block = group.block();
    test::travel("image",
                 {{"imsize", std::int64_t(400)},
                  {"cell", 15.0},
                  {"per-integration", true},
                  {"snapshot-size", std::int64_t(n)},
                  {"snapshot-cell", cell_arcsec}},
                 block, state);
    return state;
}

bool holds_note(GroupState const& state, std::string const& text)
{
    return std::any_of(state.notes.begin(), state.notes.end(),
                       [&](std::string const& note) { return note.find(text) != std::string::npos; });
}

TEST(SearchModel, bright_steady_sources_far_out_leave_no_candidates)
{
    auto const state = searched(group_with(steady_jy));
    ASSERT_EQ(state.candidates.size(), 1U);
    auto const& one = state.candidates[0];
    EXPECT_EQ(one.integration, burst_at);
    EXPECT_NEAR(one.x_pix, n / 2 - 60, 1);
    EXPECT_NEAR(one.y_pix, n / 2 + 40, 1);
    EXPECT_NEAR(one.flux_jy, burst_jy, 5 * one.noise_jy);
    EXPECT_TRUE(holds_note(state, "what is bright and steady"));
    EXPECT_FALSE(holds_note(state, "look at its gains"));
}

TEST(SearchModel, nothing_but_the_search_has_the_model)
{
    auto const state = searched(group_with(steady_jy));
    EXPECT_EQ(state.images.size(), 2U) << "the dirty image and its PSF";
    EXPECT_TRUE(state.components.empty());
    ASSERT_EQ(state.snapshots.size(), 1U);
    auto const& pixels = state.snapshots[0].image.pixels;
    EXPECT_NEAR(pixels[(n / 2 + 150) * n + n / 2 + 190], steady_jy, 0.5) << "what is kept holds the whole sky";
}

TEST(SearchModel, none_is_made_of_noise)
{
    auto const state = searched(group_with(0));
    EXPECT_EQ(state.candidates.size(), 1U);
    EXPECT_FALSE(holds_note(state, "what is bright and steady"));
}

}  // namespace
}  // namespace nocturne
