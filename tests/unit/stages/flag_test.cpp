// Stage `flag`: the accounts of a block add up, and each sample is counted under its first reason.
#include "nocturne/stage.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nocturne {
namespace {

TEST(FlagStage, counts_every_sample_once)
{
    Index const nt = 2, nb = 3, nc = 4, np = 2;
    GroupState state;
    state.device = make_device("kokkos");
    state.header.baselines = {{0, 0}, {0, 1}, {1, 1}};
    std::vector<Vis> vis(nt * nb * nc * np, Vis{1, 1});
    std::vector<std::uint8_t> flag(vis.size(), 0);
    std::vector<float> weight(1, 1);
    std::vector<double> uvw(nt * nb * 3);
    vis[nc * np] = {0, 0};  // integration 0, baseline 1
    vis[nc * np + 1] = {NAN, 0};
    flag[nc * np + 2] = flag_missing;
    flag[nc * np + 3] = flag_file;
    VisBlock block{0, make_view(vis.data(), nt, nb, nc, np), make_view(flag.data(), nt, nb, nc, np),
                   make_constant_view<float const>(weight.data(), nt, nb, nc, np), make_view(uvw.data(), nt, nb, 3)};
    auto passes = stage_type("flag").make({});
    ASSERT_EQ(passes.size(), 1U);
    passes[0]->prepare(state);
    auto first = block.baselines(0, 2), second = block.baselines(2, 1);
    passes[0]->run(first, state);
    passes[0]->run(second, state);
    EXPECT_EQ(state.counts.total(), nt * nb * nc * np);
    EXPECT_EQ(state.counts.used, nt * nc * np - 4);
    EXPECT_EQ(state.counts.by_reason[0], 1);                 // missing
    EXPECT_EQ(state.counts.by_reason[1], 1);                 // file
    EXPECT_EQ(state.counts.by_reason[2], 1);                 // not finite
    EXPECT_EQ(state.counts.by_reason[3], 1);                 // zero
    EXPECT_EQ(state.counts.by_reason[4], 2 * nt * nc * np);  // autocorrelations
}

TEST(StageTypes, a_name_that_is_nearly_right_is_suggested)
{
    try {
        stage_type("flga");
        FAIL() << "no error";
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::bad_config);
        EXPECT_NE(std::string(error.what()).find("did you mean 'flag'?"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace nocturne
