// Phasing of groups with several centres, with times of their own, with uvw of their own; calibrators around a direction.
#include "sky/phasing.hpp"

#include "sky/calibrators.hpp"

#include <gtest/gtest.h>
#include <cmath>

namespace nocturne {
namespace {

EarthOrientation const& earth()
{
    static auto const table = EarthOrientation::load(NOCTURNE_SOURCE_DIR "/jobs/earth/earth_orientation.txt");
    return table;
}

GroupHeader small_group()
{
    GroupHeader h;
    h.site = {"OVRO_MMA", 37.2334 * degree_rad, -118.2834 * degree_rad, 1188, "header"};
    for (int t = 0; t < 4; ++t) h.time_mjd_s.push_back(61000.3 * day_s + 60.0 * t);
    double const xyz[3][3] = {{0, 0, 0}, {1049, 700, 1471}, {-935, 358, -175}};
    for (int a = 0; a < 3; ++a) h.antennas.push_back({std::to_string(a), a, {xyz[a][0], xyz[a][1], xyz[a][2]}, 4.65});
    h.baselines = {{0, 1}, {0, 2}, {1, 2}};
    return h;
}

PhaseCentre icrs(double ra_deg, double dec_deg, std::string name)
{
    return {PhaseReference::icrs, {degrees(ra_deg), degrees(dec_deg)}, std::move(name)};
}

TEST(Phasing, CentresOfOneFieldMeetInTheMiddleAlsoAcrossRaZero)
{
    auto h = small_group();
    h.centres = {icrs(359.5, 20, "a"), icrs(0.5, 20, "b")};
    for (int t = 0; t < 4; ++t) h.moments.push_back({h.time_mjd_s[t], t / 2, 0});
    std::string note;
    auto const centre = GroupMoments(h, earth()).common_centre(note);
    EXPECT_LT(separation(centre, {degrees(0), degrees(20)}).value(), 1e-4);
    EXPECT_TRUE(note.empty());
}

TEST(Phasing, OfFieldsFarApartTheOneWithMostTimeIsTakenAndSaidSo)
{
    auto h = small_group();
    h.centres = {icrs(10, 20, "a"), icrs(40, 20, "target")};
    for (int t = 0; t < 4; ++t) h.moments.push_back({h.time_mjd_s[t], t > 0, 0});
    std::string note;
    auto const centre = GroupMoments(h, earth()).common_centre(note);
    EXPECT_EQ(centre.ra, degrees(40));
    EXPECT_NE(note.find("'target'"), std::string::npos);
}

TEST(Phasing, EachMomentIsMovedFromItsOwnCentre)
{
    auto h = small_group();
    h.centres = {icrs(100, 20, "a"),
                 {PhaseReference::unphased, {}, ""},
                 {PhaseReference::horizon, {degrees(30), degrees(70)}, ""}};
    for (int t = 0; t < 4; ++t) h.moments.push_back({h.time_mjd_s[t], t % 3, 0});
    GroupMoments const moments(h, earth());
    Direction const wanted{degrees(100.2), degrees(20.1)};
    auto const plan = plan_phasing(h, moments, std::vector<Direction>(4, wanted));
    for (Index t = 0; t < 4; ++t) {
        auto const toward = moments.stopped_toward(t);
        auto const w = moments.instant(t).uvw_axes(wanted).w;
        Vec3 const b = h.antennas[2].position_m;  // baseline 1 starts at the origin
        EXPECT_NEAR(plan.shift_m[t * 3 + 1], dot(w, b) - dot(toward, b), 1e-9);
        EXPECT_NEAR(plan.uvw_m[(t * 3 + 1) * 3 + 2], dot(w, b), 1e-9);
    }
    auto const up = moments.stopped_toward(2);  // azimuth 30, altitude 70: toward local up by sin 70
    Vec3 const zenith = moments.instant(2).itrs({Radians(0), Radians(h.site.latitude_rad)});
    EXPECT_NEAR(dot(up, zenith), std::sin(70 * degree_rad), 1e-12);
    Vec3 const east{-std::sin(h.site.longitude_rad), std::cos(h.site.longitude_rad), 0};
    EXPECT_NEAR(dot(up, east), std::sin(30 * degree_rad) * std::cos(70 * degree_rad), 1e-12);
}

TEST(Phasing, UvwOfAFileAreKeptWhereTheCentreStays)
{
    auto h = small_group();
    h.centres = {icrs(100, 20, "a"), icrs(101, 20, "b")};
    for (int t = 0; t < 4; ++t) h.moments.push_back({h.time_mjd_s[t], t / 2, 0});
    h.file_uvw_m.assign(4 * 3 * 3, 7.5);
    auto const plan = plan_phasing(h, GroupMoments(h, earth()), std::vector<Direction>(4, h.centres[0].direction));
    EXPECT_EQ(plan.uvw_m[5], 7.5);
    EXPECT_EQ(plan.shift_m[2], 0);
    EXPECT_NE(plan.uvw_m[2 * 9], 7.5);
    EXPECT_NE(plan.shift_m[2 * 3 + 1], 0);
}

TEST(Phasing, TheSameCentreWrittenInDegreesIsNoMove)
{
    auto h = small_group();
    h.centres = {icrs(359.99999, 20, "a")};
    h.file_uvw_m.assign(4 * 3 * 3, 7.5);
    auto plan = [&](Direction wanted) {
        return plan_phasing(h, GroupMoments(h, earth()), std::vector<Direction>(4, wanted));
    };
    auto const own = h.centres[0].direction;
    EXPECT_EQ(plan({Radians(own.ra.value() - 2 * pi + 1e-12), Radians(own.dec.value() - 1e-12)}).uvw_m[5], 7.5);
    EXPECT_NE(plan({Radians(own.ra.value() + 1e-9), own.dec}).uvw_m[5], 7.5);
}

TEST(Phasing, TheWOfTheFileCountsAtItsOwnCentreToo)
{
    auto h = small_group();
    h.centres = {icrs(100, 20, "a")};
    GroupMoments const moments(h, earth());
    std::vector<Direction> const own(4, h.centres[0].direction);
    auto const ideal = plan_phasing(h, moments, own);
    for (double const shift : ideal.shift_m) EXPECT_EQ(shift, 0);
    h.stopped_w_m.resize(12);
    for (std::size_t row = 0; row < 12; ++row) h.stopped_w_m[row] = ideal.uvw_m[3 * row + 2] - 0.01;
    h.stopped_w_m[5] = std::nan("");
    auto const plan = plan_phasing(h, moments, own);
    for (std::size_t row = 0; row < 12; ++row) EXPECT_NEAR(plan.shift_m[row], row == 5 ? 0 : 0.01, 1e-12) << row;
    auto h_near = h;
    h_near.centres[0].near = true;
    for (double const shift : plan_phasing(h_near, GroupMoments(h_near, earth()), own).shift_m) EXPECT_EQ(shift, 0);
}

/// A group whose samples all lie 6.4 s after their moments is the group of moments 6.4 s later.
TEST(Phasing, SamplesHaveTheGeometryOfTheirOwnTime)
{
    for (auto const kind : {PhaseReference::icrs, PhaseReference::meridian, PhaseReference::unphased}) {
        auto late = small_group();
        late.centres = {{kind, {degrees(kind == PhaseReference::icrs ? 100.0 : 0.0), degrees(40)}, "a"}};
        auto moved = late;
        late.offset_s.assign(late.time_mjd_s.size() * late.baselines.size(), 6.4);
        for (double& time : moved.time_mjd_s) time += 6.4;
        std::vector<Direction> const wanted(4, Direction{degrees(101), degrees(41)});
        auto const by_offset = plan_phasing(late, GroupMoments(late, earth()), wanted),
                   by_time = plan_phasing(moved, GroupMoments(moved, earth()), wanted);
        auto none = late;
        none.offset_s.clear();
        auto const by_moment = plan_phasing(none, GroupMoments(none, earth()), wanted);
        double apart = 0, moves = 0;
        for (std::size_t i = 0; i < by_time.uvw_m.size(); ++i) {
            apart = std::max(apart, std::abs(by_offset.uvw_m[i] - by_time.uvw_m[i]));
            moves = std::max(moves, std::abs(by_moment.uvw_m[i] - by_time.uvw_m[i]));
        }
        for (std::size_t i = 0; i < by_time.shift_m.size(); ++i)
            apart = std::max(apart, std::abs(by_offset.shift_m[i] - by_time.shift_m[i]));
        EXPECT_LT(apart, 2e-5);
        EXPECT_GT(moves, 0.1);
    }
}

TEST(Phasing, RaggedGroupsTakeTheMomentOfEachSample)
{
    auto h = small_group();
    auto const whole =
        plan_phasing(h, GroupMoments(h, earth()), std::vector<Direction>(4, {degrees(100), degrees(20)}));
    auto ragged = h;
    ragged.moments = h.all_moments();
    ragged.time_mjd_s.resize(2);
    ragged.moment_of = {3, 0, 1, -1, 2, -1};
    auto const plan =
        plan_phasing(ragged, GroupMoments(ragged, earth()), std::vector<Direction>(4, {degrees(100), degrees(20)}));
    EXPECT_EQ(plan.uvw_m[0], whole.uvw_m[(3 * 3 + 0) * 3]);
    EXPECT_EQ(plan.shift_m[1], whole.shift_m[0 * 3 + 1]);
    EXPECT_EQ(plan.shift_m[2], whole.shift_m[1 * 3 + 2]);
    EXPECT_EQ(plan.uvw_m[9], 0);
    EXPECT_EQ(plan.shift_m[4], whole.shift_m[2 * 3 + 1]);
}

TEST(Calibrators, AreFoundByTrueSeparationAcrossRaZeroAndRankedThroughTheBeam)
{
    std::vector<Source> const catalogue = {{"far", {degrees(2), degrees(60)}, 50, 0},
                                           {"weak", {degrees(359.9), degrees(60)}, 1, 0},
                                           {"strong", {degrees(0.9), degrees(60)}, 5, 0}};
    auto const found = match_calibrators(catalogue, {{degrees(0), degrees(60)}, degrees(0.9), 4.65});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].source.name, "strong");
    EXPECT_LT(found[0].seen_flux_jy, 5);
    EXPECT_NEAR(found[1].separation.value() / degree_rad, 0.05, 1e-3);
}

TEST(Calibrators, TheShippedOnesHave3C286)
{
    Direction const there{degrees(202.78), degrees(30.51)};
    auto const found = match_calibrators(shipped_calibrators(), {there, degrees(1), 4.65});
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().source.name, "3C286");
    EXPECT_NEAR(found.front().source.flux_jy, 15, 1);
}

}  // namespace
}  // namespace nocturne
