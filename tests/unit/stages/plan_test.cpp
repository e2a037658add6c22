// The plan: node counts measured by scan, tracks between integrations, borders that depend on the header alone, and the
// compression of DSA-110's layout.
#include "stages/image/plan.hpp"
#include "stages/image/chebyshev.hpp"
#include "stages/image/track.hpp"

#include "tests/support/random_group.hpp"

#include <gtest/gtest.h>

#include <complex>

namespace nocturne {
namespace {

/// sup |exp(iθx) − interpolant| by evaluating the interpolant.
double scanned_error(int n, double theta)
{
    auto const nodes = chebyshev_nodes(n, -1, 1);
    std::vector<double> row(nodes.size());
    double worst = 0;
    for (int i = 0; i <= 1200; ++i) {
        double const x = -1 + i / 600.0;
        lagrange_row(nodes, x, row.data());
        std::complex<double> sum = 0;
        for (std::size_t p = 0; p < nodes.size(); ++p) sum += row[p] * std::polar(1.0, theta * nodes[p]);
        worst = std::max(worst, std::abs(sum - std::polar(1.0, theta * x)));
    }
    return worst;
}

TEST(NodeCounts, reach_the_tolerance_and_waste_little_by_scan)
{
    for (double tolerance : {1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7}) {
        NodeCounts const counts(tolerance);
        for (int n : {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 256}) {
            double const error = scanned_error(n, counts.largest_theta(n));
            EXPECT_LE(error, 1.001 * tolerance) << n << " nodes at " << tolerance;
            EXPECT_GE(error, 0.9 * tolerance) << n << " nodes at " << tolerance;
        }
    }
}

TEST(NodeCounts, are_the_fewest)
{
    NodeCounts const counts(1e-4);
    EXPECT_EQ(counts(0), 1);
    EXPECT_EQ(counts(counts.largest_theta(6)), 6);
    EXPECT_EQ(counts(1.0001 * counts.largest_theta(6)), 7);
    EXPECT_EQ(counts(1.0001 * counts.largest_theta(20)), 24);
    EXPECT_EQ(counts(300), 0);
}

std::vector<Uvw> turning(std::vector<double> const& time_s, double radius_m)
{
    std::vector<Uvw> uvw;
    for (double t : time_s) {
        double const h = 7.292115e-5 * t;
        uvw.push_back({radius_m * std::cos(h), radius_m * std::sin(h), 0.3 * radius_m * std::cos(h + 1)});
    }
    return uvw;
}

TEST(Track, meets_the_exact_positions_between_integrations)
{
    std::vector<double> time_s, between_s;
    for (int i = 0; i < 24; ++i)
        time_s.push_back(12.884901888 * i), between_s.push_back(12.884901888 * (i - 0.5 * (i > 0)));
    auto const track = Track::fit(time_s, turning(time_s, 36000));
    ASSERT_TRUE(track);
    auto const exact = turning(between_s, 36000);
    for (std::size_t i = 0; i < exact.size(); ++i)
        for (std::size_t axis = 0; axis < 3; ++axis) EXPECT_NEAR(track->at(between_s[i])[axis], exact[i][axis], 5e-7);
}

TEST(Track, refuses_positions_that_no_polynomial_meets)
{
    std::vector<double> const time_s{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    auto jumping = turning(time_s, 1000);
    for (std::size_t i = 0; i < jumping.size(); ++i) jumping[i][1] += i >= 6 ? 0.01 : 0;
    EXPECT_FALSE(Track::fit(time_s, jumping));
    EXPECT_FALSE(Track::fit(std::span(time_s).first(3), turning({0, 1, 2}, 1000)));
}

NodePlan plan_of(test::RandomGroup const& group, Compression compression, double half = 0.03)
{
    return make_node_plan({group.freq_hz, group.time_s, group.baselines, group.positions(), half, 5e-5, compression});
}

TEST(NodePlan, gives_each_baseline_its_own_range_of_values_and_all_samples_to_one_rectangle)
{
    test::RandomGroup const group({.n_integrations = 70});
    for (auto compression : {Compression::automatic, Compression::on, Compression::off}) {
        auto const plan = plan_of(group, compression);
        Index value = 0;
        for (std::size_t b = 0; b < group.baselines.size(); ++b) {
            EXPECT_EQ(plan.first_value[b], value);
            std::vector<int> seen(static_cast<std::size_t>(group.nt * group.nc));
            for (Index r = plan.first_rect[b]; r < plan.first_rect[b + 1]; ++r) {
                auto const& rect = plan.rects[static_cast<std::size_t>(r)];
                EXPECT_EQ(rect.first_value, value);
                EXPECT_LE(rect.n_times, NodeRect::max_times);
                value += rect.n_values();
                for (int t = 0; t < rect.n_times; ++t)
                    for (int c = 0; c < rect.n_channels; ++c)
                        ++seen[static_cast<std::size_t>((rect.first_time + t) * group.nc + rect.first_channel + c)];
            }
            for (int times : seen) EXPECT_EQ(times, b == 0 ? 0 : 1);
        }
        EXPECT_EQ(plan.geometry.n_points, value);
        value = 0;
        for (auto const& line : plan.geometry.lines) {
            EXPECT_EQ(line.first_value, value);
            value += line.n;
        }
        EXPECT_EQ(plan.geometry.n_points, value);
    }
}

TEST(NodePlan, leaves_channels_as_they_are_where_asked_to)
{
    test::RandomGroup const group({});
    auto const plan = plan_of(group, Compression::off);
    EXPECT_EQ(plan.geometry.n_points, plan.n_visibilities);
    EXPECT_EQ(plan.n_raw_baselines, group.nb - 1);
    EXPECT_TRUE(plan.matrices.empty());
}

TEST(NodePlan, chooses_raw_where_compression_does_not_pay)
{
    test::RandomGroup const far({.longest_m = 2e6});
    auto const plan = plan_of(far, Compression::automatic, 0.06);
    EXPECT_GT(plan.n_raw_baselines, far.nb / 2);
    EXPECT_LE(plan.geometry.n_points, plan.n_visibilities);
}

TEST(NodePlan, refuses_a_field_beyond_the_hemisphere)
{
    test::RandomGroup const group({});
    EXPECT_THROW(plan_of(group, Compression::automatic, 0.8), Error);
}

TEST(NodePlan, compresses_a_compact_array_by_more_than_twenty)
{
    test::RandomGroup const group({.n_baselines = 200, .n_channels = 768, .channel_hz = 244140.625});
    auto const plan = plan_of(group, Compression::automatic, 2048 * 3 * arcsec_rad);
    EXPECT_GT(plan.ratio(), 20);
}

}  // namespace
}  // namespace nocturne
