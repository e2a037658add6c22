// Damaged Measurement Sets: casacore may throw, crash or run out of memory over them; the program says which set it was, with
// exit code 65 or 66, and leaves no image.
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

struct Damage {
    char const* name;
    char const* command;  ///< in the folder that holds x.ms
};

// casa.ms: table.f0 holds most scalar columns (ISM), f1 antennas (SSM), f2 DATA, f3 FLAG, f5 WEIGHT_SPECTRUM, f6 UVW (tiled).
Damage const damages[] = {
    {"main table.dat is garbage", "head -c 8000 /dev/urandom > x.ms/table.dat"},
    {"main table.dat is empty", ": > x.ms/table.dat"},
    {"main table.dat is cut", "truncate -s 600 x.ms/table.dat"},
    {"main table.dat is zeros behind its head",
     "dd if=/dev/zero of=x.ms/table.dat bs=1 seek=40 count=4000 conv=notrunc"},
    {"a storage manager that nobody knows", "sed -i s/TiledShapeStMan/TiledShaqeStMan/ x.ms/table.dat"},
    {"scalar columns are cut", "truncate -s 1000 x.ms/table.f0"},
    {"scalar columns are gone", "rm x.ms/table.f0"},
    {"scalar columns are garbage", "head -c $(stat -c %s x.ms/table.f0) /dev/urandom > x.ms/table.f0"},
    {"scalar columns are zeros", "head -c $(stat -c %s x.ms/table.f0) /dev/zero > x.ms/table.f0"},
    {"antennas are cut", "truncate -s 700 x.ms/table.f1"},
    {"antennas are garbage", "head -c $(stat -c %s x.ms/table.f1) /dev/urandom > x.ms/table.f1"},
    {"DATA is cut", "truncate -s 100000 x.ms/table.f2_TSM*"},
    {"DATA is gone", "rm x.ms/table.f2_TSM*"},
    {"the head of DATA is garbage", "head -c $(stat -c %s x.ms/table.f2) /dev/urandom > x.ms/table.f2"},
    {"the head of DATA is cut", "truncate -s 100 x.ms/table.f2"},
    {"FLAG is cut", "truncate -s 10 x.ms/table.f3_TSM*"},
    {"WEIGHT_SPECTRUM is gone", "rm x.ms/table.f5_TSM*"},
    {"UVW is cut", "truncate -s 8 x.ms/table.f6_TSM*"},
    {"ANTENNA is gone", "rm -r x.ms/ANTENNA"},
    {"FIELD is gone", "rm -r x.ms/FIELD"},
    {"SPECTRAL_WINDOW is gone", "rm -r x.ms/SPECTRAL_WINDOW"},
    {"POLARIZATION is gone", "rm -r x.ms/POLARIZATION"},
    {"DATA_DESCRIPTION is gone", "rm -r x.ms/DATA_DESCRIPTION"},
    {"OBSERVATION is gone", "rm -r x.ms/OBSERVATION"},
    {"ANTENNA has no table.dat", "rm x.ms/ANTENNA/table.dat"},
    {"ANTENNA is a file", "rm -r x.ms/ANTENNA; echo > x.ms/ANTENNA"},
    {"FIELD is the set itself", "rm -r x.ms/FIELD; ln -s . x.ms/FIELD"},
    {"ANTENNA is cut", "truncate -s 300 x.ms/ANTENNA/table.f0"},
    {"ANTENNA is garbage", "head -c $(stat -c %s x.ms/ANTENNA/table.f0) /dev/urandom > x.ms/ANTENNA/table.f0"},
    {"FIELD is garbage", "head -c $(stat -c %s x.ms/FIELD/table.f0) /dev/urandom > x.ms/FIELD/table.f0"},
    {"SPECTRAL_WINDOW is garbage", "for f in x.ms/SPECTRAL_WINDOW/table.f*; do head -c 3000 /dev/urandom > $f; done"},
    {"POLARIZATION is another table", "rm -r x.ms/POLARIZATION; cp -r x.ms/STATE x.ms/POLARIZATION"},
};

/// Nothing but autocorrelations and zeros is flagged.
constexpr char const* plain_image = " --only zeros,autocorr --imsize 128 --cell 20 ";

class DamagedMs : public test::ProgramTest {
protected:
    void SetUp() override
    {
        ProgramTest::SetUp();
        ASSERT_EQ(shell("tar -xzf " NOCTURNE_SOURCE_DIR "/tests/golden/ms/casa.tgz").code, 0);
    }
};

TEST_F(DamagedMs, EachIsANamedError)
{
    for (auto const& damage : damages) {
        SCOPED_TRACE(damage.name);
        shell("rm -rf x.ms; cp -r casa.ms x.ms; chmod -R u+w x.ms");
        shell(damage.command);
        auto const outcome = nocturne("image x.ms --out i --quiet" + std::string(plain_image));
        EXPECT_TRUE(outcome.code == 65 || outcome.code == 66) << outcome.code << outcome.err;
        EXPECT_NE(outcome.err.find("x.ms"), std::string::npos) << outcome.err;
        EXPECT_EQ(shell("ls -A | grep -c '^i'").out, "0\n");
    }
}

TEST_F(DamagedMs, OneOfThemDoesNotStopARun)
{
    simulate("in");
    shell(
        "cp -r casa.ms in/good.ms; cp -r casa.ms in/bad.ms; chmod -R u+w in; truncate -s 100000 "
        "in/bad.ms/table.f2_TSM*");
    auto const run = nocturne("run in --out out --json --weighting natural" + std::string(plain_image));
    EXPECT_EQ(run.code, 65) << run.err;
    EXPECT_EQ(run.json()["groups"]["done"], 2) << run.out;
    ASSERT_EQ(run.json()["failures"].size(), 1u);
    EXPECT_NE(run.json()["failures"][0]["message"].get<std::string>().find("bad.ms"), std::string::npos);
}

TEST_F(DamagedMs, RandomBytesNeverEndTheProgram)
{
    for (int seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        shell("rm -rf x.ms; cp -r casa.ms x.ms; chmod -R u+w x.ms");
        // 1 to 4 bytes of one file of the set.
        shell("python3 -c \"\nimport random, os\nr = random.Random(" + std::to_string(seed) +
              ")\nfiles = sorted(os.path.join(d, f) for d, _, fs in os.walk('x.ms') for f in fs if f != 'table.lock')\n"
              "f = r.choice(files)\nb = bytearray(open(f, 'rb').read())\n"
              "for _ in range(r.randint(1, 4)):\n    if b: b[r.randrange(min(len(b), 4096))] = r.randrange(256)\n"
              "open(f, 'wb').write(b)\n\"");
        auto const outcome = nocturne("image x.ms --out i --quiet" + std::string(plain_image));
        EXPECT_TRUE(outcome.code == 0 || outcome.code == 65 || outcome.code == 66) << outcome.code << outcome.err;
        shell("rm -f i*");
    }
}

}  // namespace
}  // namespace nocturne
