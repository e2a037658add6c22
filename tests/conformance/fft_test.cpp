// `fft` on every device against its oracle: lengths with every radix, sparse planes, screens; its transpose.
#include "kernels/fft.hpp"
#include "tests/oracle/fft.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/lattice.hpp"

namespace nocturne {
namespace {

class Fft : public test::OnEveryDevice {};

struct Case {
    Device device;
    Index n, kept, rows;  ///< of the screen
    test::SmallLattice lattice;
    std::vector<std::int32_t> theta;
    Buffer<std::int32_t> device_theta;
    Buffer<float> work;

    /// A screen of all rows, or of half of them.
    Case(Device const& d, Index cells, Index pixels, Index screen_rows)
        : device(d),
          n(cells),
          kept(pixels),
          rows(screen_rows),
          lattice(d, cells, 5, 4, 4, 0.6),
          theta(rows * pixels),
          work(d, std::visit([&](auto const& x) { return fft_work(x, cells, pixels); }, d))
    {
        for (std::size_t i = 0; i < theta.size(); ++i) theta[i] = static_cast<std::int32_t>(i * 2654435761U);
        device_theta = to_device(d, theta);
    }
    KeptImage kept_image() { return {kept, device_theta.view(rows, kept)}; }
    double screen_turns(Index y, Index x, Index plane) const
    {
        Index const row = rows == kept ? y : std::abs(y - kept / 2);
        return theta[row * kept + x] * 0x1p-32 * (static_cast<double>(plane) + lattice.value.first_plane);
    }
    /// The plane as the pool holds it.
    template<class T>
    std::vector<std::complex<double>> dense(std::vector<T> const& pool, Index plane) const
    {
        std::vector<std::complex<double>> cells(n * n);
        for (Index row = 0; row < n; ++row)
            for (Index column = 0; column < n; ++column) {
                Index const at = lattice.offset(row, column, plane);
                if (at >= 0)
                    cells[row * n + column] = {static_cast<double>(pool[at]), static_cast<double>(pool[at + 8])};
            }
        return cells;
    }
};

TEST_P(Fft, makes_the_image_of_a_plane)
{
    for (auto const& [n, kept] :
         {std::pair<Index, Index>{16, 16}, {24, 16}, {40, 32}, {72, 48}, {128, 64}, {120, 80}}) {
        Case c(device(), n, kept, n % 3 == 0 ? kept : kept / 2 + 1);
        std::mt19937 random(2);
        std::vector<std::int64_t> pool(c.lattice.pool_size());
        for (auto& v : pool) v = static_cast<std::int64_t>(random()) - (1LL << 31);
        auto const d_pool = to_device(device(), pool);
        auto image = to_device(device(), std::vector<float>(kept * kept, 1.F));
        for (Index plane : {0, 4})
            run(device(), PlaneToImageArgs{c.lattice.value, plane, d_pool.view(d_pool.size()), 0x1p-31F, c.kept_image(),
                                           image.view(kept, kept), c.work.view(c.work.size())});
        auto const got = image.to_host();
        auto const first = c.dense(pool, 0), last = c.dense(pool, 4);
        double difference = 0, norm = 0;
        for (Index i = 0; i < 40; ++i) {
            Index const y = i < 4 ? i / 2 * (kept - 1) : static_cast<Index>(random() % kept);
            Index const x = i < 4 ? i % 2 * (kept - 1) : static_cast<Index>(random() % kept);
            auto const pixel = [&](auto const& cells, Index plane) {
                return oracle::screened_pixel(cells, static_cast<int>(n), static_cast<int>(x - kept / 2),
                                              static_cast<int>(y - kept / 2), c.screen_turns(y, x, plane));
            };
            double const exact = 1 + 0x1p-31 * (pixel(first, 0) + pixel(last, 4));
            difference += std::pow(got[y * kept + x] - exact, 2);
            norm += exact * exact;
        }
        EXPECT_LT(std::sqrt(difference / norm), 1e-6) << n;
    }
}

TEST_P(Fft, makes_the_plane_of_an_image)
{
    for (auto const& [n, kept] : {std::pair<Index, Index>{16, 16}, {40, 32}, {72, 48}, {120, 80}}) {
        Case c(device(), n, kept, n % 3 == 0 ? kept : kept / 2 + 1);
        std::mt19937 random(2);
        std::normal_distribution<double> normal;
        std::vector<double> exact_image(kept * kept), turns(kept * kept);
        std::vector<float> image(kept * kept);
        for (Index i = 0; i < kept * kept; ++i) {
            image[i] = static_cast<float>(normal(random));
            exact_image[i] = image[i];
            turns[i] = c.screen_turns(i / kept, i % kept, 3);
        }
        auto const d_image = to_device(device(), image);
        Buffer<float> pool(device(), c.lattice.pool_size());
        pool.clear();
        run(device(), ImageToPlaneArgs{c.lattice.value, 3, pool.view(pool.size()), c.kept_image(),
                                       d_image.view(kept, kept), c.work.view(c.work.size())});
        auto const got = c.dense(pool.to_host(), 3);
        double difference = 0, norm = 0;
        int compared = 0;
        for (Index at = 0; at < n * n && compared < 60; at += 1 + static_cast<Index>(random() % (n * n / 100))) {
            if (c.lattice.offset(at / n, at % n, 3) < 0) continue;
            auto const exact = oracle::cell_of_image(exact_image, turns, static_cast<int>(kept), static_cast<int>(n),
                                                     static_cast<int>(at / n), static_cast<int>(at % n));
            difference += std::norm(got[at] - exact);
            norm += std::norm(exact);
            ++compared;
        }
        ASSERT_GT(compared, 5);
        EXPECT_LT(std::sqrt(difference / norm), 1e-6) << n;
    }
}

TEST(FftLength, is_a_product_of_2_3_and_5)
{
    EXPECT_EQ(next_fft_length(1), 8);
    EXPECT_EQ(next_fft_length(3433), 3456);
    EXPECT_TRUE(is_fft_length(3600));
    EXPECT_FALSE(is_fft_length(3500));
    EXPECT_FALSE(is_fft_length(100));
    EXPECT_FALSE(is_fft_length(0));
    EXPECT_EQ(fft_passes(4096), 4);
    EXPECT_EQ(fft_passes(3456), 6);
}

INSTANTIATE_TEST_SUITE_P(devices, Fft, test::every_backend(), test::backend_name);

}  // namespace
}  // namespace nocturne
