// Who writes what: every product once, the leader less for its report.
#include "driver/image_shares.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nocturne {
namespace {

int written_by(std::vector<ImageShare> const& shares, int rank)
{
    return static_cast<int>(
        std::count_if(shares.begin(), shares.end(), [&](ImageShare const& s) { return s.writer == rank; }));
}

TEST(ImageShares, one_rank_writes_all)
{
    auto const shares = plan_shares({{Product::dirty, 0}, {Product::psf, 0}}, 1);
    EXPECT_EQ(written_by(shares, 0), 2);
}

TEST(ImageShares, the_leader_leaves_images_to_others_while_it_makes_the_report)
{
    std::vector<HeldImage> held;
    for (int i = 0; i < 9; ++i) held.push_back({static_cast<Product>(i), i == 1 ? 1 : 0});
    for (int n : {2, 3, 4}) {
        auto const shares = plan_shares(held, n);
        ASSERT_EQ(shares.size(), 9U);
        for (int rank = 1; rank < n; ++rank) EXPECT_GT(written_by(shares, rank), written_by(shares, 0)) << n;
        EXPECT_EQ(shares[1].holder, 1);
    }
    EXPECT_EQ(plan_shares({{Product::dirty, 0}, {Product::psf, 1}}, 2)[1].writer, 1);
}

TEST(ImageShares, the_report_shows_the_corrected_image_before_others)
{
    auto const shares = plan_shares({{Product::dirty, 0}, {Product::image, 0}}, 1);
    EXPECT_EQ(best_product(shares), Product::image);
    EXPECT_EQ(best_product({}), std::nullopt);
}

}  // namespace
}  // namespace nocturne
