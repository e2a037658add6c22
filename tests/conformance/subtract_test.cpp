// `subtract` on every device, and its tile on real threads, against the oracle: PSFs as large as the image and smaller,
// components at the edges, images that are no multiple of a tile, masks, equal peaks.
#include "kernels/subtract.hpp"

#include "tests/oracle/subtract.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/thread_team.hpp"

#include <cmath>
#include <random>

namespace nocturne {
namespace {

struct Sky {
    Index n, h, w;
    std::vector<float> image, psf;
    std::vector<std::uint8_t> mask;
    std::vector<CleanComponent> components;
    std::vector<PendingTile> tiles;

    Sky(Index pixels, Index psf_rows, Index psf_columns, int seen_of) : n(pixels), h(psf_rows), w(psf_columns)
    {
        std::mt19937 random(11);
        std::normal_distribution<float> normal;
        for (Index i = 0; i < n * n; ++i) {
            image.push_back(normal(random));
            mask.push_back(random() % static_cast<unsigned>(seen_of) == 0);
        }
        for (Index i = 0; i < h * w; ++i) psf.push_back(0.1F * normal(random));
        for (int k = 0; k < 9; ++k)
            components.push_back({static_cast<std::int32_t>(random() % static_cast<unsigned>(n)),
                                  static_cast<std::int32_t>(random() % static_cast<unsigned>(n)), normal(random)});
        components.push_back({0, 0, 2});
        components.push_back({static_cast<std::int32_t>(n - 1), 0, -1.5F});
        auto const end = static_cast<std::int32_t>(components.size());
        for (std::int32_t y = 0; y < n; y += PendingTile::size)
            for (std::int32_t x = 0; x < n; x += PendingTile::size) tiles.push_back({x, y, (x + y) % 3, end});
    }

    struct Result {
        std::vector<float> image;
        std::vector<TilePeak> peaks;
    };

    template<class Launcher>
    Result run_on(Device const& device, Launcher const& launcher) const
    {
        auto const pixels = to_device(device, image), beam = to_device(device, psf);
        auto const marks = to_device(device, mask);
        auto const list = to_device(device, components);
        auto const todo = to_device(device, tiles);
        Buffer<TilePeak> peaks(device, todo.size());
        launcher(SubtractArgs{pixels.view(n, n), marks.view(n, n), beam.view(h, w), list.view(list.size()),
                              todo.view(todo.size()), peaks.view(peaks.size())});
        finish(device);
        return {pixels.to_host(), peaks.to_host()};
    }

