// Frames against pyuvdata and astropy (tests/golden/frames, made by make_golden.py there).
#include "sky/frames.hpp"
#include "sky/phasing.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <fstream>
#include <sstream>

namespace nocturne {
namespace {

struct Case {
    double jd = 0, dec = 0, lst = 0, angle = 0, apparent_ra = 0, apparent_dec = 0;
    Direction meridian, zenith, centre;
    std::vector<Vec3> uvw;
};

struct Golden {
    Site site;
    std::vector<Antenna> antennas;
    std::vector<Case> cases;
};

void take(Golden& golden, std::string const& line)
{
    std::istringstream words(line);
    std::string kind;
    double a = 0, b = 0, c = 0;
    words >> kind >> a >> b >> c;
    Case& last = golden.cases.empty() ? golden.cases.emplace_back() : golden.cases.back();
    Direction const direction{Radians(a), Radians(b)};
    if (kind == "site") golden.site = {"OVRO_MMA", a, b, c, "golden"};
    if (kind == "antenna") golden.antennas.push_back({"", 0, {a, b, c}, 4.65});
    if (kind == "meridian") last.meridian = direction;
    if (kind == "zenith") last.zenith = direction;
    if (kind == "centre") last.centre = direction;
    if (kind == "lst") last.lst = a;
    if (kind == "angle") last.angle = a;
    if (kind == "uvw") last.uvw.push_back({a, b, c});
    if (kind == "apparent") last.apparent_ra = a, last.apparent_dec = b;
}

Golden const& golden()
{
    static Golden const read = [] {
        Golden g;
        std::ifstream file(NOCTURNE_SOURCE_DIR "/tests/golden/frames/frames.txt");
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("case")) {
                std::istringstream words(line.substr(4));
                Case one;
                words >> one.jd >> one.dec;
                if (!g.cases.empty() && g.cases.front().jd == 0) g.cases.clear();
                g.cases.push_back(one);
            } else {
                take(g, line);
            }
        }
        return g;
    }();
    return read;
}

/// As pyuvdata has it: the JD of a file is a double, good to 40 µs.
MjdSeconds utc_of(Case const& c) { return MjdSeconds((c.jd - jd_minus_mjd_days) * day_s); }

Instant instant_of(Case const& c)
{
    static auto const earth = EarthOrientation::load(NOCTURNE_SOURCE_DIR "/jobs/earth/earth_orientation.txt");
    return Instant(golden().site, earth, utc_of(c));
}

double angle_between(double a, double b) { return std::abs(std::remainder(a - b, 2 * pi)); }

TEST(Frames, GoldenIsRead)
{
    ASSERT_EQ(golden().cases.size(), 8u);
    ASSERT_EQ(golden().antennas.size(), 6u);
    for (auto const& c : golden().cases) ASSERT_EQ(c.uvw.size(), 6u);
}

TEST(Frames, MeridianZenithAndSiderealTimeAreThoseOfAstropy)
{
    for (auto const& c : golden().cases) {
        auto const instant = instant_of(c);
        SCOPED_TRACE(c.jd);
        EXPECT_LT(separation(instant.meridian(Radians(c.dec)), c.meridian).value(), 1e-9);
        EXPECT_LT(separation(instant.zenith(), c.zenith).value(), 1e-9);
        EXPECT_LT(angle_between(instant.sidereal_time().value(), c.lst), 1e-9);
    }
}

TEST(Frames, ApparentPlacesAreThoseOfPyuvdata)
{
    for (auto const& c : golden().cases) {
        auto const instant = instant_of(c);
        auto const at = instant.apparent(c.centre);
        SCOPED_TRACE(c.jd);
        EXPECT_LT(angle_between(instant.sidereal_time().value() - at.hour_angle.value(), c.apparent_ra), 1e-9);
        EXPECT_LT(angle_between(at.dec.value(), c.apparent_dec), 1e-9);
        EXPECT_LT(separation(instant.icrs(at), c.centre).value(), 1e-11);
    }
}

TEST(Frames, UvwAreThoseOfPyuvdataTo0p1Millimetre)
{
    double worst_m = 0;
    for (auto const& c : golden().cases) {
        auto const uvw = antenna_uvw_m(golden().antennas, {instant_of(c).uvw_axes(c.centre)});
        for (std::size_t a = 0; a < c.uvw.size(); ++a)
            for (std::size_t i = 0; i < 3; ++i) worst_m = std::max(worst_m, std::abs(uvw[3 * a + i] - c.uvw[a][i]));
    }
    EXPECT_LT(worst_m, 1e-5) << "metres";
    RecordProperty("worst_um", std::to_string(worst_m * 1e6));
}

TEST(Frames, AxesAreARotationTowardTheSource)
{
    for (auto const& c : golden().cases) {
        auto const instant = instant_of(c);
        auto const axes = instant.uvw_axes(c.centre);
        EXPECT_NEAR(dot(axes.w, instant.itrs(instant.apparent(c.centre))), 1, 1e-15);
        EXPECT_NEAR(dot(axes.u, axes.v), 0, 1e-15);
        EXPECT_NEAR(dot(axes.u, axes.w), 0, 1e-15);
        EXPECT_NEAR(dot(axes.v, axes.v), 1, 1e-15);
        auto const north = instant.itrs(instant.apparent(direction_at(0, 1e-3, c.centre)));
        EXPECT_GT(dot(axes.v, north), 0.999e-3);
        EXPECT_NEAR(dot(axes.u, north), 0, 1e-8);
        EXPECT_LT(std::abs(instant.aberration_scale(c.centre)), 1.01e-4);
    }
}

TEST(Frames, DirectionCosinesGoBothWaysAcrossRaZero)
{
    for (double dec_deg : {-20.0, 37.0, 54.6, 85.0}) {
        Direction const centre{degrees(359.9), degrees(dec_deg)};
        auto const there = direction_at(0.01, -0.02, centre);
        auto const lmn = direction_cosines(there, centre);
        EXPECT_NEAR(lmn[0], 0.01, 1e-14);
        EXPECT_NEAR(lmn[1], -0.02, 1e-14);
        EXPECT_NEAR(lmn[2], std::sqrt(1 - 5e-4), 1e-14);
    }
}

TEST(Frames, DefaultCentreFollowsTheStateOfTheData)
{
    auto const earth = EarthOrientation::load(NOCTURNE_SOURCE_DIR "/jobs/earth/earth_orientation.txt");
    auto const& c = golden().cases.front();
    GroupHeader header;
    header.site = golden().site;
    header.time_mjd_s = {utc_of(c).value() - 5, utc_of(c).value() + 5};
    header.centres.front().kind = PhaseReference::meridian;
    header.centres.front().direction.dec = Radians(c.dec);
    EXPECT_LT(separation(default_centre(header, earth), c.meridian).value(), 1e-9);
    header.centres.front().kind = PhaseReference::unphased;
    EXPECT_LT(separation(default_centre(header, earth), c.zenith).value(), 1e-9);
    header.centres.front().kind = PhaseReference::icrs;
    header.centres.front().direction = c.centre;
    EXPECT_EQ(default_centre(header, earth).ra, c.centre.ra);
}

}  // namespace
}  // namespace nocturne
