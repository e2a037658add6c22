// A header through JSON and back, and text that is no header.
#include "driver/header_json.hpp"

#include "nocturne/error.hpp"
#include "nocturne/set_layout.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

GroupHeader odd_header()
{
    GroupHeader h;
    h.group_id = "2026-01-25T22:26:05 \"ä\"";
    h.site = {"OVRO_MMA", 0.1 + 0.2, -2.0644, 1188.0000000001, "header"};
    h.centres = {{PhaseReference::meridian, {Radians(0), Radians(1.0 / 3)}, ""},
                 {PhaseReference::icrs, {Radians(6.283), Radians(-1e-300)}, "3C286"}};
    h.moments = {{5.2e9 + 1.0 / 3, 0, 1}, {5.2e9 + 12.884901888, 1, 2}};
    h.moment_of = {0, -1, 1, 1};
    h.present = {1, 0, 1, 1};
    h.exposure_s = {12.884901888, NAN, 6, 1e-9};
    h.offset_s = {0, -6.4, 0.8e-3, 0};
    h.history = "made\nread";
    h.window_first = {1};
    h.file_uvw_m = {1e-17, -2, 3};
    h.freq_hz = {1311.4e6, 1311.644140625e6};
    h.channel_width_hz = {244140.625, 244140.625};
    h.time_mjd_s = {5.2e9 + 1.0 / 3};
    h.integration_s = {12.884901888};
    h.correlations = {Correlation::XX, Correlation::YY};
    h.antennas = {{"1", 0, {1.0 / 7, -2, 3}, 4.65}, {"ant\n2", 7, {4, 5, 6}, 0, "ALT-AZ", "XY", {1.5, 0.1}}};
    h.baselines = {{0, 0}, {0, 1}};
    h.subbands = {{3, "/data/x y_sb03.hdf5", 145000000, "00ff", 0, 2}, {4, "", 0, "", 2, 0}};
    h.expected_subbands = 16;
    h.set = std::make_shared<SetLayout>(
        SetLayout{"/x.ms", true, {{3, 0, 2, {1, 0}}}, {Correlation::XY}, {5, -1, 0, 1}, {0, 0, 1, 0}, {"MODEL_DATA"}});
    return h;
}

TEST(HeaderJson, EveryValueComesBackAsItWas)
{
    auto const before = odd_header();
    auto const text = to_json(before).dump();
    auto const after = header_from_json(nlohmann::json::parse(text));
    EXPECT_EQ(to_json(after).dump(), text);
    EXPECT_EQ(after.group_id, before.group_id);
    EXPECT_EQ(after.site.latitude_rad, before.site.latitude_rad);
    ASSERT_EQ(after.centres.size(), 2U);
    EXPECT_EQ(after.centres[0].kind, PhaseReference::meridian);
    EXPECT_EQ(after.centres[1].direction.dec.value(), -1e-300);
    EXPECT_EQ(after.centres[1].name, "3C286");
    EXPECT_EQ(after.moments[0].time_mjd_s, before.moments[0].time_mjd_s);
    EXPECT_EQ(after.moments[1].centre, 1);
    EXPECT_EQ(after.moments[1].scan, 2);
    EXPECT_EQ(after.moment_of, before.moment_of);
    EXPECT_EQ(after.present, before.present);
    EXPECT_TRUE(std::isnan(after.exposure_s[1]));
    EXPECT_EQ(after.exposure_s[3], 1e-9);
    EXPECT_EQ(after.offset_s, before.offset_s);
    EXPECT_EQ(after.history, before.history);
    EXPECT_EQ(after.window_first, before.window_first);
    EXPECT_EQ(after.file_uvw_m, before.file_uvw_m);
    EXPECT_EQ(after.time_mjd_s, before.time_mjd_s);
    EXPECT_EQ(after.correlations, before.correlations);
    EXPECT_EQ(after.antennas[1].name, "ant\n2");
    EXPECT_EQ(after.antennas[1].receptors + after.antennas[1].mount, "XYALT-AZ");
    EXPECT_EQ(after.antennas[1].receptor_angle_rad, before.antennas[1].receptor_angle_rad);
    EXPECT_EQ(after.antennas[0].position_m, before.antennas[0].position_m);
    EXPECT_EQ(after.baselines[1].ant2, 1);
    EXPECT_EQ(after.subbands[0].bytes, 145000000U);
    EXPECT_EQ(after.subbands[1].n_channels, 0);
    EXPECT_EQ(after.expected_subbands, 16);
    ASSERT_TRUE(after.set);
    EXPECT_EQ(after.set->path, "/x.ms");
    EXPECT_EQ(after.set->windows[0].description, 3);
    EXPECT_EQ(after.set->windows[0].channel, before.set->windows[0].channel);
    EXPECT_EQ(after.set->correlations, before.set->correlations);
    EXPECT_EQ(after.set->row_of, before.set->row_of);
    EXPECT_EQ(after.set->turned, before.set->turned);
    EXPECT_EQ(after.set->columns, before.set->columns);
}

TEST(HeaderJson, WhatIsNoHeaderIsNamedAsADefect)
{
    auto document = to_json(odd_header());
    document.erase("freq_hz");
    try {
        header_from_json(document);
        FAIL() << "a header without frequencies was taken";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::defect);
        EXPECT_NE(std::string(error.what()).find("freq_hz"), std::string::npos);
    }
}

}  // namespace
}  // namespace nocturne
