// The graticule stands where the sky is: at the equator, across RA 0 h, around a pole; ticks of the colour bar.
#include "qa/sky_frame.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

Picture picture_at(double ra_deg, double dec_deg, double span_deg)
{
    Picture p;
    p.span = 1000;
    p.geometry = {1000, span_deg / 1000 * degree_rad, {degrees(ra_deg), degrees(dec_deg)}};
    p.low_jy = -3e-3;
    p.high_jy = 0.5;
    p.soft_jy = 3e-3;
    return p;
}

TEST(Graticule, labels_stand_where_their_coordinate_is)
{
    for (auto const& p : {picture_at(83.6, 22, 3.4), picture_at(0.1, -20, 1), picture_at(200, 85, 3.4),
                          picture_at(10, 89.5, 3.4), picture_at(10, -60, 0.05)}) {
        auto const g = make_graticule(p);
        int labelled = 0;
        for (auto const& line : g.ra) {
            if (!line.labelled) continue;
            ++labelled;
            auto const sky = pixel_to_sky(p.geometry, line.at);
            ASSERT_TRUE(sky);
            EXPECT_NEAR(line.at.y, -0.5, 1e-9);
            double h = 0, m = 0, s = 0;
            ASSERT_EQ(std::sscanf(line.label.c_str(), "%lf:%lf:%lf", &h, &m, &s), 3);
            double const ra = (h + m / 60 + s / 3600) * 15 * degree_rad,
                         off = std::remainder(sky->ra.value() - ra, 2 * pi);
            EXPECT_LT(std::abs(off) * std::cos(sky->dec.value()), 2 * p.geometry.cell_rad) << line.label;
        }
        EXPECT_GE(labelled, 2);
        labelled = 0;
        for (auto const& line : g.dec) {
            if (!line.labelled) continue;
            ++labelled;
            auto const sky = pixel_to_sky(p.geometry, line.at);
            ASSERT_TRUE(sky);
            double d = 0, m = 0, s = 0;
            ASSERT_EQ(std::sscanf(line.label.c_str(), "%lf:%lf:%lf", &d, &m, &s), 3);
            double const dec = (std::abs(d) + m / 60 + s / 3600) * (line.label[0] == '-' ? -1 : 1) * degree_rad;
            EXPECT_LT(std::abs(sky->dec.value() - dec), 2 * p.geometry.cell_rad) << line.label;
        }
        EXPECT_GE(labelled, 2);
        EXPECT_LE(g.ra.size() + g.dec.size(), 24U);
    }
}

TEST(ColourTicks, are_round_inside_and_apart)
{
    auto const p = picture_at(0, 0, 1);
    auto const ticks = colour_ticks(p);
    ASSERT_GE(ticks.size(), 4U);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        EXPECT_GE(ticks[i], p.low_jy);
        EXPECT_LE(ticks[i], p.high_jy);
        if (i > 0) {
            EXPECT_GE(stretched(p, ticks[i]) - stretched(p, ticks[i - 1]), 0.07);
        }
    }
}

}  // namespace
}  // namespace nocturne
