// Imaging as a user asks for it: tiers, masks of catalogues, single integrations; what is written, what is recorded.
#include "tests/support/program.hpp"

#include <set>

namespace nocturne {
namespace {

class Imaging : public test::ProgramTest {
protected:
    bool exists(std::string const& path) const { return std::filesystem::exists(scratch_ / path); }
    static bool holds(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }
};

TEST_F(Imaging, AQuicklookIsAPictureThatNoTableOfScienceKnows)
{
    simulate("in");
    std::string const run = "run in --out out --imsize 128 --cell 20 ";
    auto const look = nocturne(run + "--tier quicklook --json");
    ASSERT_EQ(look.code, 0) << look.err;
    std::string const stem = "out/2026-01-25T222605/2026-01-25T222605";
    EXPECT_TRUE(exists(stem + "-quicklook.png"));
    EXPECT_TRUE(exists(stem + "-quicklook-report.html"));
    EXPECT_FALSE(exists(stem + "-quicklook-dirty.fits"));
    EXPECT_TRUE(nocturne("images --all --json").json().empty());
    auto const prov = nocturne("prov " + stem + "-quicklook.png --json");
    ASSERT_EQ(prov.code, 0) << prov.err;
    EXPECT_TRUE(holds(prov.out, "quicklook"));
    ASSERT_EQ(nocturne(run + "--tier development --niter 20").code, 0);
    auto const images = nocturne("images --json").json();
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0]["tier"], "development");
    EXPECT_TRUE(holds(test::slurp(scratch_ / (stem + "-image.fits")).substr(0, 8640), "'development'"));
    EXPECT_TRUE(exists(stem + "-quicklook.png")) << "both results stand";
    EXPECT_EQ(nocturne(run + "--tier quicklook --json").json()["groups"]["skipped"], 1);
    auto const by_hand = nocturne("image in --out hand --tier quicklook --json");
    ASSERT_EQ(by_hand.code, 0) << by_hand.err;
    EXPECT_EQ(by_hand.json()[0]["tier"], "quicklook");
    EXPECT_TRUE(exists("hand.png"));
    EXPECT_FALSE(exists("hand-dirty.fits"));
}

TEST_F(Imaging, CleanKeepsToTheCirclesOfACatalogue)
{
    simulate("in", "--source 343.8,54.4,2 --source 344.0,54.5,1");
    ASSERT_EQ(nocturne("catalog build --survey auto --dec-range 50 60 in/truth/sources.csv --out c.sqlite").code, 0);
    EXPECT_EQ(nocturne("catalog build in/truth/sources.csv --out d.sqlite --survey nvss,tgss").code, 64);
    for (auto const* odd : {"tgs", ",tgss", "tgss,"})
        EXPECT_EQ(nocturne(std::string("catalog build in/truth/sources.csv --out d.sqlite --survey ") + odd).code, 64);
    std::string const image = std::string("image in --niter 100 --json ") + test::small_image;
    auto const masked = nocturne(image + "--out a --mask catalog --mask-catalogs c.sqlite");
    ASSERT_EQ(masked.code, 0) << masked.err;
    EXPECT_TRUE(holds(masked.err, "CLEAN goes in circles around")) << masked.err;
    auto const nothing = nocturne(image + "--out b --mask catalog --mask-catalogs c.sqlite --mask-least 1e5");
    ASSERT_EQ(nothing.code, 0) << nothing.err;
    EXPECT_TRUE(holds(nothing.err, "nothing is cleaned")) << nothing.err;
    EXPECT_EQ(shell("wc -l < b-components.csv").out, "1\n");
    EXPECT_GT(std::stoi(shell("wc -l < a-components.csv").out), 1);
    EXPECT_EQ(nocturne(image + "--out d --mask catalog").code, 78);
    EXPECT_EQ(nocturne(image + "--out d --mask-catalogs c.sqlite").code, 78);
    EXPECT_EQ(nocturne(image + "--out d --mask catalog --mask-catalogs none.sqlite").code, 66);
}

TEST_F(Imaging, HeadersSayHowCleanEnded)
{
    simulate("in", "--source 343.8,54.4,2 --source 344.0,54.5,1");
    std::string const image = std::string("image in ") + test::small_image;
    ASSERT_EQ(nocturne(image + "--out a --niter 3").code, 0);
    ASSERT_EQ(nocturne(image + "--out b --niter 3 --threshold 100").code, 0);
    auto const header = [&](char const* name) { return test::slurp(scratch_ / name).substr(0, 2880 * 4); };
    for (auto const* name : {"a-image.fits", "a-residual.fits", "a-pbcor.fits"}) {
        EXPECT_TRUE(holds(header(name), "CLEANEND= 'iterations'")) << name;
        EXPECT_TRUE(holds(header(name), "NITER   =                    3")) << name;
    }
    EXPECT_TRUE(holds(header("b-image.fits"), "CLEANEND= 'threshold'"));
    EXPECT_TRUE(holds(header("b-image.fits"), "NITER   =                    0"));
    EXPECT_FALSE(holds(header("a-dirty.fits"), "CLEANEND"));
    for (int ranks : {1, 2}) {
        auto const spectral = mpi(ranks, image + "--out c" + std::to_string(ranks) + " --niter 3 --nterms 2");
        ASSERT_EQ(spectral.code, 0) << spectral.err;
        EXPECT_TRUE(holds(spectral.err, "are coarse for spectral indices")) << ranks << spectral.err;
        EXPECT_TRUE(holds(header(("c" + std::to_string(ranks) + "-image.fits").c_str()), "CLEANEND= 'iterations'"));
    }
}

TEST_F(Imaging, CandidatesAreTheSameForAnyRanksAndAreRecorded)
{
    ASSERT_EQ(
        nocturne("simulate --out in --antennas 9 --integrations 6 --channels 4 --random-sources 3 --seed 4 --noise")
            .code,
        0);
    std::string const wish =
        " --imsize 128 --cell 20 --per-integration --detect 3 --snapshot-size 256 --snapshot-cell 15 ";
    std::set<std::string> lists;
    for (int ranks : {1, 2, 4}) {
        auto const made = mpi(ranks, "image in --out r" + std::to_string(ranks) + wish);
        ASSERT_EQ(made.code, 0) << made.err;
        lists.insert(test::slurp(scratch_ / ("r" + std::to_string(ranks) + "-candidates.csv")));
    }
    ASSERT_EQ(lists.size(), 1U);
    EXPECT_GT(std::count(lists.begin()->begin(), lists.begin()->end(), '\n'), 1) << "at 3 sigma the noise stands out";
    ASSERT_EQ(nocturne("run in --out out" + wish).code, 0);
    auto const rows = nocturne("candidates --json").json();
    EXPECT_EQ(std::ssize(rows), std::count(lists.begin()->begin(), lists.begin()->end(), '\n') - 1);
    auto const snapshot = read_fits(rows[0]["snapshot_path"]);
    EXPECT_EQ(snapshot.unit, "Jy/beam");
    auto const report = shell("cat out/*/*-report.html").out;
    EXPECT_TRUE(holds(report, "6 integrations were imaged one by one"));
    auto const none = nocturne("image in --out none --detect 50" + wish.substr(0, wish.find("--detect")) +
                               "--snapshot-size 64 --snapshot-cell 15");
    ASSERT_EQ(none.code, 0) << none.err;
    EXPECT_EQ(std::string("integration,").size(), test::slurp(scratch_ / "none-candidates.csv").find("mid_mjd"));
    EXPECT_FALSE(exists("none-t000.fits"));
}

}  // namespace
}  // namespace nocturne
