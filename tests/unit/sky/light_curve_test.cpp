// Light curves: what a CSV says, and means over integrations.
#include "sky/light_curve.hpp"
#include "nocturne/error.hpp"
#include "nocturne/units.hpp"

#include <gtest/gtest.h>
#include <fstream>

#include <unistd.h>

namespace nocturne {
namespace {

struct Csv {
    std::string path = testing::TempDir() + "curves-" + std::to_string(getpid()) + ".csv";
    explicit Csv(std::string const& text) { std::ofstream(path) << text; }
    ~Csv() { unlink(path.c_str()); }
};

TEST(LightCurve, IsTheMeanOfStraightLines)
{
    LightCurve const curve{{100, 110, 110, 130}, {1, 3, 5, 1}};
    EXPECT_DOUBLE_EQ(curve.mean(0, 10), 1) << "before: as at the first point";
    EXPECT_DOUBLE_EQ(curve.mean(200, 300), 1);
    EXPECT_DOUBLE_EQ(curve.mean(100, 110), 2);
    EXPECT_DOUBLE_EQ(curve.mean(104, 106), 2);
    EXPECT_DOUBLE_EQ(curve.mean(110, 130), 3) << "from after the step";
    EXPECT_DOUBLE_EQ(curve.mean(109, 111), (2.9 + 4.9) / 2);
    EXPECT_DOUBLE_EQ(curve.mean(90, 140), (10 + 20 + 60 + 10) / 50.0);
    LightCurve const flat{{0}, {2.5}};
    EXPECT_DOUBLE_EQ(flat.mean(-5, 5), 2.5);
}

TEST(LightCurve, TimesAreDaysOrSecondsAfterTheOpening)
{
    Csv const seconds("\xEF\xBB\xBFname,seconds,factor\n# a flare\nA,20,3\nA,0,1\n\"B, the other\",5,0.5\n");
    auto const curves = read_light_curves(seconds.path, 1000);
    ASSERT_EQ(curves.size(), 2u);
    EXPECT_EQ(curves.at("A").mjd_s, (std::vector<double>{1000, 1020}));
    EXPECT_EQ(curves.at("A").factor, (std::vector<double>{1, 3}));
    EXPECT_EQ(curves.at("B, the other").mjd_s.front(), 1005);
    Csv const days("factor,mjd,name\n2,61065.5,A\n");
    auto const read = read_light_curves(days.path, 1000);
    EXPECT_EQ(read.at("A").mjd_s.front(), 61065.5 * day_s);
    Csv const again(light_curves_csv(read));
    EXPECT_NEAR(read_light_curves(again.path, 0).at("A").mjd_s.front(), 61065.5 * day_s, 1e-5);
}

TEST(LightCurve, WhatIsWrongIsSaidWithTheLine)
{
    for (auto const* text :
         {"", "name,mjd,factor\n", "name,mjd\nA,1\n", "name,factor\nA,1\n", "name,mjd,seconds,factor\nA,1,2,3\n",
          "name,mjd,factor\nA,1\n", "name,mjd,factor\nA,x,1\n", "name,mjd,factor\nA,1,nan\n"}) {
        Csv const csv(text);
        EXPECT_THROW(read_light_curves(csv.path, 0), Error) << text;
    }
    EXPECT_THROW(read_light_curves("no-such-file.csv", 0), Error);
}

}  // namespace
}  // namespace nocturne
