// Images of single integrations: a burst of one is found where it is, among steady and drifting sources, by any number of ranks;
// noise alone gives nothing.
#include "sky/frames.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/settings.hpp"
#include "stages/image/snapshot_peak.hpp"
#include "tests/unit/stages/random_state.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

constexpr Index n = 192;
constexpr double cell_rad = 12 * arcsec_rad;

ImageSettings settings_of(double detect_sigma, Subtract subtract = Subtract::neighbours)
{
    ImageSettings settings;
    settings.n_pixels = 256;
    settings.cell_rad = 10 * arcsec_rad;
    settings.weighting = Weighting::natural;
    settings.snapshots = SnapshotSettings{n, cell_rad, detect_sigma, subtract};
    return settings;
}

struct PointSource {
    Index x, y;
    double jy;
    double drift = 0;  ///< relative change from the first integration to the last
    Index only = -1;   ///< the one integration in which it shines; -1: all
};

test::RandomGroup group_of(unsigned seed)
{
    test::RandomGroupArgs args;
    args.n_integrations = 8;
    args.n_baselines = 120;
    args.n_channels = 24;
    args.outliers = 0;
    args.seed = seed;
    return test::RandomGroup(args);
}

void add(test::RandomGroup& group, PointSource const& source)
{
    double const l = -static_cast<double>(source.x - n / 2) * cell_rad,
                 m = static_cast<double>(source.y - n / 2) * cell_rad, q = std::sqrt(1 - l * l - m * m) - 1;
    for (Index t = 0; t < group.nt; ++t) {
        if (source.only >= 0 && t != source.only) continue;
        double const jy = source.jy * (1 + source.drift * static_cast<double>(t) / static_cast<double>(group.nt - 1));
        for (Index b = 0; b < group.nb; ++b)
            for (Index c = 0; c < group.nc; ++c) {
                auto const* uvw = group.uvw_m.data() + (t * group.nb + b) * 3;
                double const phase = 2 * pi * group.freq_hz[static_cast<std::size_t>(c)] / speed_of_light_m_s *
                                     (uvw[0] * l + uvw[1] * m + uvw[2] * q);
                for (Index p = 0; p < 2; ++p) {
                    auto& v = group.vis[static_cast<std::size_t>(((t * group.nb + b) * group.nc + c) * 2 + p)];
                    v = {v.re + static_cast<float>(jy * std::cos(phase)),
                         v.im + static_cast<float>(jy * std::sin(phase))};
                }
            }
    }
}

std::vector<Candidate> search(test::RandomGroup& group, ImageSettings const& settings,
                              std::vector<std::string>* notes = nullptr)
{
    auto state = test::state_of(group);
    auto const work = std::make_shared<ImageWork>();
    auto const project = make_project_pass(settings, work);
    project->prepare(state);
    auto block = group.block();
    project->run(block, state);
    make_snapshot_pass(settings, work)->run(state);
    EXPECT_EQ(state.snapshots_searched, group.nt);
    for (auto const& candidate : state.candidates) {
        auto const held = std::count_if(state.snapshots.begin(), state.snapshots.end(),
                                        [&](Snapshot const& s) { return s.integration == candidate.integration; });
        EXPECT_EQ(held, 1) << "its image is kept";
    }
    if (notes) *notes = state.notes;
    return state.candidates;
}

std::string text_of(std::vector<Candidate> const& found)
{
    std::string all;
    for (auto const& c : found)
        all += std::to_string(c.integration) + ": " + std::to_string(c.x_pix) + " " + std::to_string(c.y_pix) + " " +
               std::to_string(c.flux_jy) + " Jy, " + std::to_string(c.snr()) + " sigma\n";
    return all;
}

TEST(Snapshots, noise_alone_gives_nothing)
{
    for (unsigned seed = 1; seed <= 10; ++seed) {
        auto group = group_of(seed);
        EXPECT_TRUE(search(group, settings_of(6)).empty()) << "seed " << seed;
    }
}

TEST(Snapshots, a_burst_is_found_among_steady_and_drifting_sources)
{
    for (Index const when : {Index(0), Index(3), Index(7)}) {
        auto group = group_of(20);
        add(group, {100, 80, 3});
        add(group, {40, 150, 2, 0.3});
        add(group, {120, 60, 0.6, 0, when});
        auto const found = search(group, settings_of(6));
        ASSERT_EQ(found.size(), 1U) << "in integration " << when;
        EXPECT_EQ(found[0].integration, when);
        EXPECT_NEAR(found[0].x_pix, 120, 1);
        EXPECT_NEAR(found[0].y_pix, 60, 1);
        EXPECT_NEAR(found[0].flux_jy, 0.6, 0.15);
        EXPECT_GT(found[0].snr(), 6);
        double const l = -(120.0 - n / 2) * cell_rad, m = (60.0 - n / 2) * cell_rad;
        EXPECT_LT(separation(found[0].at, direction_at(l, m, {degrees(40), degrees(35)})).value(), 1.5 * cell_rad);
    }
}

