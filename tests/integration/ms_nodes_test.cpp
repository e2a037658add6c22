// Ranks that do not see the same files: as on two nodes that each have a disk of their own under the name that was given.
#include "tests/integration/table_differences.hpp"
#include "tests/support/program.hpp"

namespace nocturne {
namespace {

class MsNodes : public test::ProgramTest {
protected:
    /// Two ranks, the first in folder `a`, the second in folder `b`, of which `arguments` go to both.
    test::Outcome two_places(std::string const& arguments) const
    {
        auto const rank = [&](char const* folder) {
            return std::string("-np 1 -wdir ") + (scratch_ / folder).string() + " " + program() + " " + arguments;
        };
        return shell("mkdir -p a b; OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun --oversubscribe " +
                     rank("a") + " : " + rank("b"));
    }
};

TEST_F(MsNodes, ADirectoryThatOneRankDoesNotSeeIsNamedBeforeAnythingIsWritten)
{
    simulate("g");
    auto const end = two_places("convert ../g --ms o.ms --quiet");
    EXPECT_EQ(end.code, 74) << end.err;
    EXPECT_NE(end.err.find("cannot write o.ms"), std::string::npos) << end.err;
    EXPECT_NE(end.err.find("does not see the directory"), std::string::npos) << end.err;
    EXPECT_NE(end.err.find("all nodes share"), std::string::npos) << end.err;
    EXPECT_EQ(shell("ls -A a b").out, "a:\n\nb:\n");
}

TEST_F(MsNodes, ASharedDirectoryWorksFromAnyPlace)
{
    simulate("g");
    auto const shared = (scratch_ / "shared.ms").string();
    auto const end = two_places("convert ../g --quiet --ms " + shared);
    EXPECT_EQ(end.code, 0) << end.err;
    ASSERT_EQ(nocturne("convert g --ms one.ms --quiet").code, 0);
    for (auto const& difference : test::table_differences((scratch_ / "one.ms").string(), shared))
        EXPECT_EQ(difference.substr(0, 7), "HISTORY");
}

}  // namespace
}  // namespace nocturne
