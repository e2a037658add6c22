// Damaged Measurement Sets: casacore may throw, crash or run out of memory over them; the program says which set it was, with
// exit code 65 or 66, and leaves no image. Copies that are accepted differ only where they were damaged.
#include "tests/support/npz.hpp"
#include "tests/support/program.hpp"

#include "nocturne/vis.hpp"

#include <set>
#include <sstream>

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

/// Tables and columns that only a new set takes over: the set is at fault, not the disk that is written to.
TEST_F(DamagedMs, WhatIsTakenOverIsReadOrNamed)
{
    for (char const* damage :
         {"yes garbage | head -c 200 > x.ms/SOURCE/table.dat", "yes garbage | head -c 200 > x.ms/POINTING/table.dat",
          "yes garbage | head -c 200 > x.ms/STATE/table.dat", "truncate -s 100 x.ms/table.f7",
          ": > x.ms/SOURCE/table.f0", "rm x.ms/SOURCE/table.f0"}) {
        SCOPED_TRACE(damage);
        shell("rm -rf x.ms; cp -r casa.ms x.ms; chmod -R u+w x.ms");
        shell(damage);
        auto const made = nocturne("convert x.ms --ms o.ms --quiet");
        EXPECT_EQ(made.code, 65) << made.err;
        EXPECT_NE(made.err.find("x.ms"), std::string::npos) << made.err;
        EXPECT_EQ(shell("ls -Ad o.ms .o.ms* 2>/dev/null | wc -l").out, "0\n");
        auto const checked = nocturne("ms check x.ms").code;
        EXPECT_TRUE(checked == 3 || checked == 65) << checked;
    }
    shell("rm -rf x.ms; cp -r casa.ms x.ms; chmod -R u+w x.ms; rm -r x.ms/SOURCE");
    EXPECT_EQ(nocturne("convert x.ms --ms o.ms --quiet").code, 0) << "a keyword of a table that was removed";
    EXPECT_EQ(nocturne("ms check x.ms").code, nocturne("ms check casa.ms").code);
    if (shell("mkdir full && mount -t tmpfs -o size=200k tmpfs full").code != 0) return;  // not root
    auto const full = nocturne("convert x.ms --ms full/o.ms --quiet");
    shell("umount full");
    EXPECT_EQ(full.code, 74) << full.err;
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

/// A copy with 1 to 4 changed bytes in one of its files; which one, and how many bytes.
struct Hit {
    std::string file;
    std::int64_t n = 0;
    bool is(std::string const& column) const { return file.rfind("x.ms/" + column + "_TSM", 0) == 0; }
    bool is_of_samples() const { return is("table.f2") || is("table.f3") || is("table.f5") || is("table.f6"); }
    /// How antennas are turned stands in the header; no sample depends on it.
    bool is_of_feeds() const { return file.rfind("x.ms/FEED/", 0) == 0; }
    /// Of a table that tells nothing about samples.
    bool tells_nothing() const
    {
        if (file.ends_with("/table.info")) return true;
        for (auto const* name : {"FLAG_CMD/", "POINTING/", "PROCESSOR/", "SOURCE/", "STATE/"})
            if (file.rfind(std::string("x.ms/") + name, 0) == 0) return true;
        return is("table.f7") || is("table.f8");
    }
};

class HitMs : public DamagedMs {
protected:
    void copy_the_set() const { shell("rm -rf x.ms x.npz i*; cp -r casa.ms x.ms; chmod -R u+w x.ms"); }

    Hit hit(int seed) const
    {
        copy_the_set();
        auto const said = shell(
            "python3 -c \"\nimport random, os\nr = random.Random(" + std::to_string(seed) +
            ")\nfiles = sorted(os.path.join(d, f) for d, _, fs in os.walk('x.ms') for f in fs if f != 'table.lock')\n"
            "f = r.choice(files)\nb = bytearray(open(f, 'rb').read())\nn = r.randint(1, 4)\n"
            "for _ in range(n):\n    if b: b[r.randrange(min(len(b), 4096))] = r.randrange(256)\n"
            "open(f, 'wb').write(b)\nprint(n, f)\n\"");
        std::istringstream words(said.out);
        Hit made;
        words >> made.n >> made.file;
        return made;
    }

    struct Read {
        std::vector<std::uint64_t> vis;  ///< bits of a complex number
        std::vector<std::uint8_t> flag;
        std::vector<std::uint32_t> weight;  ///< bits of a float
        nlohmann::json header;
    };
    Read read() const
    {
        auto const arrays = test::npz_arrays(test::slurp(scratch_ / "x.npz"));
        auto const& header = arrays.at("header_json");
        Read read{test::elements<std::uint64_t>(arrays.at("vis")), test::elements<std::uint8_t>(arrays.at("flag")),
                  test::elements<std::uint32_t>(arrays.at("nsamples")), nlohmann::json::parse(header)};
        read.header.erase("subbands");  // sizes and checksums of the file
        return read;
    }

    template<class T>
    static std::int64_t differences(std::vector<T> const& a, std::vector<T> const& b)
    {
        std::int64_t n = std::abs(std::ssize(a) - std::ssize(b));
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) n += a[i] != b[i];
        return n;
    }

    /// What is read of an accepted copy is the undamaged set but for the cells that a changed byte lies in: a byte holds a part of one
    /// visibility, eight flags, or a part of one weight (which may flag its sample).
    static void expect_only_the_hit_cells(Read const& whole, Read const& got, Hit const& hit)
    {
        bool const data = hit.is("table.f2"), flags = hit.is("table.f3"), weights = hit.is("table.f5");
        EXPECT_LE(differences(whole.vis, got.vis), data ? hit.n : 0);
        EXPECT_LE(differences(whole.flag, got.flag), flags ? 8 * hit.n : (weights || data ? hit.n : 0));
        EXPECT_LE(differences(whole.weight, got.weight), weights ? hit.n : 0);
        if (data || flags || weights || hit.tells_nothing()) {
            EXPECT_EQ(got.header, whole.header);
        }
    }

    /// Rows and channels may go elsewhere where the columns or tables that place them are hit; no sample is invented.
    static void expect_no_invented_samples(Read const& whole, Read const& got)
    {
        constexpr auto sign_of_im = std::uint64_t(1) << 63;
        std::set<std::uint64_t> known(whole.vis.begin(), whole.vis.end());
        for (auto const v : whole.vis) known.insert(v ^ sign_of_im);
        std::int64_t invented = 0;
        for (std::size_t i = 0; i < got.vis.size(); ++i)
            invented += (got.flag[i] & flag_missing) == 0 && !known.count(got.vis[i]);
        EXPECT_EQ(invented, 0);
    }
};