/// By which `fit` knows the PSF of each place.
TEST(Snapshots, a_kept_image_knows_the_plane_of_its_baselines)
{
    auto group = group_of(26);
    for (std::size_t i = 0; i < group.uvw_m.size(); i += 3) {
        double const share = i < group.uvw_m.size() / 2 ? 0.4 : 0.6;  // as the sky turns
        group.uvw_m[i + 2] = 0.2 * group.uvw_m[i] - share * group.uvw_m[i + 1];
    }
    add(group, {100, 80, 3});
    auto state = test::state_of(group);
    auto const work = std::make_shared<ImageWork>();
    auto const settings = settings_of(6, Subtract::none);
    auto const project = make_project_pass(settings, work);
    project->prepare(state);
    auto block = group.block();
    project->run(block, state);
    make_snapshot_pass(settings, work)->run(state);
    ASSERT_EQ(state.snapshots.size(), 8U);
    for (auto const& kept : state.snapshots) {
        EXPECT_NEAR(kept.image.plane.alpha, 0.2, 1e-6) << kept.integration;
        EXPECT_NEAR(kept.image.plane.beta, kept.integration < 4 ? -0.4 : -0.6, 1e-6) << kept.integration;
    }
}

TEST(Snapshots, without_subtraction_the_steady_sources_stand_out)
{
    auto group = group_of(21);
    add(group, {100, 80, 3});
    auto const found = search(group, settings_of(6, Subtract::none));
    EXPECT_EQ(found.size(), static_cast<std::size_t>(group.nt));
}

TEST(Snapshots, a_bright_burst_is_one_candidate_without_sidelobes_and_echoes)
{
    auto group = group_of(22);
    add(group, {170, 30, 20, 0, 4});
    add(group, {30, 160, 1, 0, 5});
    auto const found = search(group, settings_of(6));
    ASSERT_EQ(found.size(), 2U) << text_of(found);
    EXPECT_EQ(found[0].integration, 4);
    EXPECT_NEAR(found[0].x_pix, 170, 0.2);
    EXPECT_NEAR(found[0].flux_jy, 20, 0.5);
    EXPECT_EQ(found[1].integration, 5);
    EXPECT_NEAR(found[1].flux_jy, 1, 0.15);
}

TEST(Snapshots, what_is_fainter_in_one_integration_has_a_negative_flux_and_leaves_no_echoes)
{
    for (Index const when : {Index(0), Index(1), Index(3), Index(6), Index(7)})
        for (double const jy : {-1.5, 1.5}) {
            auto group = group_of(24);
            add(group, {100, 80, 3});
            add(group, {40, 150, 2, 0.3});
            add(group, {100, 80, jy, 0, when});
            auto const found = search(group, settings_of(6));
            ASSERT_EQ(found.size(), 1U) << jy << " Jy in " << when << "\n" << text_of(found);
            EXPECT_EQ(found[0].integration, when);
            EXPECT_NEAR(found[0].x_pix, 100, 0.5);
            EXPECT_NEAR(found[0].flux_jy, jy, 0.2);
            EXPECT_GT(found[0].snr(), 6);
        }
}

TEST(Snapshots, an_integration_that_is_fainter_as_a_whole_is_named)
{
    auto group = group_of(25);
    for (auto const& at : {std::pair<Index, Index>{100, 80}, {40, 150}, {150, 130}, {60, 40}})
        add(group, {at.first, at.second, 3});
    for (auto& v : group.vis) {
        auto const per_time = static_cast<std::ptrdiff_t>(group.vis.size()) / group.nt;
        if ((&v - group.vis.data()) / per_time == 4) v = {0.7F * v.re, 0.7F * v.im};
    }
    std::vector<std::string> notes;
    auto const found = search(group, settings_of(6), &notes);
    EXPECT_EQ(found.size(), 4U) << text_of(found);
    for (auto const& one : found) {
        EXPECT_EQ(one.integration, 4);
        EXPECT_NEAR(one.flux_jy, -0.9, 0.2);
    }
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_EQ(notes[0].substr(0, 71), "integration 4 as a whole is fainter than its neighbours: 4 places at on");
    EXPECT_NE(notes[0].find(", by 3"), std::string::npos) << notes[0];
}

TEST(Snapshots, of_the_two_at_an_end_the_one_that_changed_is_told_by_the_third)
{
    EXPECT_EQ(changed_at_end({{0, 1, 2, 3}, {5, 1, 1, 1}, 0.1}, false), 0);
    EXPECT_EQ(changed_at_end({{0, 1, 2, 3}, {-5, 2, 3, 4}, 0.1}, false), 0);
    EXPECT_EQ(changed_at_end({{0, 1, 2, 3}, {1, -3, 1, 1}, 0.1}, true), 1);
    EXPECT_EQ(changed_at_end({{0, 1, 2.5, 3}, {1, 9, 1, 1}, 0.1}, true), 1);
    EXPECT_EQ(changed_at_end({{0, 1, 2, 3}, {1, 0.5, 1, 1}, 1}, true), 0) << "no more than noise tells them apart";
}

}  // namespace
}  // namespace nocturne
