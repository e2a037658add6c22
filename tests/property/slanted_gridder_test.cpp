// The gridder on a slanted grid against the exact sum at true places on the sky; its transpose; and that a flat array's PSF is the
// same all over that grid, which it is not on the plain one.
#include "stages/image/point_source.hpp"
#include "stages/image/wgridder.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/points.hpp"

#include <algorithm>

namespace nocturne {
namespace {

class SlantedGridder : public test::OnEveryDevice {};

Slant slant_of_points(NodeGeometry const& points, ImageGeometry const& image)
{
    std::vector<double> uvw_m;
    for (auto const& line : points.lines) uvw_m.insert(uvw_m.end(), line.uvw_m, line.uvw_m + 3);
    std::vector<Baseline> const baselines(points.lines.size(), {0, 1});
    return fit_slant(baselines, make_view(static_cast<double const*>(uvw_m.data()), 1, points.lines.size(), 3), image);
}

/// l, m and n − 1 of a pixel of a slanted grid, found by walking: l = l' − α q, q = √(1 − l² − m²) − 1.
std::array<double, 3> true_direction(ImageGeometry const& grid, Slant const& slant, test::Pixel pixel)
{
    double const l1 = -static_cast<double>(pixel.x - grid.n_pixels / 2) * grid.cell_rad;
    double const m1 = static_cast<double>(pixel.y - grid.n_pixels / 2) * grid.cell_rad;
    double l = l1, m = m1, q = 0;
    for (int i = 0; i < 200; ++i) {
        q = std::sqrt(1 - l * l - m * m) - 1;
        l = l1 - slant.alpha * q;
        m = m1 - slant.beta * q;
    }
    return {l, m, q};
}

double exact(NodeGeometry const& points, std::vector<Vis> const& y, std::array<double, 3> const& at)
{
    double sum = 0;
    test::for_each_factor(points, at, [&](Index p, std::complex<double> factor) {
        sum += static_cast<double>(y[static_cast<std::size_t>(p)].re) * factor.real() -
               static_cast<double>(y[static_cast<std::size_t>(p)].im) * factor.imag();
    });
    return sum;
}

TEST_P(SlantedGridder, reaches_epsilon)
{
    ImageGeometry const image{720, 12 * arcsec_rad, {}};  // 2.4°
    for (double dec : {-20.0, 54.6, 85.0}) {
        auto const points = test::array_layout(3, 24, 3, 24, dec * degree_rad);
        auto const slant = slant_of_points(points, image);
        auto const grid = slanted_grid(image, slant);
        EXPECT_NEAR(slant.beta, std::tan(dec * degree_rad - 37.23 * degree_rad), 1e-3);
        Index const n = grid.n_pixels;
        auto const y = test::source_values(points, image, {{500, 120}, {90, 300}}, 0.5);
        auto pixels = test::random_pixels(n, 40, 5), edges = test::edge_pixels(n, 24);
        pixels.insert(pixels.end(), edges.begin(), edges.end());
        for (double epsilon : {5e-3, 5e-5, 5e-7}) {
            WGridder gridder(device(), grid, epsilon, points, slant);
            Buffer<float> made(device(), n * n);
            gridder.dirty(to_device(device(), y), made);
            auto const got = made.to_host();
            double difference = 0, norm = 0;
            for (auto const& pixel : pixels) {
                double const right = exact(points, y, true_direction(grid, slant, pixel));
                difference += std::pow(static_cast<double>(got[pixel.y * n + pixel.x]) - right, 2);
                norm += right * right;
            }
            EXPECT_LE(std::sqrt(difference / norm), epsilon) << dec;
        }
    }
}

TEST(PointSource, is_one_term_of_the_exact_sum)
{
    ImageGeometry const image{720, 12 * arcsec_rad, {}};
    auto const points = test::array_layout(3, 24, 3, 24, 54.6 * degree_rad);
    auto const slant = slant_of_points(points, image);
    auto const grid = slanted_grid(image, slant);
    for (test::Pixel const pixel : {test::Pixel{0, 0}, test::Pixel{grid.n_pixels - 1, 0}, test::Pixel{400, 300}}) {
        PlaneCosines const at{-static_cast<double>(pixel.x - grid.n_pixels / 2) * grid.cell_rad,
                              static_cast<double>(pixel.y - grid.n_pixels / 2) * grid.cell_rad};
        auto const made = point_source(points, slant, at, -2);
        double worst = 0;
        test::for_each_factor(points, true_direction(grid, slant, pixel), [&](Index p, std::complex<double> factor) {
            auto const& one = made[static_cast<std::size_t>(p)];
            worst = std::max(worst, std::abs(std::complex<double>(one.re, -one.im) + 2.0 * factor));
        });
        EXPECT_LT(worst, 2e-6);
    }
}

TEST_P(SlantedGridder, predicts_sources_and_is_its_transpose)
{
    ImageGeometry const image{512, 12 * arcsec_rad, {}};
    auto const points = test::array_layout(4, 20, 2, 16, 0);
    auto const slant = slant_of_points(points, image);
    auto const grid = slanted_grid(image, slant);
    Index const n = grid.n_pixels;
    WGridder gridder(device(), grid, 5e-7, points, slant);
    std::vector<float> x(n * n);
    x[20 * n + 500] = 1;
    Buffer<Vis> predicted(device(), points.n_points);
    gridder.predict(to_device(device(), x), predicted);
    auto const p = predicted.to_host();
    double difference = 0;
    test::for_each_factor(points, true_direction(grid, slant, {20, 500}), [&](Index k, std::complex<double> factor) {
        difference += std::norm(std::complex<double>(static_cast<double>(p[k].re), static_cast<double>(p[k].im)) -
                                std::conj(factor));
    });
    EXPECT_LE(std::sqrt(difference / static_cast<double>(points.n_points)), 5e-7);

    std::mt19937 random(2);
    std::normal_distribution<float> normal;
    std::vector<Vis> y(points.n_points);
    for (auto& v : y) v = {normal(random), normal(random)};
    for (auto& v : x) v = normal(random);
    Buffer<float> dirty(device(), n * n);
    gridder.dirty(to_device(device(), y), dirty);
    gridder.predict(to_device(device(), x), predicted);
    auto const d = dirty.to_host();
    auto const q = predicted.to_host();
    double left = 0, right = 0, scale = 0;
    for (Index i = 0; i < n * n; ++i)
        left += static_cast<double>(d[i]) * static_cast<double>(x[i]), scale += std::pow(static_cast<double>(d[i]), 2);
    for (Index i = 0; i < points.n_points; ++i)
        right += static_cast<double>(y[i].re) * static_cast<double>(q[i].re) +
                 static_cast<double>(y[i].im) * static_cast<double>(q[i].im);
    EXPECT_NEAR(left, right, 1e-6 * std::sqrt(scale) * static_cast<double>(n));
}

/// Largest difference between the image of a source near a corner and the PSF moved there, over the source's flux.
double misfit(Device const& device, ImageGeometry const& grid, Slant const& slant, NodeGeometry const& points)
{
    Index const n = grid.n_pixels, y0 = 7 * n / 8, x0 = n / 8, reach = n / 10;
    WGridder gridder(device, grid, 5e-6, points, slant);
    Buffer<float> image(device, n * n), psf(device, n * n);
    Buffer<Vis> y(device, points.n_points);
    std::vector<float> one(n * n);
    one[y0 * n + x0] = 1;
    gridder.predict(to_device(device, one), y);
    gridder.dirty(y, image);
    gridder.dirty(to_device(device, std::vector<Vis>(points.n_points, Vis{1, 0})), psf);
    auto const a = image.to_host(), b = psf.to_host();
    double most = 0;
    for (Index dy = -reach; dy <= reach; ++dy)
        for (Index dx = -reach; dx <= reach; ++dx)
            most = std::max(most, std::abs(static_cast<double>(a[(y0 + dy) * n + x0 + dx]) -
                                           static_cast<double>(b[(n / 2 + dy) * n + n / 2 + dx])));
    return most / static_cast<double>(b[n / 2 * n + n / 2]);
}

TEST_P(SlantedGridder, has_one_psf_for_a_flat_array)
{
    ImageGeometry const image{600, 12 * arcsec_rad, {}};
    for (double dec : {0.0, 54.6, 85.0}) {
        auto const points = test::array_layout(8, 24, 4, 12, dec * degree_rad);
        auto const slant = slant_of_points(points, image);
        double const plain = misfit(device(), image, {}, points),
                     slanted = misfit(device(), slanted_grid(image, slant), slant, points);
        EXPECT_GT(plain, 0.01) << dec;
        EXPECT_LT(slanted, 1e-3) << dec;
    }
}

INSTANTIATE_TEST_SUITE_P(devices, SlantedGridder, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
