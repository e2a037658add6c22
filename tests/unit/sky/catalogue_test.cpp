// Catalogues as SQLite files: circles are found wherever they lie, and what is no catalogue is refused by name.
#include "sky/catalogue.hpp"

#include "nocturne/error.hpp"
#include "sky/frames.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include <unistd.h>

namespace nocturne {
namespace {

class Catalogue : public testing::Test {
protected:
    Catalogue()
    {
        path_ =
            (std::filesystem::temp_directory_path() / ("catalogue" + std::to_string(getpid()) + ".sqlite")).string();
        std::mt19937 random(3);
        std::uniform_real_distribution<double> uniform(0, 1);
        for (int i = 0; i < 20000; ++i)
            sources_.push_back({"S" + std::to_string(i),
                                {Radians(2 * pi * uniform(random)), Radians(std::asin(2 * uniform(random) - 1))},
                                uniform(random),
                                -0.7});
    }
    ~Catalogue() override { std::filesystem::remove(path_); }

    std::string path_;
    std::vector<Source> sources_;
};

TEST_F(Catalogue, FindsEveryCircleAcrossRaZeroAndOverThePoles)
{
    write_catalogue(path_, sources_, "a test");
    EXPECT_EQ(sources_of_strip(path_, degrees(-90), degrees(90)).size(), sources_.size());
    auto const in_strip = [](Source const& source) {
        return source.direction.dec >= degrees(-1.23) && source.direction.dec <= degrees(4.56);
    };
    auto const strip = sources_of_strip(path_, degrees(-1.23), degrees(4.56));
    EXPECT_EQ(std::ssize(strip), std::count_if(sources_.begin(), sources_.end(), in_strip));
    EXPECT_TRUE(std::all_of(strip.begin(), strip.end(), in_strip));
    for (auto const& [ra, dec, radius] : {std::array<double, 3>{0.1, 55, 3},
                                          {359.95, -30, 2},
                                          {180, 89.5, 2},
                                          {12, 90, 1},
                                          {200, -89, 5},
                                          {83, 0, 0.5},
                                          {359, 10, 170}}) {
        Direction const centre{degrees(ra), degrees(dec)};
        std::vector<std::string> want, got;
        for (auto const& source : sources_)
            if (separation(source.direction, centre) <= degrees(radius)) want.push_back(source.name);
        for (auto const& source : sources_around(path_, centre, degrees(radius))) got.push_back(source.name);
        std::sort(want.begin(), want.end());
        std::sort(got.begin(), got.end());
        EXPECT_EQ(got, want) << ra << " " << dec << " " << radius;
        EXPECT_GT(radius < 1 ? 1 : want.size(), 0U);
    }
}

TEST_F(Catalogue, RefusesWhatIsNone)
{
    EXPECT_THROW(sources_of_strip("/nowhere/x.sqlite", degrees(-90), degrees(90)), Error);
    std::ofstream(path_) << std::string("SQLite format 3\0 and nothing behind it", 38);
    try {
        sources_around(path_, {}, degrees(1));
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_input);
        EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
    }
    EXPECT_THROW(write_catalogue("/nowhere/x.sqlite", sources_, ""), Error);
}

}  // namespace
}  // namespace nocturne
