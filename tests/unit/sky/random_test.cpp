// Random numbers: moments and tails of the normal deviates, independence of keys, the same numbers for the same keys.
#include "sky/random.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <vector>

namespace nocturne {
namespace {

std::vector<float> normals(std::uint64_t key, Index n)
{
    std::vector<float> out(static_cast<std::size_t>(n));
    Random random{17, key};
    fill_normal(random, out.data(), n);
    return out;
}

TEST(Random, NormalsHaveTheRightMomentsAndTails)
{
    auto const x = normals(1, 4'000'000);
    double m1 = 0, m2 = 0, m4 = 0, beyond3 = 0, neighbours = 0, largest = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        double const v = x[i];
        ASSERT_TRUE(std::isfinite(v));
        m1 += v, m2 += v * v, m4 += v * v * v * v, beyond3 += std::abs(v) > 3, largest = std::max(largest, std::abs(v));
        if (i >= 8) neighbours += v * x[i - 8];
    }
    double const n = static_cast<double>(x.size());
    EXPECT_NEAR(m1 / n, 0, 4 / std::sqrt(n));
    EXPECT_NEAR(m2 / n, 1, 4 * std::sqrt(2 / n));
    EXPECT_NEAR(m4 / n, 3, 4 * std::sqrt(96 / n));
    EXPECT_NEAR(beyond3 / n, 0.0026998, 4 * std::sqrt(0.0027 / n));
    EXPECT_NEAR(neighbours / n, 0, 4 / std::sqrt(n));
    EXPECT_GT(largest, 4.5);
}

TEST(Random, SameKeysGiveTheSameAndOthersOtherNumbers)
{
    EXPECT_EQ(normals(1, 100), normals(1, 100));
    auto const a = normals(1, 1000), b = normals(2, 1000);
    double together = 0;
    for (std::size_t i = 0; i < a.size(); ++i) together += static_cast<double>(a[i]) * b[i];
    EXPECT_LT(std::abs(together), 5 * std::sqrt(1000.0));
    EXPECT_NE(Random({1, 2}).bits(), Random({2, 1}).bits());
}

TEST(Random, ShortFillsWriteNoFurther)
{
    std::vector<float> out(20, -99);
    Random random{3};
    fill_normal(random, out.data(), 19);
    EXPECT_NE(out[18], -99);
    EXPECT_EQ(out[19], -99);
}

TEST(Random, UniformAndNormalOfSingleDraws)
{
    Random random{5};
    double sum = 0, squares = 0;
    int const n = 100000;
    for (int i = 0; i < n; ++i) {
        double const v = random.normal();
        sum += v, squares += v * v;
    }
    EXPECT_NEAR(sum / n, 0, 0.015);
    EXPECT_NEAR(squares / n, 1, 0.02);
    for (int i = 0; i < 1000; ++i) {
        double const u = random.uniform(2, 3);
        ASSERT_TRUE(u >= 2 && u < 3);
    }
}

}  // namespace
}  // namespace nocturne
