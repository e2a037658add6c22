// `nocturne selfcal` as a user runs it: a field whose phases are wrong comes out as sharp as that of a perfect instrument; what needs no help is left alone.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class SelfCal : public test::ProgramTest {
protected:
    void observe(std::string const& directory, std::string const& gains) const
    {
        std::ofstream(scratch_ / "field.csv")
            << "name,ra_deg,dec_deg,flux_jy,spix\nA,150,54.6,3,0\nB,150.4,54.75,1,0\nC,149.7,54.4,0.6,0\n";
        auto const made = nocturne("simulate --out " + directory +
                                   " --antennas 40 --integrations 12 --subbands 2 --channels 8 --ra 150 --dec 54.6 "
                                   "--sources field.csv --noise --seed 3 " +
                                   gains);
        ASSERT_EQ(made.code, 0) << made.err;
    }
    static double range_of(nlohmann::json const& images)
    {
        for (auto const& row : images)
            if (row["product"] == "image") return row["dynamic_range"];
        return 0;
    }
    std::string const image_ = " --min-subbands 2 --imsize 1024 --cell 4 --niter 500 ";
};

TEST_F(SelfCal, RaisesTheDynamicRangeToThatOfAPerfectInstrument)
{
    observe("bent", "--phase-std-deg 35");
    observe("straight", "");
    auto const got = nocturne("selfcal bent --out s --json" + image_);
    ASSERT_EQ(got.code, 0) << got.err;
    auto const rounds = got.json()["rounds"];
    auto const best = got.json()["best"];
    ASSERT_GE(rounds.size(), 3U) << got.out;
    EXPECT_GT(best["dynamic_range"].get<double>(), 2 * rounds[0]["dynamic_range"].get<double>()) << got.out;
    auto const perfect = nocturne("image straight --out p --json" + image_);
    ASSERT_EQ(perfect.code, 0) << perfect.err;
    EXPECT_GT(best["dynamic_range"].get<double>(), 0.95 * range_of(perfect.json())) << got.out;
    // The same image again, by hand, with the solutions of the best round.
    auto const again =
        nocturne("image bent --out a --json --solutions " + best["solutions"].get<std::string>() + image_);
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_NEAR(range_of(again.json()), best["dynamic_range"].get<double>(), 1e-6);
    auto const two = mpi(2, "selfcal bent --out t --json" + image_);
    ASSERT_EQ(two.code, 0) << two.err;
    EXPECT_EQ(two.json()["best"]["dynamic_range"], best["dynamic_range"]);
}

TEST_F(SelfCal, RefusesWithReasonAndCode)
{
    observe("field", "");
    auto const refused = [&](std::string const& options, int code, std::string const& word) {
        auto const got = nocturne("selfcal field --out x " + options);
        EXPECT_EQ(got.code, code) << got.err;
        EXPECT_NE(got.err.find(word), std::string::npos) << got.err;
    };
    refused("--rounds q", 64, "no kind of round");
    refused("--imsize 256 --cell 4 --niter 0", 78, "niter");
}

}  // namespace
}  // namespace nocturne
