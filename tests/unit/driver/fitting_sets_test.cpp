// What the rows of a set say of whether it fits a group, without a look at its tables.
#include "driver/fitting_sets.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

DataFacts data()
{
    return {"OVRO_MMA",
            1300e6,
            1309e6,
            1e6,
            {Correlation::XX, Correlation::XY, Correlation::YY},
            "meridian, 12.885 s, 1000000 Hz"};
}

db::SetRow set()
{
    db::SetRow row;
    row.telescope = "OVRO_MMA";
    row.bandpass = true;
    row.frequencies_json = R"({"first_hz":1300e6,"last_hz":1309e6,"width_hz":1e6,"n":10})";
    row.correlations_json = R"(["XX","YY"])";
    row.preprocessing = "phased, 12.885 s, 1000000 Hz";
    return row;
}

TEST(FittingSets, of_the_same_data_fit_whichever_way_they_were_stopped) { EXPECT_TRUE(fits(set(), data(), false)); }

TEST(FittingSets, of_other_data_do_not)
{
    auto other = set();
    other.telescope = "VLA";
    EXPECT_FALSE(fits(other, data(), false));
    other = set();
    other.preprocessing = "unphased, 12.885 s, 1000000 Hz";
    EXPECT_FALSE(fits(other, data(), false));
    other.preprocessing = "meridian, 6.442 s, 1000000 Hz";
    EXPECT_FALSE(fits(other, data(), false));
    other = set();
    other.correlations_json = R"(["XX"])";
    EXPECT_FALSE(fits(other, data(), false));
}

TEST(FittingSets, hold_the_channels_of_the_group)
{
    auto const of = [](char const* band, bool between_channels = false) {
        auto one = set();
        one.frequencies_json = band;
        return fits(one, data(), between_channels);
    };
    EXPECT_TRUE(of(R"({"first_hz":1290e6,"last_hz":1320e6,"width_hz":1e6,"n":31})")) << "a wider band";
    EXPECT_FALSE(of(R"({"first_hz":1300e6,"last_hz":1306e6,"width_hz":1e6,"n":7})")) << "a narrower one";
    EXPECT_TRUE(of(R"({"first_hz":1300e6,"last_hz":1306e6,"width_hz":1e6,"n":7})", true)) << "to be interpolated";
    EXPECT_FALSE(of(R"({"first_hz":1290.5e6,"last_hz":1320.5e6,"width_hz":1e6,"n":31})")) << "half a channel off";
    EXPECT_FALSE(of(R"({"first_hz":1290e6,"last_hz":1320e6,"width_hz":2e6,"n":16})")) << "of another width";
    EXPECT_TRUE(of("")) << "CASA's windows, or none that is said";
}

TEST(FittingSets, of_gains_alone_have_one_channel_that_holds_the_band)
{
    auto gains = set();
    gains.bandpass = false;
    gains.frequencies_json = R"({"first_hz":1304.5e6,"last_hz":1304.5e6,"width_hz":10e6,"n":1})";
    EXPECT_TRUE(fits(gains, data(), false));
    gains.frequencies_json = R"({"first_hz":1304.5e6,"last_hz":1304.5e6,"width_hz":5e6,"n":1})";
    EXPECT_FALSE(fits(gains, data(), false));
}

TEST(FittingSets, that_say_nothing_fit)
{
    auto casa = set();
    casa.preprocessing.clear();
    casa.telescope = "";
    casa.frequencies_json = R"({"first_hz":1,"last_hz":2,"width_hz":1,"n":2})";
    EXPECT_TRUE(fits(casa, data(), false));
}

}  // namespace
}  // namespace nocturne
