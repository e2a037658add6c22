// Measurement Sets where UVH5 files could stand: image, run, ms check, as a user types them.
#include "tests/support/program.hpp"

#include "io/ms_reader.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace nocturne {
namespace {

/// Nothing but autocorrelations and zeros is flagged.
constexpr char const* small_image = " --only zeros,autocorr --imsize 128 --cell 20 ";

class MsInput : public test::ProgramTest {
protected:
    /// Unpacks a golden set: casa.ms or lofar.ms.
    void unpack(std::string const& name) const
    {
        ASSERT_EQ(shell("tar -xzf " NOCTURNE_SOURCE_DIR "/tests/golden/ms/" + name + ".tgz").code, 0);
    }
    std::string path(std::string const& name) const { return (scratch_ / name).string(); }

    /// RA and Dec of the centre of a group's image, degrees.
    std::pair<double, double> image_centre(std::string const& from) const
    {
        auto const made = nocturne("image " + from + " --out c" + small_image);
        EXPECT_EQ(made.code, 0) << made.err;
        auto const plane = read_fits(path("c-dirty.fits"));
        return {plane.crval_ra_deg, plane.crval_dec_deg};
    }
    FitsPlane image(std::string const& stem) const { return read_fits(path(stem + "-dirty.fits")); }
};

double rms_of_difference(FitsPlane const& a, FitsPlane const& b, double& peak)
{
    double sum = 0;
    peak = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        sum += std::pow(static_cast<double>(a.pixels[i]) - static_cast<double>(b.pixels[i]), 2);
        peak = std::max(peak, std::abs(static_cast<double>(a.pixels[i])));
    }
    return std::sqrt(sum / static_cast<double>(a.pixels.size()));
}

/// The sky drifts through the beam, wherever a set is phased to: its POINTING says so.
TEST_F(MsInput, TheBeamStaysWhereTheDishesLooked)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms own.ms --quiet").code, 0);
    auto const centre = image_centre("g");
    auto const moved =
        " --phase-center " + std::to_string(centre.first + 1) + "," + std::to_string(centre.second - 0.5);
    ASSERT_EQ(nocturne("convert g --ms moved.ms --quiet" + moved).code, 0);
    ASSERT_EQ(nocturne("convert moved.ms --ms twice.ms --quiet --phase-center " + std::to_string(centre.first) + "," +
                       std::to_string(centre.second))
                  .code,
              0);
    auto const beam = [&](std::string const& from) {
        auto const made = nocturne("image " + from + " --out b --niter 1" + small_image + moved);
        EXPECT_EQ(made.code, 0) << made.err;
        return read_fits(path("b-pb.fits")).pixels;
    };
    auto const truth = beam("g");
    EXPECT_LT(truth[64 * 128 + 64], 0.9);
    for (auto const* set : {"own.ms", "moved.ms", "twice.ms"}) {
        auto const seen = beam(set);
        double worst = 0;
        for (std::size_t i = 0; i < truth.size(); ++i) worst = std::max<double>(worst, std::abs(seen[i] - truth[i]));
        EXPECT_LT(worst, 1e-6) << set;
    }
}

/// An antenna looks at one place at a time: several centres of one time cannot be said to be that.
TEST_F(MsInput, SeveralCentresAtOneTimeAreNoPointings)
{
    auto const golden = std::string("convert " NOCTURNE_SOURCE_DIR "/tests/golden/uvh5/centres_at_one_time.uvh5");
    auto const one = nocturne(golden + " --ms one.ms");
    ASSERT_EQ(one.code, 0) << one.err;
    EXPECT_NE(one.err.find("several phase centres at one time"), std::string::npos) << one.err;
    auto const each = nocturne(golden + " --ms each.ms --fields per-time");
    ASSERT_EQ(each.code, 0) << each.err;
    EXPECT_EQ(each.err.find("several phase centres at one time"), std::string::npos) << each.err;
    for (auto const* set : {"one.ms", "each.ms"})
        EXPECT_TRUE(MsReader(path(set), {}).header().pointings.empty()) << set;
}

TEST_F(MsInput, ImageEqualsThatOfTheFilesItWasMadeFrom)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms g.ms --quiet").code, 0);
    auto const centre = std::string(" --weighting natural") + small_image;
    auto const files = nocturne("image g --out a" + centre);
    ASSERT_EQ(files.code, 0) << files.err;
    auto const set = nocturne("image g.ms --out b" + centre);
    ASSERT_EQ(set.code, 0) << set.err;
    double peak = 0;
    double const rms = rms_of_difference(image("a"), image("b"), peak);
    EXPECT_LT(rms, 2e-5 * peak);
    EXPECT_GT(peak, 0);
}