    void expect_right(Result const& result) const
    {
        std::vector<double> const wide(image.begin(), image.end()), beam(psf.begin(), psf.end());
        for (std::size_t t = 0; t < tiles.size(); ++t) {
            auto const& tile = tiles[t];
            std::vector<oracle::PointOfModel> pending;
            for (auto k = tile.first; k < tile.end; ++k) {
                auto const& c = components[static_cast<std::size_t>(k)];
                pending.push_back({c.x, c.y, static_cast<double>(c.flux_jy)});
            }
            auto const right = oracle::subtract(wide, n, beam, h, w, pending);
            TilePeak best;
            for (Index y = tile.y0; y < std::min<Index>(n, tile.y0 + PendingTile::size); ++y)
                for (Index x = tile.x0; x < std::min<Index>(n, tile.x0 + PendingTile::size); ++x) {
                    auto const i = static_cast<std::size_t>(y * n + x);
                    ASSERT_NEAR(result.image[i], right[i], 3e-6) << "pixel " << x << ", " << y;
                    if (mask[i] && (best.x < 0 || std::abs(result.image[i]) > std::abs(best.value)))
                        best = {result.image[i], static_cast<std::int32_t>(x), static_cast<std::int32_t>(y)};
                }
            auto const& peak = result.peaks[t];
            EXPECT_EQ(peak.x, best.x) << "tile " << t;
            EXPECT_EQ(peak.y, best.y) << "tile " << t;
            EXPECT_EQ(peak.value, best.value) << "tile " << t;
        }
    }
};

std::vector<Sky> skies()
{
    return {Sky(128, 128, 128, 1), Sky(200, 200, 200, 3), Sky(90, 40, 24, 1), Sky(64, 64, 64, 5000),
            Sky(30, 30, 30, 2)};
}

class Subtract : public test::OnEveryDevice {};

TEST_P(Subtract, equals_the_oracle)
{
    for (auto const& sky : skies()) {
        SCOPED_TRACE("image of " + std::to_string(sky.n));
        sky.expect_right(sky.run_on(device(), [&](SubtractArgs const& args) { run(device(), args); }));
    }
}

TEST_P(Subtract, finds_the_first_of_equal_peaks_without_a_mask)
{
    Index const n = 96;
    std::vector<float> image(n * n, 0.5F);
    image[40 * n + 70] = -3;
    image[40 * n + 80] = 3;
    image[41 * n + 66] = 3;
    auto const pixels = to_device(device(), image);
    auto const one = to_device(device(), std::vector<std::uint8_t>{1});
    auto const psf = to_device(device(), std::vector<float>(4, 1.0F));
    auto const tiles = to_device(device(), std::vector<PendingTile>{{0, 0, 0, 0}, {64, 0, 0, 0}});
    Buffer<CleanComponent> none(device(), 1);
    Buffer<TilePeak> peaks(device(), 2);
    run(device(),
        SubtractArgs{pixels.view(n, n), make_constant_view(static_cast<std::uint8_t const*>(one.data()), n, n),
                     psf.view(2, 2), none.view(0), tiles.view(2), peaks.view(2)});
    finish(device());
    auto const found = peaks.to_host();
    EXPECT_EQ(found[0].value, 0.5F);
    EXPECT_EQ(found[0].x, 0);
    EXPECT_EQ(found[0].y, 0);
    EXPECT_EQ(found[1].value, -3.0F);
    EXPECT_EQ(found[1].x, 70);
    EXPECT_EQ(found[1].y, 40);
}

TEST_P(Subtract, a_tile_done_late_has_the_same_bits)
{
    Sky const sky(192, 192, 192, 1);
    auto at_once = sky.run_on(device(), [&](SubtractArgs const& args) { run(device(), args); });
    auto late = sky, early = sky;
    for (auto& tile : early.tiles) tile.end = 5;
    for (auto& tile : late.tiles) tile.first = 5;
    late.image = early.run_on(device(), [&](SubtractArgs const& args) { run(device(), args); }).image;
    EXPECT_EQ(late.run_on(device(), [&](SubtractArgs const& args) { run(device(), args); }).image, at_once.image);
}

TEST_P(Subtract, refuses_shapes_that_differ)
{
    Buffer<float> image(device(), 16), psf(device(), 9);
    Buffer<std::uint8_t> mask(device(), 16);
    Buffer<CleanComponent> components(device(), 1);
    Buffer<PendingTile> tiles(device(), 1);
    Buffer<TilePeak> peaks(device(), 2);
    SubtractArgs args{image.view(4, 4),   mask.view(4, 4), psf.view(3, 3),
                      components.view(1), tiles.view(1),   peaks.view(1)};
    EXPECT_THROW(run(device(), args), Error);
    args.psf = psf.view(2, 2);
    args.peaks = peaks.view(2);
    EXPECT_THROW(run(device(), args), Error);
}

INSTANTIATE_TEST_SUITE_P(devices, Subtract, test::every_backend(), test::backend_name);

TEST(SubtractTeam, threads_agree_with_the_oracle)
{
    for (auto const& sky : skies())
        sky.expect_right(sky.run_on(KokkosDevice{}, [&](SubtractArgs const& args) {
            test::for_each_tile_threaded(args.tiles.extent[0], 4, SubtractTile::scratch_bytes(4), SubtractTile{args});
        }));
}

}  // namespace
}  // namespace nocturne
