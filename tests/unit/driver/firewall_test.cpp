// The firewall's rules on places of antennas and lengths of channels; the others by program, in tests/integration.
#include "driver/firewall.hpp"

#include "io/ms_subtables.hpp"

#include "nocturne/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

GroupHeader header()
{
    GroupHeader h;
    h.group_id = "T";
    for (int a = 0; a < 5; ++a) h.antennas.push_back({"A" + std::to_string(a), a, {100.0 * a, -50.0 * a, 20.0}, 4.65});
    h.freq_hz = {1.4e9, 1.401e9};
    h.channel_width_hz.assign(2, 1e6);
    h.time_mjd_s = {5e9, 5e9 + 10};
    h.integration_s.assign(2, 10);
    h.correlations = {Correlation::XX, Correlation::YY};
    h.centres.resize(1);
    h.site = {"OVRO_MMA", 0.65, -2.06, 1188, "header"};
    return h;
}

LoadedSolutions solved_on(GroupHeader const& h)
{
    CalTable table;
    table.kind = CalKind::gain;
    table.antennas = h.antennas;
    table.correlations = h.correlations;
    table.intervals = {{5e9, 5e9 + 10, 5e9 + 5}};
    table.freq_hz = {1.4005e9};
    table.channel_width_hz = {2e6};
    table.gain.assign(table.size(), 1);
    table.amplitude_error.assign(table.size(), 0.01F);
    table.phase_error_rad.assign(table.size(), 0.01F);
    table.flag.assign(table.size(), 0);
    table.solves.resize(2);
    table.site = h.site;
    table.preprocessing = preprocessing_of(h);
    table.pointing_dec_rad = 0.6;
    LoadedSolutions loaded;
    loaded.tables = {table};
    return loaded;
}

/// The refusal of a rule; "" where there is none.
std::string refused(std::string const& rule, LoadedSolutions const& loaded, GroupHeader const& h, bool between = false)
{
    auto const verdict = examine({loaded, default_validity(loaded), h, between});
    auto const found = std::find_if(verdict.refusals.begin(), verdict.refusals.end(),
                                    [&](std::string const& one) { return one.starts_with(rule); });
    return found == verdict.refusals.end() ? "" : *found;
}

TEST(Firewall, AntennasStandWhereTheyStandWhateverTheSite)
{
    auto const h = header();
    auto const loaded = solved_on(h);
    EXPECT_EQ(refused("antennas", loaded, h), "");
    auto other = h;  // a set whose site is the mean of its antennas
    other.site.longitude_rad += 30 / (6.37e6 * std::cos(other.site.latitude_rad));
    auto const mine = site_itrf_m(h.site), theirs = site_itrf_m(other.site);
    for (auto& antenna : other.antennas)
        for (std::size_t i = 0; i < 3; ++i) antenna.position_m[i] += mine[i] - theirs[i];
    EXPECT_EQ(refused("antennas", loaded, other), "");
    other.antennas[2].position_m[1] += 0.06;
    EXPECT_NE(refused("antennas", loaded, other).find("A2 0.06 m"), std::string::npos);
    auto moved = h;  // the header of another day says another altitude: baselines are the same
    moved.site.altitude_m += 12;
    EXPECT_EQ(refused("antennas", loaded, moved), "");
    moved.antennas[1].position_m[0] += 0.06;
    EXPECT_NE(refused("antennas", loaded, moved), "");
}

TEST(Firewall, BetweenChannelsTheirWidthIsNoMatterOfPreprocessing)
{
    auto const h = header();
    auto loaded = solved_on(h);
    auto wider = h;
    wider.channel_width_hz.assign(2, 2e6);
    EXPECT_NE(refused("preprocessing", loaded, wider), "");
    EXPECT_EQ(refused("preprocessing", loaded, wider, true), "");
    wider.integration_s.assign(2, 20);
    EXPECT_NE(refused("preprocessing", loaded, wider, true), "");
}

}  // namespace
}  // namespace nocturne