TEST_F(MsInput, NothingInTheDirectoryChanges)
{
    unpack("casa");
    auto const before = hash_tree(path("casa.ms"));
    std::filesystem::remove(path("casa.ms/table.lock"));
    ASSERT_EQ(shell("chmod -R a-w casa.ms").code, 0);
    auto const list = shell("find casa.ms | sort").out;
    EXPECT_EQ(nocturne("image casa.ms --out i" + std::string(small_image)).code, 0);
    EXPECT_EQ(shell("find casa.ms | sort").out, list);
    EXPECT_EQ(hash_tree(path("casa.ms")), before);
    EXPECT_EQ(shell("chmod -R u+w casa.ms").code, 0);
}

TEST_F(MsInput, RunTakesADirectoryThatHoldsThem)
{
    simulate("in");
    unpack("casa");
    ASSERT_EQ(shell("mv casa.ms in/").code, 0);
    auto const scan = nocturne("index scan in --json");
    ASSERT_EQ(scan.code, 0) << scan.err;
    EXPECT_EQ(scan.json()["groups"], 2);
    auto const run = nocturne("run in --out out --json --weighting natural" + std::string(small_image));
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.json()["groups"]["done"], 2);
    auto const again = nocturne("run in --out out --json --weighting natural" + std::string(small_image));
    EXPECT_EQ(again.json()["groups"]["skipped"], 2);
    auto const images = nocturne("images --json").json();
    ASSERT_EQ(images.size(), 2u);
    auto const prov = shell(program() + " prov out/casa/casa-dirty.fits --json");
    ASSERT_EQ(prov.code, 0) << prov.err;
    EXPECT_EQ(prov.json()["inputs"][0]["xxh128"], hash_tree(path("in/casa.ms")));
    // A change of the set makes it new work; a change after the scan is not what was indexed.
    auto const one = nocturne("run in/casa.ms --out single --db other.sqlite --json" + std::string(small_image));
    ASSERT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(one.json()["groups"]["done"], 1);
}

TEST_F(MsInput, RanksShareASet)
{
    unpack("casa");
    ASSERT_EQ(nocturne("image casa.ms --out one" + std::string(small_image)).code, 0);
    auto const two = mpi(2, "image casa.ms --out two" + std::string(small_image));
    ASSERT_EQ(two.code, 0) << two.err;
    EXPECT_EQ(image("one").pixels, image("two").pixels);
}

TEST_F(MsInput, SpansDoNotMatter)
{
    unpack("casa");
    ASSERT_EQ(nocturne("image casa.ms --out one" + std::string(small_image)).code, 0);
    ASSERT_EQ(nocturne("image casa.ms --out few --memory 0.0002" + std::string(small_image)).code, 0);
    EXPECT_EQ(image("one").pixels, image("few").pixels);
}

TEST_F(MsInput, ColumnFieldAndWindowsAreChosen)
{
    unpack("casa");
    auto const column = nocturne("image casa.ms --out i --column CORRECTED_DATA" + std::string(small_image));
    EXPECT_EQ(column.code, 78);
    EXPECT_NE(column.err.find("visibilities are in DATA"), std::string::npos) << column.err;
    auto const field = nocturne("image casa.ms --out i --field 3C286" + std::string(small_image));
    EXPECT_EQ(field.code, 78);
    EXPECT_NE(field.err.find("J1008+0730"), std::string::npos) << field.err;
    EXPECT_EQ(nocturne("image casa.ms --out i --field J1008+0730 --windows 0" + std::string(small_image)).code, 0);
    auto const several = nocturne("image casa.ms casa.ms --out i");
    EXPECT_EQ(several.code, 64) << several.err;
}

TEST_F(MsInput, CheckSaysWhatIsWrong)
{
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms g.ms --quiet").code, 0);
    auto const good = nocturne("ms check g.ms --strict --json");
    EXPECT_EQ(good.code, 0) << good.out;
    EXPECT_EQ(good.json()["verdict"], "good") << good.out;
    unpack("casa");
    auto const casa = nocturne("ms check casa.ms --json");
    EXPECT_EQ(casa.code, 3);
    std::map<std::string, std::string> verdicts;
    auto const document = casa.json();
    for (auto const& check : document["checks"]) verdicts[check["name"]] = check["verdict"];
    EXPECT_EQ(verdicts["uvw-geometry"], "fail");  // its UVW are another calibrator's
    EXPECT_EQ(verdicts["columns"], "good");
    EXPECT_EQ(verdicts["frequencies"], "good");
    EXPECT_EQ(verdicts["uvw-sense"], "good");
    EXPECT_EQ(nocturne("ms check nothing.ms").code, 66);
    auto const file = nocturne("ms check g/2026-01-25T22:26:05_sb00.hdf5");
    EXPECT_EQ(file.code, 65) << file.err;
    EXPECT_NE(file.err.find("it is a file"), std::string::npos) << file.err;
}

}  // namespace
}  // namespace nocturne
