// Directions in the frames of files, against astropy 8 (SkyCoord.transform_to("icrs")), and its interpolation against SciPy 1.17.
#include "io/celestial_frames.hpp"

#include "io/ephemeris.hpp"
#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

TEST(CelestialFrames, agree_with_astropy)
{
    struct Row {
        StatedDirection stated;
        double ra, dec;
    };
    Row const rows[] = {
        {{"fk5", 2000.0, 1.2, -0.5}, 1.1999999305399527, -0.49999992606531957},
        {{"fk5", 2019.5, 1.2, -0.5}, 1.1966042667947971, -0.5006894443943595},
        {{"fk4", 1950.0, 1.2, -0.5}, 1.208708487590864, -0.4982589140826018},
        {{"fk4", 1900.0, 4.0, 0.9}, 4.013098714544899, 0.8936981544163864},
        {{"fk4noeterms", 1950.0, 1.2, -0.5}, 1.2087100774936552, -0.4982594678158381},
        {{"galactic", std::nullopt, 4.2, -0.9}, 0.99636543256803, -0.6616700346523166},
        {{"supergalactic", std::nullopt, 4.2, -0.9}, 1.2941877961609305, -0.7853211420562493},
        {{"barycentricmeanecliptic", std::nullopt, 1.2, -0.5}, 1.2449566479995056, -0.11475783842749677},
        {{"BarycentricTrueEcliptic", std::nullopt, 1.2, -0.5}, 1.2450156848102523, -0.11474923876406776},
        {{"barycentrictrueecliptic", 2019.5, 1.2, -0.5}, 1.2408696504911467, -0.11539998399703379},
        {{"gcrs", std::nullopt, 1.2, -0.5}, 1.2001006018150304, -0.5000226131864801},
    };
    MjdSeconds const time((2458661.25 - jd_minus_mjd_days) * day_s);
    for (auto const& row : rows) {
        auto const icrs = to_icrs(row.stated, time);
        EXPECT_NEAR(icrs.ra.value(), row.ra, 1e-11) << row.stated.frame;
        EXPECT_NEAR(icrs.dec.value(), row.dec, 1e-11) << row.stated.frame;
    }
}

TEST(CelestialFrames, unknown_ones_and_impossible_latitudes_are_refused)
{
    EXPECT_THROW(to_icrs({"altaz", {}, 0, 0}, MjdSeconds(5e9)), Error);
    EXPECT_THROW(to_icrs({"icrs", {}, 0, 1.6}, MjdSeconds(5e9)), Error);
}

TEST(CelestialFrames, proper_motion_moves_a_direction)
{
    Direction const start{Radians(1), Radians(0.5)};
    MjdSeconds const ten_years((51544.5 + 3652.5) * day_s);
    auto const there = moved(start, {1e-6, -2e-6}, ten_years);
    EXPECT_NEAR(there.ra.value(), 1 + 1e-5, 1e-9);
    EXPECT_NEAR(there.dec.value(), 0.5 - 2e-5, 1e-9);
}

/// Barnard's star, as pyuvdata 3.2 has it by ERFA's atco13 and back.
TEST(CelestialFrames, parallax_and_velocity_move_a_direction)
{
    constexpr double mas = arcsec_rad / 1000;
    MjdSeconds const time((2458661.25 - jd_minus_mjd_days) * day_s);
    auto const there = moved({Radians(4.7), Radians(0.08)}, {-800 * mas, 10300 * mas, 0.5469, -110.5}, time);
    EXPECT_NEAR(there.ra.value(), 4.699924095695124, 1e-10);
    EXPECT_NEAR(there.dec.value(), 0.08097534046826076, 1e-10);
}

TEST(Interpolator, is_scipys_cubic_spline)
{
    Interpolator const spline({0, 1, 2.5, 3, 4.5, 7}, {1, 0.5, 2, 3, -1, 4});
    double const at[] = {0.3, 1.7, 2.9, 4.0, 6.5, 7.0},
                 expected[] = {0.7714110520722636, 0.7663044987601844,  2.8733510449876007,
                               1.085441020191285,  -1.2826957137796668, 4.0};
    for (int i = 0; i < 6; ++i) EXPECT_NEAR(spline(at[i]), expected[i], 1e-13);
    EXPECT_TRUE(spline.covers(0));
    EXPECT_FALSE(spline.covers(7.01));
}

TEST(Interpolator, joins_few_entries_by_lines)
{
    Interpolator const line({0, 1, 2.5}, {1, 0.5, 2}), constant({3}, {7});
    EXPECT_DOUBLE_EQ(line(0.3), 0.85);
    EXPECT_DOUBLE_EQ(line(2.0), 1.5);
    EXPECT_EQ(constant(99), 7);
    EXPECT_TRUE(constant.covers(99));
}

}  // namespace
}  // namespace nocturne
