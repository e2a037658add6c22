// A Measurement Set on a disk that fills, and killed at any moment: nothing under the final name, a named error, a clean rerun.
#include "tests/support/program.hpp"

#include "io/ms_read_tables.hpp"

namespace nocturne {
namespace {

class MsCrash : public test::ProgramTest {
protected:
    bool stands(std::string const& name) const { return std::filesystem::exists(scratch_ / name); }
};

/// Every size of a small file system, in steps, until the set fits: 74 with its name, and an empty disk afterwards.
TEST_F(MsCrash, AFullDiskIsAnErrorOfItsOwn)
{
    simulate("g");
    if (shell("unshare -m sh -c 'mkdir try && mount -t tmpfs none try'").code != 0)
        GTEST_SKIP() << "no right to mount a small file system here";
    shell("mkdir full");
    int refused = 0;
    bool fits = false;
    for (int kilobytes = 16; kilobytes < 4096 && !fits; kilobytes += kilobytes < 128 ? 28 : 64) {
        auto const size = std::to_string(kilobytes) + "k";
        auto const end = shell("unshare -m sh -c 'mount -t tmpfs -o size=" + size + " none full && " + program() +
                               " convert g --ms full/o.ms --quiet --columns all; code=$?; ls -A full; exit $code'");
        fits = end.code == 0;
        if (fits) break;
        ++refused;
        EXPECT_EQ(end.code, 74) << size << ": " << end.err;
        EXPECT_NE(end.err.find("o.ms"), std::string::npos) << size << ": " << end.err;
        EXPECT_EQ(end.out, "") << size << ": something is left";
    }
    EXPECT_TRUE(fits);
    EXPECT_GE(refused, 8);
}

TEST_F(MsCrash, KilledAtAnyMomentItLeavesNothingHalfMade)
{
    simulate("g");
    auto const quick = nocturne("convert g --ms first.ms --json");
    ASSERT_EQ(quick.code, 0) << quick.err;
    double whole_s = quick.json()["wall_s"];
    auto const rows = ms::Table::open((scratch_ / "first.ms").string()).rows();
    constexpr int moments = 14;
    int killed = 0;
    for (int k = 0; k < moments; ++k) {
        auto const pause = std::to_string((0.05 + 1.1 * k / moments) * whole_s);
        auto const end = shell(program() + " convert g --ms o.ms --quiet & p=$!; sleep " + pause +
                               "; kill -9 $p 2>/dev/null && echo killed; wait $p; ls -d o.ms 2>/dev/null; true");
        killed += end.out.find("killed") != std::string::npos;
        if (stands("o.ms")) {
            EXPECT_EQ(ms::Table::open((scratch_ / "o.ms").string()).rows(), rows) << pause;
        }
        auto const again = nocturne("convert g --ms o.ms --quiet --json");
        ASSERT_EQ(again.code, 0) << again.err;
        whole_s = again.json()["wall_s"];  // a busy machine's moments are later ones
        EXPECT_EQ(ms::Table::open((scratch_ / "o.ms").string()).rows(), rows);
        EXPECT_EQ(shell("ls -A | grep tmp- || true").out, "") << "after " << pause << " s and a rerun";
        EXPECT_EQ(shell("for f in first.ms/table.*; do cmp $f o.ms/${f#first.ms/} || echo $f; done").out, "");
        shell("rm -rf o.ms");
    }
    EXPECT_GE(killed, moments / 2);
}

}  // namespace
}  // namespace nocturne
