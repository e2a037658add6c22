// Stage export: no passes unless a Measurement Set is wanted; what the driver is handed, and when.
#include "nocturne/stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nocturne {
namespace {

Passes passes_of(std::string const& ms)
{
    auto const& stage = stage_type("export");
    return stage.make(Params(stage.params, {{"ms", ms}}));
}

TEST(ExportStage, NothingIsExportedUnlessAskedFor)
{
    EXPECT_TRUE(passes_of("").empty());
    EXPECT_TRUE(passes_of("off").empty());
    EXPECT_EQ(passes_of("on").size(), 1U);
    EXPECT_EQ(passes_of("a.ms").size(), 1U);
}

TEST(ExportStage, HandsOverTheHeaderFirstAndThenEachBlock)
{
    auto const passes = passes_of("a.ms");
    GroupState state;
    state.device = make_device("kokkos");
    std::vector<Index> handed_over;
    state.write_block = [&](VisBlock const& block, GroupState const& given) {
        EXPECT_EQ(&given, &state);
        handed_over.push_back(block.n_baselines());
    };
    passes.front()->prepare(state);
    EXPECT_EQ(handed_over, (std::vector<Index>{0}));
    VisBlock block;
    block.vis = make_view<Vis>(nullptr, Index(2), Index(7), Index(3), Index(1));
    passes.front()->run(block, state);
    EXPECT_EQ(handed_over, (std::vector<Index>{0, 7}));
}

TEST(ExportStage, NobodyToWriteIsADefect)
{
    auto const passes = passes_of("on");
    GroupState state;
    state.device = make_device("kokkos");
    try {
        passes.front()->prepare(state);
        FAIL() << "blocks went nowhere";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::defect);
    }
}

TEST(ExportStage, ReadsWhatConvertMakesAndChangesNothing)
{
    auto const passes = passes_of("on");
    EXPECT_TRUE(passes.front()->writes().empty());
    auto const reads = passes.front()->reads();
    EXPECT_NE(std::find(reads.begin(), reads.end(), Field::uvw), reads.end());
}

}  // namespace
}  // namespace nocturne