TEST_F(HitMs, AcceptedCopiesDifferOnlyWhereBytesWereHit)
{
    copy_the_set();
    ASSERT_EQ(nocturne("dump x.ms --out x.npz --quiet").code, 0);
    auto const whole = read();
    ASSERT_EQ(nocturne("image x.ms --out i --quiet" + std::string(plain_image)).code, 0);
    auto const image = read_fits((scratch_ / "i-dirty.fits").string()).pixels;
    char const* const more = std::getenv("NOCTURNE_FAULTS");
    int refused = 0, as_it_was = 0;
    for (int seed = 1; seed <= (more ? 150 : 20); ++seed) {
        auto const where = hit(seed);
        SCOPED_TRACE(std::to_string(seed) + " " + std::to_string(where.n) + " bytes of " + where.file);
        auto const dumped = nocturne("dump x.ms --out x.npz --quiet");
        auto const imaged = nocturne("image x.ms --out i --quiet" + std::string(plain_image));
        EXPECT_EQ(imaged.code, dumped.code) << imaged.err << dumped.err;
        EXPECT_TRUE(dumped.code == 0 || dumped.code == 65 || dumped.code == 66) << dumped.code << dumped.err;
        refused += dumped.code != 0;
        if (dumped.code != 0) continue;
        auto const got = read();
        if (where.is_of_samples() || where.is_of_feeds() || where.tells_nothing())
            expect_only_the_hit_cells(whole, got, where);
        if (!where.is("table.f2")) expect_no_invented_samples(whole, got);
        bool const same =
            got.header == whole.header && got.vis == whole.vis && got.flag == whole.flag && got.weight == whole.weight;
        as_it_was += same;
        if (same && imaged.code == 0) {
            EXPECT_EQ(read_fits((scratch_ / "i-dirty.fits").string()).pixels, image);
        }
    }
    RecordProperty("refused", refused);
    RecordProperty("as_it_was", as_it_was);
    EXPECT_GT(as_it_was, 0);
}

}  // namespace
}  // namespace nocturne
