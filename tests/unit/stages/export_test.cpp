// Stage `export`: hands every block over once, says first that the header is final, and is nothing where no set is wanted.
#include "nocturne/stage.hpp"

#include <gtest/gtest.h>

namespace nocturne {
namespace {

Passes export_passes(std::map<std::string, ParamValue> const& given)
{
    auto const& type = stage_type("export");
    return type.make(Params(type.params, given));
}

TEST(Export, IsNothingWhereNoSetIsWanted)
{
    EXPECT_TRUE(export_passes({}).empty());
    EXPECT_TRUE(export_passes({{"ms", std::string("off")}}).empty());
}

TEST(Export, HandsOverTheHeaderFirstAndThenEachBlockAsItStands)
{
    auto const passes = export_passes({{"ms", std::string("x.ms")}});
    ASSERT_EQ(passes.size(), 1U);
    EXPECT_TRUE(passes.front()->writes().empty());
    GroupState state;
    state.device = make_device("kokkos");
    std::vector<Index> seen;
    state.write_block = [&](VisBlock const& block, GroupState const&) {
        seen.push_back(block.vis.data ? block.first_baseline : -1);
    };
    passes.front()->prepare(state);
    std::vector<Vis> vis(2 * 3 * 4);
    VisBlock block{5, make_view(vis.data(), 2, 3, 4, 1), {}, {}, {}};
    passes.front()->run(block, state);
    EXPECT_EQ(seen, (std::vector<Index>{-1, 5}));
}

TEST(Export, SaysThatNobodyTakesItsBlocks)
{
    auto const passes = export_passes({{"ms", std::string("x.ms")}});
    GroupState state;
    state.device = make_device("kokkos");
    EXPECT_THROW(passes.front()->prepare(state), Error);
}

TEST(Export, RefusesWhatItDoesNotKnow)
{
    EXPECT_THROW(export_passes({{"fields", std::string("two")}}), Error);
    EXPECT_THROW(export_passes({{"spw", std::string("all")}}), Error);
    EXPECT_THROW(export_passes({{"correlations", std::string("four")}}), Error);
}

}  // namespace
}  // namespace nocturne
