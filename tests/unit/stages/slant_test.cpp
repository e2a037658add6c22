// The slanted plane: its root against the sphere, its fit, its grid.
#include "stages/image/slant.hpp"

#include <gtest/gtest.h>

#include <random>

namespace nocturne {
namespace {

View<double const, 3> rows(std::vector<double> const& uvw_m) { return make_view(uvw_m.data(), 1, uvw_m.size() / 3, 3); }

std::vector<double> flat_array(Index n, double alpha, double beta, double rough)
{
    std::mt19937 random(4);
    std::uniform_real_distribution<double> unit(-1, 1);
    std::vector<double> uvw_m;
    for (Index i = 0; i < n; ++i) {
        double const u = 1000 * unit(random), v = 700 * unit(random);
        uvw_m.insert(uvw_m.end(), {u, v, alpha * u + beta * v + rough * unit(random)});
    }
    return uvw_m;
}

TEST(Slant, its_places_are_those_of_the_sphere)
{
    for (Slant const slant : {Slant{}, Slant{0.01, 0.31}, Slant{-0.4, -0.8}, Slant{0.2, 1.5}})
        for (double l : {-0.08, 0.0, 0.03})
            for (double m : {-0.05, 0.0, 0.09}) {
                double const q = std::sqrt(1 - l * l - m * m) - 1;
                PlaneCosines const at{l + slant.alpha * q, m + slant.beta * q};
                EXPECT_NEAR(slant.n_minus_1(at.l, at.m), q, 1e-15);
                auto const back = plain_of(slant, at);
                EXPECT_NEAR(back.l, l, 1e-15);
                EXPECT_NEAR(back.m, m, 1e-15);
                EXPECT_GT(slant.height(at.l, at.m), 0);
            }
    EXPECT_EQ((Slant{}.n_minus_1(0.8, 0.8)), -1) << "beyond the horizon";
}

TEST(Slant, is_found_by_least_squares_over_cross_correlations)
{
    ImageGeometry const image{512, 10 * arcsec_rad, {}};
    auto uvw_m = flat_array(40, 0.02, -0.76, 0);
    uvw_m.insert(uvw_m.end(), {0, 0, 500});  // an autocorrelation
    std::vector<Baseline> baselines(40, {0, 1});
    baselines.push_back({3, 3});
    auto const slant = fit_slant(baselines, rows(uvw_m), image);
    EXPECT_NEAR(slant.alpha, 0.02, 1e-8);
    EXPECT_NEAR(slant.beta, -0.76, 1e-8);
    auto const rough = fit_slant(std::vector<Baseline>(40, {0, 1}), rows(flat_array(40, 0.02, -0.76, 30)), image);
    EXPECT_NEAR(rough.beta, -0.76, 0.02);
}

TEST(Slant, needs_a_plane)
{
    ImageGeometry const image{512, 10 * arcsec_rad, {}};
    std::vector<Baseline> const one(1, {0, 1}), two(2, {0, 1});
    EXPECT_TRUE(fit_slant(one, rows({0, 0, 40}), image).none());
    auto const line = fit_slant(two, rows({100, 0, 20, -300, 0, -60}), image);
    EXPECT_NEAR(line.alpha, 0.2, 1e-6);
    EXPECT_EQ(line.beta, 0) << "nothing is known across a line";
}

TEST(Slant, keeps_away_from_the_horizon)
{
    std::vector<Baseline> const baselines(40, {0, 1});
    auto const low = flat_array(40, 0.3, 5.7, 0);         // 10° above the horizon
    ImageGeometry const wide{4096, 45 * arcsec_rad, {}};  // 51°
    auto const slant = fit_slant(baselines, rows(low), wide);
    EXPECT_LT(std::abs(slant.beta), 2);
    auto const grid = slanted_grid(wide, slant);
    double const edge = 0.5 * static_cast<double>(grid.n_pixels) * grid.cell_rad;
    for (double l : {-edge, edge})
        for (double m : {-edge, edge}) EXPECT_GT(slant.height(l, m), 0);
}

TEST(Slant, its_grid_holds_every_pixel_of_the_image)
{
    for (Slant const slant : {Slant{}, Slant{0.3, -0.75}, Slant{-0.1, 1.1}}) {
        ImageGeometry const image{1200, 12 * arcsec_rad, {}};
        auto const grid = slanted_grid(image, slant);
        EXPECT_EQ(grid.n_pixels % 2, 0);
        EXPECT_LE(grid.n_pixels, image.n_pixels + 60);
        double const half = 600 * image.cell_rad;
        for (double l : {-half, 0.0, half})
            for (double m : {-half, 0.0, half}) {
                double const q = std::sqrt(1 - l * l - m * m) - 1, edge = 0.5 * static_cast<double>(grid.n_pixels);
                EXPECT_LE(std::abs(l + slant.alpha * q), edge * grid.cell_rad + 1e-12);
                EXPECT_LE(std::abs(m + slant.beta * q), edge * grid.cell_rad + 1e-12);
            }
        double const wide = plain_half_width(grid, slant),
                     edge = 0.5 * static_cast<double>(grid.n_pixels) * grid.cell_rad;
        for (double l : {-edge, edge})
            for (double m : {-edge, edge}) {
                auto const at = plain_of(slant, {l, m});
                EXPECT_LE(std::max(std::abs(at.l), std::abs(at.m)), wide);
            }
    }
    EXPECT_EQ(slanted_grid({1200, 12 * arcsec_rad, {}}, {}).n_pixels, 1200);
}

TEST(Slant, takes_w_of_points_down_to_the_plane)
{
    NodeGeometry const points{{{{100, 200, 70}, 0, 0, 1}}, {1.4e9}, 1};
    EXPECT_NEAR(slanted_points(points, {0.1, 0.25}).lines[0].uvw_m[2], 10, 1e-12);
    EXPECT_EQ(slanted_points(points, {}).lines[0].uvw_m[2], 70);
}

}  // namespace
}  // namespace nocturne
