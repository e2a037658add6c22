// `upsample` and its transpose on every device against the matrices written out.
#include "kernels/upsample.hpp"
#include "tests/oracle/upsample.hpp"
#include "tests/support/devices.hpp"

#include <random>

namespace nocturne {
namespace {

class Upsample : public test::OnEveryDevice {};

struct Shape {
    Index n, nc;
    int half_taps;
};

HalfBand filter_of(int half_taps, std::vector<double>& taps)
{
    HalfBand filter;
    filter.half_taps = half_taps;
    for (int j = 0; j < half_taps; ++j) {
        filter.taps[j] = (j % 2 ? -0.6F : 0.6F) / static_cast<float>(j + 1);
        taps.push_back(filter.taps[j]);
    }
    return filter;
}

std::vector<float> random_image(Index n)
{
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<float> image(n * n);
    for (auto& v : image) v = normal(random);
    return image;
}

void expect_near(std::vector<float> const& got, std::vector<double> const& exact, Shape const& shape)
{
    ASSERT_EQ(got.size(), exact.size());
    for (std::size_t i = 0; i < got.size(); ++i)
        ASSERT_NEAR(got[i], exact[i], 2e-5) << "pixel " << i << " of " << shape.n << " from " << shape.nc;
}

/// Both parities of n/2, where the first pixel is a copy or lies between.
std::vector<Shape> const shapes{{40, 32, 4}, {42, 32, 4}, {64, 64, 12}, {46, 48, 8}};

TEST_P(Upsample, equals_the_oracle)
{
    for (auto const& shape : shapes) {
        std::vector<double> taps;
        auto const filter = filter_of(shape.half_taps, taps);
        auto const coarse = random_image(shape.nc);
        auto const d_coarse = to_device(device(), coarse);
        Buffer<float> fine(device(), shape.n * shape.n), work(device(), shape.n * shape.nc);
        run(device(), UpsampleArgs{d_coarse.view(shape.nc, shape.nc), fine.view(shape.n, shape.n),
                                   work.view(shape.n, shape.nc), filter});
        auto const matrix = oracle::upsampling_matrix(static_cast<int>(shape.n), static_cast<int>(shape.nc), taps);
        expect_near(fine.to_host(), oracle::on_both_sides(matrix, {coarse.begin(), coarse.end()}), shape);
    }
}

TEST_P(Upsample, has_the_transpose)
{
    for (auto const& shape : shapes) {
        std::vector<double> taps;
        auto const filter = filter_of(shape.half_taps, taps);
        auto const fine = random_image(shape.n);
        auto const d_fine = to_device(device(), fine);
        Buffer<float> coarse(device(), shape.nc * shape.nc), work(device(), shape.n * shape.nc);
        run(device(), DownsampleArgs{d_fine.view(shape.n, shape.n), coarse.view(shape.nc, shape.nc),
                                     work.view(shape.n, shape.nc), filter});
        auto const matrix = oracle::upsampling_matrix(static_cast<int>(shape.n), static_cast<int>(shape.nc), taps);
        expect_near(coarse.to_host(), oracle::on_both_sides(oracle::transposed(matrix), {fine.begin(), fine.end()}),
                    shape);
    }
}

TEST_P(Upsample, cuts_and_pads_without_a_filter)
{
    Index const n = 20, nc = 32;
    auto const image = random_image(nc);
    auto const d_image = to_device(device(), image);
    Buffer<float> fine(device(), n * n), back(device(), nc * nc), none(device(), 0);
    run(device(), UpsampleArgs{d_image.view(nc, nc), fine.view(n, n), none.view(0, nc), {}});
    run(device(), DownsampleArgs{fine.view(n, n), back.view(nc, nc), none.view(0, nc), {}});
    auto const got = back.to_host();
    for (Index y = 0; y < nc; ++y)
        for (Index x = 0; x < nc; ++x) {
            bool const inside = y >= 6 && y < 26 && x >= 6 && x < 26;
            ASSERT_EQ(got[y * nc + x], inside ? image[y * nc + x] : 0.F) << y << " " << x;
        }
}

TEST_P(Upsample, refuses_a_border_too_narrow_for_the_filter)
{
    std::vector<double> taps;
    Buffer<float> coarse(device(), 24 * 24), fine(device(), 1600), work(device(), 40 * 24);
    UpsampleArgs const args{coarse.view(24, 24), fine.view(40, 40), work.view(40, 24), filter_of(4, taps)};
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Upsample, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
