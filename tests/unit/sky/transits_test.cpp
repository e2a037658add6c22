// Transits: the hour angle is zero then, a night has the right ones, and the flux is seen through the beam.
#include "sky/transits.hpp"

#include "sky/beam.hpp"
#include "sky/calibrators.hpp"
#include "sky/telescope.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

MjdSeconds const evening{61065.9 * day_s};

TEST(Transits, HourAngleIsZeroAtATransit)
{
    auto const site = find_telescope("DSA-110").site;
    auto const earth = EarthOrientation::load("");
    for (double const ra : {0.0, 90.0, 202.78, 359.99})
        for (double const dec : {-20.0, 54.6, 89.0}) {
            Direction const at{degrees(ra), degrees(dec)};
            auto const when = transit_near(site, earth, at, evening);
            EXPECT_LE(std::abs(when.value() - evening.value()), 0.5 * day_s);
            EXPECT_LT(std::abs(Instant(site, earth, when).apparent(at).hour_angle.value()), 1e-3 * 7.3e-5)
                << ra << " " << dec;
        }
}

TEST(Transits, ADayHasEachSourceOfTheStripOnceAndTheFluxIsSeenThroughTheBeam)
{
    auto const telescope = find_telescope("DSA-110");
    auto const earth = EarthOrientation::load("");
    TransitSearch search;
    search.site = telescope.site;
    search.dec = degrees(30.4);
    search.begin = evening;
    search.radius = degrees(1);
    search.dish_diameter_m = telescope.dish_diameter_m;
    search.span_s = 86164;
    std::vector<Source> const sources{{"on", {degrees(1), degrees(30.2)}, 2, -1},
                                      {"edge", {degrees(100), degrees(31.1)}, 2, 0},
                                      {"off", {degrees(200), degrees(32)}, 50, 0}};
    auto const found = transits(sources, earth, search);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_LT(found[0].when, found[1].when);
    for (auto const& transit : found) {
        EXPECT_GE(transit.when, search.begin);
        EXPECT_LT(transit.when.value(), search.begin.value() + search.span_s);
        double const beam = airy_power(4.65, std::sin(transit.separation.value()), 1.4e9);
        EXPECT_NEAR(transit.seen_flux_jy, 2 * beam, 1e-9);
    }
    search.span_s = 2.1 * day_s;
    EXPECT_GE(transits(sources, earth, search).size(), 4U);
}

TEST(Transits, TheBestCalibratorOfTheStripIsThatOfTheManual)
{
    auto const found = match_calibrators(shipped_calibrators(), {{degrees(128.7), degrees(55.57)}, degrees(1), 4.65});
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().source.name, "0834+555");
    EXPECT_GT(found.front().seen_flux_jy, 0.95 * found.front().source.flux_jy);
}

}  // namespace
}  // namespace nocturne
