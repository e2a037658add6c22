// Stage `flag`: the accounts of a block add up, and each sample is counted under its first reason.
#include "tests/unit/stages/flag_scene.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace nocturne {
namespace {

using namespace flag_scene;

TEST(FlagStage, finds_what_all_baselines_share_and_the_dead_antenna_and_nothing_else)
{
    Simulated group(12);
    std::mt19937 random(5);
    std::uniform_real_distribution<float> phase(0, 6.2831853F);
    for (Index b = 0; b < group.nb; ++b)
        for (Index t = 0; t < group.nt; ++t) {
            float const turn = phase(random);
            Vis const weak{1.5F * std::cos(turn), 1.5F * std::sin(turn)};
            for (Index p = 0; p < 2; ++p) {
                group.at(t, b, 40, p).re += weak.re, group.at(t, b, 40, p).im += weak.im;  // a lasting line
                if (t == 11)
                    for (Index c = 90; c < 110; ++c)
                        group.at(t, b, c, p).re += weak.re, group.at(t, b, c, p).im += weak.im;
            }
        }
    group.run(10);
    Index missed = 0, wrong = 0, clean = 0;
    for (Index b = 0; b < group.nb; ++b) {
        auto const [ant1, ant2] = group.state.header.baselines[static_cast<std::size_t>(b)];
        if (ant1 == ant2) continue;
        for (Index t = 0; t < group.nt; ++t)
            for (Index c = 0; c < group.nc; ++c) {
                bool const flagged = group.flag_at(t, b, c, 0) != 0;
                if (ant1 == Simulated::dead || ant2 == Simulated::dead) {
                    ASSERT_TRUE(flagged);
                    continue;
                }
                bool const hit = c == 40 || (t == 11 && c >= 90 && c < 110);
                missed += hit && !flagged;
                wrong += !hit && flagged;
                clean += !hit;
            }
    }
    EXPECT_EQ(missed, 0);
    EXPECT_LE(static_cast<double>(wrong), 0.0005 * static_cast<double>(clean));
    EXPECT_EQ(group.state.flag_account->dead, std::vector<int>{13});
}

TEST(FlagStage, blocks_do_not_matter_and_accounts_add_up)
{
    Simulated first(8), second(8);
    first.run(1);
    second.run(36);
    EXPECT_EQ(first.flag, second.flag);
    EXPECT_EQ(first.rules(), second.rules());
    auto const& account = *first.state.flag_account;
    constexpr std::size_t kinds = 1 + flag_rules;
    Index by_channel = 0, by_antenna = 0;
    for (auto n : account.by_channel) by_channel += n;
    for (auto n : account.by_antenna) by_antenna += n;
    Index const row = first.nt * first.nc * first.np;
    EXPECT_EQ(by_channel, first.nb * row);
    EXPECT_EQ(first.state.counts.total(), first.nb * row);
    EXPECT_EQ(by_antenna, (2 * first.nb - first.na) * row);
    Index used = 0;
    for (std::size_t i = 0; i < account.by_channel.size(); i += kinds) used += account.by_channel[i];
    EXPECT_EQ(used, first.state.counts.used);
}

TEST(FlagStage, growth_has_an_account_of_its_own)
{
    auto const growth = 1 + static_cast<std::size_t>(FlagRule::growth);
    auto const rules = [](Index block, double share) {
        Simulated group(8, 0);
        for (Index p = 0; p < 2; ++p) group.at(9, 5, 40, p).re += 25;
        group.run(block, {{"grow-time", share}, {"grow-freq", share}});
        return group.rules();
    };
    auto const kept = rules(36, 1), grown = rules(36, 0.02);
    EXPECT_EQ(kept[growth], 0);
    EXPECT_GT(grown[growth], 0);
    EXPECT_EQ(kept[0] - grown[0], grown[growth]) << "what is used no more";
    EXPECT_EQ(rules(1, 0.02), grown);
}

TEST(FlagStage, a_bright_source_that_drifts_is_not_interference)
{
    Simulated group(10, 0);
    for (Index b = 0; b < group.nb; ++b)
        for (Index t = 0; t < group.nt; ++t)
            for (Index c = 0; c < group.nc; ++c)
                for (Index p = 0; p < 2; ++p) {
                    double const at = (static_cast<double>(t) - 9) / 8, slope = 1 + 0.2 * static_cast<double>(c) / 128;
                    double const angle = 0.01 * static_cast<double>(b * t + c);
                    double const jy = 40 * std::exp(-0.5 * at * at) * slope;
                    group.at(t, b, c, p).re += static_cast<float>(jy * std::cos(angle));
                    group.at(t, b, c, p).im += static_cast<float>(jy * std::sin(angle));
                }
    group.run(55);
    EXPECT_LE(group.lost(), 0.001) << ::testing::PrintToString(group.rules());
}

/// The power summed over all baselines has waves, too. What is put on top is found none the less.
TEST(FlagStage, a_beat_of_two_bright_sources_is_not_interference)
{
    std::mt19937 random(3);
    std::uniform_real_distribution<double> place(-12, 12);  // turns of the fringe
    std::vector<double> east, north;
    for (int a = 0; a < 16; ++a) east.push_back(place(random)), north.push_back(place(random));
    for (bool const interference : {false, true}) {
        Simulated group(16, 0);
        auto const add = [&](Index t, Index b, Index c) {
            auto const [one, two] = group.state.header.baselines[static_cast<std::size_t>(b)];
            double const turned = 0.004 * static_cast<double>(t), f = 0.985 + 0.03 * static_cast<double>(c) / 128,
                         along =
                             (east[two] - east[one]) * std::cos(turned) + (north[two] - north[one]) * std::sin(turned);
            bool const hit = interference && (c == 40 || (t == 11 && c >= 90 && c < 110));
            for (Index p = 0; p < 2; ++p) {
                auto& sample = group.at(t, b, c, p);
                sample.re += static_cast<float>(10 + 5 * std::cos(2 * pi * f * along));
                sample.im += static_cast<float>(5 * std::sin(2 * pi * f * along) + (hit && b % 2 ? 8 : hit ? -8 : 0));
            }
        };
        for (Index t = 0; t < group.nt; ++t)
            for (Index b = 0; b < group.nb; ++b)
                for (Index c = 0; c < group.nc; ++c) add(t, b, c);
        group.run(group.nb);
        auto const cells = group.rules()[1 + static_cast<std::size_t>(FlagRule::array)] / 240;
        Index missed = 0;
        for (Index c = 0; c < group.nc; ++c)
            missed += (c == 40 || (c >= 90 && c < 110)) && group.flag_at(11, 1, c, 0) == 0;
        if (interference) {
            EXPECT_EQ(missed, 0);
            EXPECT_NEAR(cells, 24 + 19, 25) << "of 3,072; a crest at the band's end may go, too";
        } else {
            EXPECT_EQ(cells, 0);
        }
    }
}

TEST(FlagStage, a_flare_of_some_integrations_is_noted_and_kept_where_bursts_are)
{
    for (Index length : {1, 2, 3}) {
        Simulated flagged(12, 0), kept(12, 0);
        for (auto* group : {&flagged, &kept})
            for (Index b = 0; b < group->nb; ++b)
                for (Index t = 9; t < 9 + length; ++t)
                    for (Index c = 0; c < group->nc; ++c)
                        for (Index p = 0; p < 2; ++p) {
                            double const angle = 0.3 * static_cast<double>(b) + 0.02 * static_cast<double>(b * c);
                            group->at(t, b, c, p).re += static_cast<float>(2 * std::cos(angle));
                            group->at(t, b, c, p).im += static_cast<float>(2 * std::sin(angle));
                        }
        flagged.run(78);
        kept.run(78, {{"bursts", false}});
        EXPECT_GE(flagged.flag_at(9, 1, 40, 0), 1);
        ASSERT_EQ(flagged.state.notes.size(), 1U);
        EXPECT_EQ(flagged.state.notes[0].rfind(length == 1   ? "integrations 9 (from 0)"
                                               : length == 2 ? "integrations 9, 10 (from 0)"
                                                             : "integrations 9, 10, 11 (from 0)",
                                               0),
                  0U)
            << flagged.state.notes[0];
        EXPECT_LE(kept.lost(), 0.001);
        EXPECT_TRUE(kept.state.notes.empty());
    }
}

/// Sources that beat on every baseline, and no noise: what a simulator writes.
TEST(FlagStage, a_field_without_noise_is_not_interference)
{
    for (auto const& [antennas, integrations] : {std::pair<Index, Index>{10, 24}, {6, 4}, {10, 40}}) {
        Simulated group(antennas, 0, integrations);
        std::fill(group.vis.begin(), group.vis.end(), Vis{0, 0});
        std::mt19937 random(11);
        std::normal_distribution<double> normal;
        for (int source = 0; source < 30; ++source) {
            double const jy = std::exp(normal(random));
            for (Index b = 0; b < group.nb; ++b) {
                double const rate = 0.1 * normal(random), delay = 0.05 * normal(random);
                for (Index t = 0; t < group.nt; ++t)
                    for (Index c = 0; c < group.nc; ++c)
                        for (Index p = 0; p < 2; ++p) {
                            double const angle = rate * static_cast<double>(t) + delay * static_cast<double>(c + b);
                            group.at(t, b, c, p).re += static_cast<float>(jy * std::cos(angle));
                            group.at(t, b, c, p).im += static_cast<float>(jy * std::sin(angle));
                        }
            }
        }
        group.run(group.nb);
        EXPECT_LE(group.lost(), 0.001) << antennas << " antennas, " << integrations << " integrations "
                                       << ::testing::PrintToString(group.rules());
        EXPECT_TRUE(group.state.flag_account->dead.empty());
    }
}

/// A source in the phase centre, by itself: constant but for rounding, and for what integrations smear by and by.
TEST(FlagStage, a_source_without_noise_is_not_interference)
{
    for (double const smearing : {0.0, 1e-5, 8e-4}) {
        Simulated group(10, 0);
        for (Index b = 0; b < group.nb; ++b)
            for (Index t = 0; t < group.nt; ++t)
                for (Index c = 0; c < group.nc; ++c)
                    for (Index p = 0; p < 2; ++p) {
                        double const at = (static_cast<double>(t) - 12) / 12,
                                     angle = 0.01 * static_cast<double>(b * t + c);
                        double const jy =
                            5 * (1 - smearing * at * at * static_cast<double>(b) / static_cast<double>(group.nb));
                        group.at(t, b, c, p) = {static_cast<float>(jy * std::cos(angle)),
                                                static_cast<float>(jy * std::sin(angle))};
                    }
        group.run(group.nb);
        EXPECT_LE(group.lost(), 0.001) << smearing << ::testing::PrintToString(group.rules());
    }
}

TEST(FlagStage, noise_on_planes_of_few_cells_stays)
{
    for (auto const& [antennas, integrations, channels] :
         {std::array<Index, 3>{4, 20, 4}, {9, 11, 5}, {12, 1, 16}, {12, 2, 1}, {12, 1, 1024}, {3, 1, 1}}) {
        Simulated group(antennas, 0, integrations, channels);
        group.run(group.nb, {{"dead-antennas", false}});
        EXPECT_LE(group.lost(), 0.0005) << antennas << " antennas, " << integrations << " x " << channels << " "
                                        << ::testing::PrintToString(group.rules());
    }
}

TEST(FlagStage, a_line_in_a_plane_without_time_is_found)
{
    Simulated group(12, 2, 1, 256);
    for (Index b = 0; b < group.nb; ++b) group.at(0, b, 100, 0).re += 30;
    group.run(group.nb, {{"dead-antennas", false}});
    for (Index b = 0; b < group.nb; ++b) EXPECT_NE(group.flag_at(0, b, 100, 0), 0) << b;
    EXPECT_LE(group.lost(), 0.01);
}

TEST(FlagStage, flags_by_hand)
{
    Simulated group(6);
    group.run(21, {{"flag-antennas", std::string("11")}, {"flag-mhz", std::string("1301.0-1302.0")}, {"quack", 20.0}});
    for (Index b = 0; b < group.nb; ++b) {
        auto const [ant1, ant2] = group.state.header.baselines[static_cast<std::size_t>(b)];
        if (ant1 == ant2) continue;
        EXPECT_EQ((group.flag_at(20, b, 100, 0) & flag_static) != 0,
                  ant1 == 1 || ant2 == 1 || ant1 == Simulated::dead || ant2 == Simulated::dead)
            << b;
        EXPECT_TRUE(group.flag_at(20, b, 6, 1) & flag_static);
        EXPECT_TRUE(group.flag_at(1, b, 100, 0) & flag_static);
    }
    EXPECT_THROW(flag_passes({{"flag-mhz", std::string("1302.0-1301.0")}}), Error) << "the wrong way round";
    EXPECT_THROW(flag_passes({{"only", std::string("zeroes")}}), Error);
}

TEST(FlagStage, a_band_by_hand_takes_the_channels_it_touches)
{
    Simulated group(6);
    // Within channel 2 without its centre; channels 8 and 9 from edge to edge; nothing.
    group.run(21, {{"flag-mhz", std::string("1300.54-1300.58,1301.83-1302.318,1.42-1.43")}});
    for (Index c : {Index(1), Index(2), Index(3), Index(7), Index(8), Index(9), Index(10)})
        EXPECT_EQ((group.flag_at(20, 1, c, 0) & flag_static) != 0, c == 2 || c == 8 || c == 9) << c;
    ASSERT_EQ(group.state.notes.size(), 1U);
    EXPECT_NE(group.state.notes[0].find("no channel lies at 1.42 to 1.43 MHz"), std::string::npos)
        << group.state.notes[0];
}

/// Rows of cross-correlations that are flagged by hand, [integration][baseline].
std::vector<bool> flagged_rows(Simulated const& group)
{
    std::vector<bool> rows;
    for (Index t = 0; t < group.nt; ++t)
        for (Index b = 0; b < group.nb; ++b) rows.push_back((group.flag_at(t, b, 60, 0) & flag_static) != 0);
    return rows;
}

/// Six dishes that drift past declination 17.2 degrees, neighbours in each other's way.
struct OnTheGround : Simulated {
    OnTheGround() : Simulated(6, 2, 4)
    {
        auto& header = state.header;
        header.site = {"OVRO_MMA", 0.6498, -2.0644, 1188, "header"};
        header.centres.front() = {PhaseReference::meridian, {Radians(0), Radians(0.3)}, ""};
        for (std::size_t t = 0; t < 4; ++t) header.time_mjd_s[t] = 61000.3 * day_s + 150.0 * static_cast<double>(t);
        for (std::size_t a = 0; a < 6; ++a) {
            auto const x = static_cast<double>(a);
            header.antennas[a].position_m = {3.0 * x * x, -2.0 * x, x * x * x};
            header.antennas[a].diameter_m = 4.65;
        }
    }
};

TEST(FlagStage, rules_of_geometry_need_no_convert_before_them)
{
    std::map<std::string, ParamValue> const uv{{"min-uv", 9.0}, {"max-uv", 150.0}, {"dead-antennas", false}},
        shadow{{"shadow", true}, {"dead-antennas", false}}, low{{"min-elevation", 70.0}, {"dead-antennas", false}};
    for (auto const& given : {uv, shadow, low}) {
        OnTheGround first, then;
        first.run(first.nb, given);
        EXPECT_TRUE(first.state.uvw_m.empty()) << "solve takes the phases of the files";
        auto const& convert = stage_type("convert");
        auto pass = std::move(convert.make(Params(convert.params, {})).front());
        pass->prepare(then.state);
        then.run(then.nb, given);
        auto const rows = flagged_rows(first);
        EXPECT_EQ(rows, flagged_rows(then));
        EXPECT_GE(std::count(rows.begin(), rows.end(), true), 4);
    }
}

TEST(FlagStage, what_was_asked_to_be_flagged_makes_no_antenna_dead)
{
    OnTheGround far, low;
    far.run(far.nb, {{"max-uv", 60.0}});
    EXPECT_EQ(far.state.flag_account->dead, std::vector<int>{}) << "antenna 15 is too far from all others";
    low.run(low.nb, {{"min-elevation", 70.0}});
    EXPECT_EQ(low.state.flag_account->dead, std::vector<int>{});
}

TEST(FlagStage, counts_every_sample_once)
{
    Index const nt = 2, nb = 3, nc = 4, np = 2;
    GroupState state;
    state.device = make_device("kokkos");
    state.header.baselines = {{0, 0}, {0, 1}, {1, 1}};
    std::vector<Vis> vis(nt * nb * nc * np, Vis{1, 1});
    std::vector<std::uint8_t> flag(vis.size(), 0);
    std::vector<float> weight(1, 1);
    std::vector<double> uvw(nt * nb * 3);
    vis[nc * np] = {0, 0};  // integration 0, baseline 1
    vis[nc * np + 1] = {NAN, 0};
    flag[nc * np + 2] = flag_missing;
    flag[nc * np + 3] = flag_file;
    VisBlock block{0, make_view(vis.data(), nt, nb, nc, np), make_view(flag.data(), nt, nb, nc, np),
                   make_constant_view<float const>(weight.data(), nt, nb, nc, np), make_view(uvw.data(), nt, nb, 3)};
    state.header.antennas.resize(2);
    state.header.time_mjd_s.resize(nt);
    state.header.freq_hz.resize(nc);
    state.header.correlations = {Correlation::XX, Correlation::YY};
    auto passes = flag_passes({{"only", std::string("zeros,autocorr")}});
    ASSERT_EQ(passes.size(), 1U);
    passes[0]->prepare(state);
    auto first = block.baselines(0, 2), second = block.baselines(2, 1);
    passes[0]->run(first, state);
    passes[0]->run(second, state);
    EXPECT_EQ(state.counts.total(), nt * nb * nc * np);
    EXPECT_EQ(state.counts.used, nt * nc * np - 4);
    EXPECT_EQ(state.counts.by_reason[0], 1);                 // missing
    EXPECT_EQ(state.counts.by_reason[1], 1);                 // file
    EXPECT_EQ(state.counts.by_reason[2], 1);                 // not finite
    EXPECT_EQ(state.counts.by_reason[3], 1);                 // zero
    EXPECT_EQ(state.counts.by_reason[4], 2 * nt * nc * np);  // autocorrelations
}

TEST(StageTypes, a_name_that_is_nearly_right_is_suggested)
{
    try {
        stage_type("flga");
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_config);
        EXPECT_NE(std::string(error.what()).find("did you mean 'flag'?"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace nocturne
