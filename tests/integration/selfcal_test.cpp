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

/// A job does in one pass what the verb does by hand: its products are those of the best round, recorded with all rounds.
TEST_F(SelfCal, IsATaskOfAJob)
{
    observe("bent", "--phase-std-deg 35");
    auto const by_hand = nocturne("selfcal bent --out s --json --weighting briggs --robust 0.5" + image_);
    ASSERT_EQ(by_hand.code, 0) << by_hand.err;
    std::string const job = std::string(NOCTURNE_SOURCE_DIR) + "/jobs/continuum.yaml --arg incoming=bent ";
    std::string const options =
        "--arg selfcal=p,p,ap --arg imsize=1024 --arg cell=4 --arg niter=500 --min-subbands 2 --ms ";
    auto const run = [&](std::string const& out) {
        return "run " + job + options + "--arg out=" + out + " --db " + out + ".sqlite";
    };
    auto const got = nocturne(run("one"));
    ASSERT_EQ(got.code, 0) << got.err;
    auto const images = nocturne("images --json --db one.sqlite").json();
    double const best = by_hand.json()["best"]["dynamic_range"];
    ASSERT_EQ(images.size(), 1U);
    std::string image = images[0]["path"];
    auto const prov = nocturne("prov --json --db one.sqlite " + image).json();
    auto const rounds = prov["calibration"]["self_calibration"], wanted = by_hand.json()["rounds"];
    ASSERT_EQ(rounds.size(), wanted.size()) << prov;
    for (std::size_t i = 0; i < rounds.size(); ++i) {
        EXPECT_EQ(rounds[i]["kept"], wanted[i]["kept"]);
        EXPECT_NEAR(rounds[i]["dynamic_range"].get<double>(), wanted[i]["dynamic_range"].get<double>(), 1e-6 * best);
    }
    EXPECT_EQ(prov["calibration"]["provenance"], "BRIGHT_FALLBACK_GENERATED");
    EXPECT_NE(prov["notes"].dump().find("self-calibration round 1 (p)"), std::string::npos);
    auto const solutions = image.substr(0, image.rfind("-pbcor.fits")) + "-selfcal.h5";
    auto const again =
        nocturne("image bent --out a --json --weighting briggs --robust 0.5 --solutions " + solutions + image_);
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_NEAR(range_of(again.json()), best, 1e-6 * best);
    auto const nothing = nocturne(run("one"));
    EXPECT_EQ(nothing.code, 0) << nothing.err;
    EXPECT_NE((nothing.out + nothing.err).find("nothing"), std::string::npos) << nothing.out << nothing.err;
    auto const two = mpi(2, run("two") + " --ranks-per-group 2");
    ASSERT_EQ(two.code, 0) << two.err;
    EXPECT_EQ(nocturne("images --json --db two.sqlite").json()[0]["datasum"], images[0]["datasum"]);
}

TEST_F(SelfCal, JobsThatCannotAreRefused)
{
    observe("field", "");
    std::string const job = std::string("run ") + NOCTURNE_SOURCE_DIR +
                            "/jobs/continuum.yaml --arg incoming=field --arg out=o --min-subbands 2 --db o.sqlite ";
    auto const refused = [&](std::string const& options, std::string const& word) {
        auto const got = nocturne(job + options);
        EXPECT_EQ(got.code, 78) << got.err;
        EXPECT_NE((got.out + got.err).find(word), std::string::npos) << got.out << got.err;
    };
    refused("--arg selfcal=p,q --arg niter=100", "no kind of round");
    refused("--arg selfcal=p", "niter is 0");
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
