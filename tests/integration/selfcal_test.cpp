// `nocturne selfcal` as a user runs it: a field whose phases are wrong comes out as sharp as that of a perfect instrument; what needs no help is left alone.
#include "sky/sources.hpp"
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
    refused("--arg selfcal=p --arg niter=100 --stokes Q", "total intensity");
    refused("--arg selfcal=p --arg niter=100 --model-beam gaussian", "Airy");
}

/// Phases that know nothing: the peak of the first image is one of noise, and the sky is put where it was.
TEST_F(SelfCal, SaysWhereTheSkyMayLieElsewhere)
{
    std::ofstream(scratch_ / "three.csv")
        << "name,ra_deg,dec_deg,flux_jy,spix\nA,343.5,36.9,3,0\nB,343.8,36.7,1,0\nC,343.25,37.1,0.6,0\n";
    auto const made = nocturne(
        "simulate -o lost --antennas 40 --integrations 8 --channels 2 --dec 37 --start 2026-01-25T22:26:05 --noise "
        "--seed 8 --gain-seed 1 --sources three.csv --phase-std-deg 300");
    ASSERT_EQ(made.code, 0) << made.err;
    auto const got = nocturne("selfcal lost --out s --json --rounds p --imsize 400 --cell 6 --niter 300");
    ASSERT_EQ(got.code, 0) << got.err;
    auto const rounds = got.json()["rounds"];
    EXPECT_LT(rounds[0]["dynamic_range"].get<double>(), 10);
    EXPECT_GT(rounds[1]["dynamic_range"].get<double>(), 100);
    std::string const said = "positions may be those of a noise peak";
    EXPECT_NE(got.json()["note"].get<std::string>().find(said), std::string::npos) << got.out;
    EXPECT_NE(got.err.find(said), std::string::npos) << got.err;
    auto const page = [&](std::filesystem::path const& path) {
        std::ifstream file(path);
        return std::string{std::istreambuf_iterator<char>(file), {}};
    };
    auto const before = page(scratch_ / "s-r0-report.html"), after = page(scratch_ / "s-r1-report.html");
    EXPECT_EQ(before.find(said), std::string::npos);
    EXPECT_NE(after.find(said), std::string::npos);
    EXPECT_NE(after.find(">WARN<"), std::string::npos);
    auto const ran = nocturne(std::string("run ") + NOCTURNE_SOURCE_DIR +
                              "/jobs/continuum.yaml --arg incoming=lost --arg out=o --arg selfcal=p --arg imsize=400 "
                              "--arg niter=300 --arg weighting=natural --db o.sqlite");
    ASSERT_EQ(ran.code, 0) << ran.err;
    std::string const image = nocturne("images --json --db o.sqlite").json()[0]["path"];
    EXPECT_NE(nocturne("prov --json --db o.sqlite " + image).json()["notes"].dump().find(said), std::string::npos);
    EXPECT_NE(page(image.substr(0, image.rfind("-pbcor.fits")) + "-report.html").find(">WARN<"), std::string::npos);
}

/// A model that the image knows without a beam is one that gains are solved on without a beam.
TEST_F(SelfCal, SolvesOnTheFluxesThatItsBeamMakes)
{
    std::ofstream(scratch_ / "edge.csv") << "name,ra_deg,dec_deg,flux_jy,spix\nA,150,56,3,0\n";
    auto const made = nocturne(
        "simulate --out edge --antennas 24 --integrations 4 --subbands 2 --channels 4 --ra 150 --dec 54.6 --sources "
        "edge.csv --noise --seed 3 --phase-std-deg 20");
    ASSERT_EQ(made.code, 0) << made.err;
    double flux[2] = {};
    for (int beam = 0; beam < 2; ++beam) {
        std::string const out = beam == 1 ? "airy" : "none";
        auto const got = nocturne(
            "selfcal edge --json --rounds p --min-subbands 2 --imsize 640 --cell 20 --niter 200 "
            "--pblimit 0.05 --out " +
            out + " --model-beam " + out);
        ASSERT_EQ(got.code, 0) << got.err;
        EXPECT_TRUE(got.json()["rounds"][1]["kept"]) << got.out;
        for (auto const& source : read_sources((scratch_ / (out + "-r1-model.csv")).string()))
            flux[beam] = std::max(flux[beam], source.flux_jy);
    }
    EXPECT_NEAR(flux[0] / flux[1], 0.5, 0.05) << "as it is seen through the beam at 1.4 degrees";
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
    std::filesystem::remove(scratch_ / "x-r0-dirty.fits");
    for (auto const* stokes : {"Q", "U", "V"}) refused(std::string("--stokes ") + stokes, 78, "total intensity");
    refused("--model-beam gaussian", 78, "Airy");
    refused("--beam-file beam.fits", 78, "Airy");
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "x-r0-dirty.fits")) << "said before anything was imaged";
}

}  // namespace
}  // namespace nocturne
