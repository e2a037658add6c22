// Where a Measurement Set is written: not among the inputs; and an older one that cannot be removed is named.
#include "tests/support/program.hpp"

#include <fstream>

namespace nocturne {
namespace {

class MsPlaces : public test::ProgramTest {};

TEST_F(MsPlaces, NotAmongTheInputs)
{
    simulate("g");
    for (std::string const command : {"convert g --ms g/x.ms", "convert g --ms ./g/../g/x.ms",
                                      "image g --out i --ms g/x.ms --imsize 64", "run g --out g --ms --imsize 64"}) {
        SCOPED_TRACE(command);
        auto const outcome = nocturne(command + " --json");
        EXPECT_EQ(outcome.code, 64) << outcome.err;
        EXPECT_NE(outcome.json()["error"]["problem"].get<std::string>().find("would lie among the inputs"),
                  std::string::npos);
        EXPECT_EQ(shell("ls -dA g/*.ms g/.*.ms* nocturne.sqlite 2>/dev/null | wc -l").out, "0\n");
    }
    EXPECT_EQ(nocturne("convert g/*.hdf5 --ms g/x.ms --quiet").code, 0);  // files were named: nobody looks into g
    EXPECT_EQ(nocturne("convert g/x.ms --ms g/y.ms --quiet").code, 0);
}

TEST_F(MsPlaces, AnOlderSetThatCannotBeRemovedIsNamed)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "failing calls are preloaded, and a sanitizer's library must come before everything";
#endif
    simulate("g");
    ASSERT_EQ(nocturne("convert g --ms out/o.ms --quiet").code, 0);
    std::ofstream(scratch_ / "counter", std::ios::binary) << std::string(64, '\0');
    auto const again = shell("NOCTURNE_FAULT_REMOVE=1 NOCTURNE_FAULT_BELOW=" + scratch_.string() +
                             "/out LD_PRELOAD=" NOCTURNE_FAULTS " " + program() + " convert g --ms out/o.ms");
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_NE(again.err.find("cannot be removed"), std::string::npos) << again.err;
    EXPECT_NE(again.err.find("out/.o.ms.tmp-"), std::string::npos) << again.err;
    EXPECT_EQ(nocturne("ms check out/o.ms --quiet").code, 0);
}

}  // namespace
}  // namespace nocturne
