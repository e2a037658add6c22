// The SIN projection against astropy's WCS (wcs_pix2world, origin 0), and its inverse.
#include "qa/wcs.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

struct Golden {
    double ra_deg, dec_deg;
    Index n;
    double cell_arcsec, x, y, sky_ra_deg, sky_dec_deg;
};

constexpr Golden golden[] = {
    {83.633, 22.0145, 4096, 3.0, 0, 0, 85.452965191457, 20.297415163999},
    {83.633, 22.0145, 4096, 3.0, 4095, 17.25, 81.81375465122, 20.311805550931},
    {83.633, 22.0145, 4096, 3.0, 2048, 2048, 83.633, 22.0145},
    {83.633, 22.0145, 4096, 3.0, 1000.5, 3333.125, 84.581928446037, 23.082789760409},
    {0.01, 85.0, 512, 12.0, 3, 500, 11.41024838781, 85.729495660599},
    {0.01, 85.0, 512, 12.0, 511.75, 1, 351.70389507019, 84.088295647683},
    {359.995, -20.5, 1024, 2.5, 0, 0, 0.37548631155397, -20.855144381817},
    {359.995, -20.5, 1024, 2.5, 1023, 1023, 359.61701323759, -20.144726682705},
    {180.0, -90.0, 256, 30.0, 10, 20, 312.46644111161, -88.666858915916},
    {180.0, -90.0, 256, 30.0, 200, 128, 90.000000000003, -89.399989033232},
};

Direction direction(double ra_deg, double dec_deg) { return {degrees(ra_deg), degrees(dec_deg)}; }

TEST(Wcs, equals_astropy_both_ways)
{
    for (auto const& g : golden) {
        ImageGeometry const geometry{g.n, g.cell_arcsec * arcsec_rad, direction(g.ra_deg, g.dec_deg)};
        auto const sky = pixel_to_sky(geometry, {g.x, g.y});
        ASSERT_TRUE(sky);
        EXPECT_LT(separation_rad(*sky, direction(g.sky_ra_deg, g.sky_dec_deg)), 1e-6 * arcsec_rad) << g.x << " " << g.y;
        EXPECT_GE(sky->ra.value(), 0);
        EXPECT_LT(sky->ra.value(), 2 * pi);
        auto const pixel = sky_to_pixel(geometry, direction(g.sky_ra_deg, g.sky_dec_deg));
        ASSERT_TRUE(pixel);
        EXPECT_NEAR(pixel->x, g.x, 1e-6);
        EXPECT_NEAR(pixel->y, g.y, 1e-6);
    }
}

TEST(Wcs, knows_the_horizon)
{
    ImageGeometry const wide{1000, 0.01, direction(40, 10)};
    EXPECT_FALSE(pixel_to_sky(wide, {0, 500}));
    EXPECT_FALSE(sky_to_pixel(wide, direction(220, -10)));
    EXPECT_TRUE(pixel_to_sky(wide, {599, 500}));
}

TEST(Wcs, separations_keep_their_digits)
{
    EXPECT_NEAR(separation_rad(direction(10, 89.9999), direction(190, 89.9999)), 2e-4 * degree_rad, 1e-15);
    double const small = 1e-9 * degree_rad;
    EXPECT_NEAR(separation_rad({Radians(0), Radians(0.5)}, {Radians(small / std::cos(0.5)), Radians(0.5)}), small,
                1e-6 * small);
}

TEST(Wcs, sexagesimal_text_carries)
{
    EXPECT_EQ(format_ra(83.633 * degree_rad), "05:34:31.92");
    EXPECT_EQ(format_ra(-1e-9), "00:00:00.00");
    EXPECT_EQ(format_ra(359.99999999 * degree_rad, 0), "00:00:00");
    EXPECT_EQ(format_dec(22.0145 * degree_rad), "+22:00:52.2");
    EXPECT_EQ(format_dec(-0.5 * degree_rad, 0), "-00:30:00");
    EXPECT_EQ(format_dec(59.99999999 * degree_rad), "+60:00:00.0");
}

}  // namespace
}  // namespace nocturne
