// What the reader notes of a group's files stands with its result: in the log, the record, the report, the images and a Measurement Set.
#include "io/hdf5.hpp"
#include "tests/support/program.hpp"

#include <vector>

namespace nocturne {
namespace {

class Notes : public test::ProgramTest {
protected:
    /// A file whose integration times were never written.
    void SetUp() override
    {
        ProgramTest::SetUp();
        ASSERT_EQ(shell("mkdir in && cp " NOCTURNE_SOURCE_DIR "/tests/golden/uvh5/hera_zen.2458661.uvh5 in/a.uvh5 && "
                        "chmod u+w in/a.uvh5")
                      .code,
                  0);
        hdf5::start();
        hdf5::Handle const file(H5Fopen((scratch_ / "in/a.uvh5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
        hdf5::Handle const set(H5Dopen2(file.id(), "Header/integration_time", H5P_DEFAULT), H5Dclose);
        hdf5::Handle const space(H5Dget_space(set.id()), H5Sclose);
        std::vector<double> const never(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())), 0.0);
        ASSERT_GE(H5Dwrite(set.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, never.data()), 0);
    }

    static bool says(std::string const& text) { return text.find("integration_time is 0") != std::string::npos; }
};

TEST_F(Notes, OfARunStandWithItsProducts)
{
    auto const run =
        nocturne("run in --out out --min-subbands 1 --ms --weighting natural" + std::string(test::small_image));
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_TRUE(says(run.err));
    auto const record = nocturne("prov out/a/a-dirty.fits --json").json();
    // Pixels of 20 arcsec hold no beam of these dishes: said, too.
    ASSERT_EQ(record["notes"].size(), 2U) << record;
    EXPECT_TRUE(says(record["notes"][0]));
    EXPECT_EQ(record["notes"][1].get<std::string>().rfind("no Gaussian could be fitted to the PSF", 0), 0U);
    EXPECT_TRUE(says(nocturne("prov out/a/a-dirty.fits").out));
    EXPECT_TRUE(says(test::slurp(scratch_ / "out/a/a-report.html")));
    EXPECT_NE(test::slurp(scratch_ / "out/a/a-dirty.fits").find("HISTORY note "), std::string::npos);
    EXPECT_EQ(shell("grep -rl 'integration_time is 0' out/a.ms/HISTORY | wc -l").out, "1\n");
}

TEST_F(Notes, OfOneGroupByHandStandInWhatIsPrinted)
{
    auto const made = nocturne("convert in/a.uvh5 --ms x.ms --json");
    ASSERT_EQ(made.code, 0) << made.err;
    ASSERT_EQ(made.json()["notes"].size(), 1U) << made.out;
    EXPECT_TRUE(says(made.json()["notes"][0]));
    ASSERT_EQ(nocturne("image in/a.uvh5 --out i" + std::string(test::small_image)).code, 0);
    EXPECT_TRUE(says(test::slurp(scratch_ / "i-report.html")));
}

TEST_F(Notes, OfABeamOfTwoPixelsStandInWhatIsPrinted)
{
    simulate("g", "--source 343.9,54.57,1");
    auto const image = [&](char const* cell) {
        return nocturne("image g --out i --imsize 128 --weighting natural --json --cell " + std::string(cell));
    };
    auto const coarse = image("15"), fine = image("4");
    ASSERT_EQ(coarse.code, 0) << coarse.err;
    EXPECT_NE(coarse.json()[0]["notes"].dump().find("pixels across"), std::string::npos) << coarse.out;
    EXPECT_NE(coarse.err.find("pixels across"), std::string::npos) << coarse.err;
    EXPECT_EQ(fine.json()[0]["notes"].dump().find("pixels across"), std::string::npos) << fine.out;
}

}  // namespace
}  // namespace nocturne
