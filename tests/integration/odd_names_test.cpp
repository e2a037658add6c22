// Names and texts that are not UTF-8: records, JSON and FITS cannot hold such a name, so its file is refused; texts are taken for Latin-1.
#include "tests/support/program.hpp"

#include <hdf5.h>

namespace nocturne {
namespace {

class OddNames : public test::ProgramTest {
protected:
    void SetUp() override
    {
        ProgramTest::SetUp();
        shell("mkdir d; cp " NOCTURNE_SOURCE_DIR "/tests/golden/uvh5/hera_zen.2458661.uvh5 d/good.uvh5");
    }
};

TEST_F(OddNames, OneFileDoesNotStopTheOthers)
{
    shell("cp d/good.uvh5 $(printf 'd/b\\377d.uvh5'); echo > $(printf 'd/caf\\351.txt')");
    auto const run = nocturne("run d --out o --imsize 64 --cell 600 --min-subbands 1 --json");
    EXPECT_EQ(run.code, 65) << run.err;
    EXPECT_EQ(run.json()["groups"]["done"], 1) << run.out;
    EXPECT_NE(run.err.find("b\\xffd.uvh5"), std::string::npos) << run.err;
    auto const again = nocturne("run d --out o --imsize 64 --cell 600 --min-subbands 1 --json");
    EXPECT_EQ(again.json()["groups"]["done"], 0) << again.out;
    auto const scan = nocturne("index scan d --db i.sqlite --json");
    EXPECT_EQ(scan.code, 65) << scan.err;
    EXPECT_NE(scan.out.find("not UTF-8"), std::string::npos) << scan.out;
    auto const one = nocturne("image d --imsize 64 --cell 600 --out i");
    EXPECT_EQ(one.code, 0) << one.err;
    EXPECT_NE(one.err.find("not UTF-8"), std::string::npos) << one.err;
}

TEST_F(OddNames, OnTheCommandLineTheyAreUsage)
{
    shell("cp d/good.uvh5 $(printf 'q\\377.uvh5')");
    for (std::string const verb : {"image %s --out i", "convert d/good.uvh5 --ms %s.ms", "ms check %s"}) {
        auto const at = verb.find("%s");
        auto const words = verb.substr(0, at) + "$(printf 'q\\377.uvh5')" + verb.substr(at + 2);
        auto const refused = nocturne(words + " --json");
        EXPECT_EQ(refused.code, 64) << words << refused.err;
        EXPECT_NE(refused.err.find("not UTF-8"), std::string::npos) << refused.err;
        EXPECT_EQ(refused.json()["error"]["code"], 64);
    }
    EXPECT_EQ(shell("ls -A | grep -vc -e '^d$' -e '^q' -e stderr").out, "0\n");
}

TEST_F(OddNames, BlanksAroundADatabaseAreNotOfItsName)
{
    EXPECT_EQ(nocturne("db init --db ' a.sqlite '").code, 0);
    EXPECT_EQ(shell("NOCTURNE_DB=' b.sqlite ' " + program() + " db init").code, 0);
    EXPECT_TRUE(std::filesystem::exists(scratch_ / "a.sqlite"));
    EXPECT_TRUE(std::filesystem::exists(scratch_ / "b.sqlite"));
    auto const refused = nocturne("db init --db ' \"postgresql://sec:canary-pw@host/db\"'");
    EXPECT_EQ(refused.code, 78) << refused.err;
    EXPECT_EQ(refused.err.find("canary-pw"), std::string::npos) << refused.err;
}

TEST_F(OddNames, TextsAreLatin1)
{
    hid_t const file = H5Fopen((scratch_ / "d/good.uvh5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, "Header/telescope_name", H5P_DEFAULT);
    hid_t const type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, 4);
    hid_t const text = H5Dcreate2(file, "Header/telescope_name", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(text, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, "caf\xe9");
    H5Dclose(text);
    H5Sclose(space);
    H5Tclose(type);
    H5Fclose(file);
    auto const dumped = nocturne("dump d/good.uvh5 --out x.npz");
    EXPECT_EQ(dumped.code, 0) << dumped.err;
    auto const made = nocturne("convert d/good.uvh5 --ms x.ms --quiet");
    EXPECT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(shell("grep -q 'caf\xc3\xa9' x.ms/OBSERVATION/table.f0").code, 0);
}

}  // namespace
}  // namespace nocturne
