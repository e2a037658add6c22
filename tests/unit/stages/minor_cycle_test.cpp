// Minor cycles by tiles against Högbom's algorithm as it is written down: the same components, one after another.
#include "stages/image/minor_cycle.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace nocturne {
namespace {

struct Field {
    Index n;
    std::vector<float> image, psf;

    /// Sources under a PSF with a lobe and sidelobes that reach far and differ from place to place, and noise.
    Field(Index pixels, int sources, unsigned seed)
        : n(pixels), image(static_cast<std::size_t>(n * n)), psf(image.size())
    {
        std::mt19937 random(seed);
        std::normal_distribution<float> normal;
        std::uniform_int_distribution<Index> place(2, n - 3);
        for (Index y = 0; y < n; ++y)
            for (Index x = 0; x < n; ++x) {
                auto const dy = static_cast<float>(y - n / 2), dx = static_cast<float>(x - n / 2);
                float const r = std::sqrt(dx * dx + dy * dy);
                float const rings = 0.2F * std::cos(0.7F * dx) * std::cos(0.3F * dy) / (1 + 0.1F * r);
                psf[static_cast<std::size_t>(y * n + x)] = r == 0 ? 1 : rings + 0.5F * std::exp(-0.2F * r * r);
            }
        for (auto& pixel : image) pixel = 0.01F * normal(random);
        for (int s = 0; s < sources; ++s) {
            Index const sy = place(random), sx = place(random);
            float const flux = (s % 3 == 2 ? -1.0F : 1.0F) / (1 + 0.3F * static_cast<float>(s));
            for (Index y = 0; y < n; ++y)
                for (Index x = 0; x < n; ++x)
                    image[static_cast<std::size_t>(y * n + x)] += flux * at_psf(y - sy, x - sx);
        }
    }

    float at_psf(Index dy, Index dx) const
    {
        Index const y = dy + n / 2, x = dx + n / 2;
        return y < 0 || x < 0 || y >= n || x >= n ? 0 : psf[static_cast<std::size_t>(y * n + x)];
    }
};

/// Högbom 1974: the largest |pixel|, a share of it, the whole PSF.
std::vector<CleanComponent> as_written_down(Field field, std::vector<std::uint8_t> const& mask, MinorRules const& rules)
{
    std::vector<CleanComponent> found;
    while (static_cast<Index>(found.size()) < rules.iterations) {
        std::size_t at = field.image.size();
        for (std::size_t i = 0; i < field.image.size(); ++i)
            if (mask[i] && (at == field.image.size() || std::abs(field.image[i]) > std::abs(field.image[at]))) at = i;
        if (at == field.image.size() || std::abs(field.image[at]) <= static_cast<float>(rules.stop_jy)) break;
        Index const cy = static_cast<Index>(at) / field.n, cx = static_cast<Index>(at) % field.n;
        auto const flux = static_cast<float>(rules.gain * static_cast<double>(field.image[at]));
        found.push_back({static_cast<std::int32_t>(cx), static_cast<std::int32_t>(cy), flux});
        for (Index y = 0; y < field.n; ++y)
            for (Index x = 0; x < field.n; ++x) {
                float& pixel = field.image[static_cast<std::size_t>(y * field.n + x)];
                pixel = std::fma(-flux, field.at_psf(y - cy, x - cx), pixel);
            }
    }
    return found;
}

std::vector<CleanComponent> by_tiles(Field const& field, std::vector<std::uint8_t> const& mask, MinorRules const& rules,
                                     Index& tiles_done)
{
    auto const device = make_device("kokkos");
    Index const n = field.n;
    auto const image = to_device(device, field.image), psf = to_device(device, field.psf);
    auto const marks = to_device(device, mask);
    MinorCycle cycle(device, n, psf.view(n, n), PsfReach(make_view(field.psf.data(), n, n)), rules.iterations);
    auto const found = cycle.run(image.view(n, n), marks.view(n, n), rules);
    tiles_done = cycle.tiles_done();
    return found;
}

void expect_same(std::vector<CleanComponent> const& found, std::vector<CleanComponent> const& right)
{
    ASSERT_EQ(found.size(), right.size());
    for (std::size_t k = 0; k < right.size(); ++k) {
        ASSERT_EQ(found[k].x, right[k].x) << "component " << k;
        ASSERT_EQ(found[k].y, right[k].y) << "component " << k;
        ASSERT_EQ(found[k].flux_jy, right[k].flux_jy) << "component " << k;
    }
}

TEST(MinorCycle, finds_the_components_of_the_whole_image_algorithm)
{
    Field const field(320, 7, 3);
    std::vector<std::uint8_t> const everywhere(field.image.size(), 1);
    MinorRules const rules{0.1, 0.05, 400};
    Index tiles_done = 0;
    auto const right = as_written_down(field, everywhere, rules);
    ASSERT_GT(right.size(), 100U);
    expect_same(by_tiles(field, everywhere, rules, tiles_done), right);
    EXPECT_LT(tiles_done, 25 * static_cast<Index>(right.size()) / 4) << "tiles that cannot matter are left alone";
}

/// Sidelobes of what is cleaned that are not subtracted look like sources: it ends before it comes down to their sum.
TEST(MinorCycle, ends_above_what_its_components_leave_far_away)
{
    Field const field(320, 7, 3);
    std::vector<std::uint8_t> const everywhere(field.image.size(), 1);
    MinorRules rules{0.1, 0.05, 400};
    Index tiles_done = 0;
    auto right = by_tiles(field, everywhere, rules, tiles_done);
    rules.outer_sidelobe = 0.3;
    auto const found = by_tiles(field, everywhere, rules, tiles_done);
    ASSERT_FALSE(found.empty());
    ASSERT_LT(found.size(), right.size());
    EXPECT_GT(std::abs(found.back().flux_jy), 0.1F * 0.3F * 0.7F)
        << "beside a source of 1 Jy that was taken to 0.3 or deeper";
    right.resize(found.size());
    expect_same(found, right);
}

TEST(MinorCycle, keeps_to_its_mask)
{
    Field const field(200, 5, 8);
    std::vector<std::uint8_t> mask(field.image.size());
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = i % 7 == 3 && i > mask.size() / 3;
    MinorRules const rules{0.2, 0.02, 150};
    Index tiles_done = 0;
    auto const expected = as_written_down(field, mask, rules);
    expect_same(by_tiles(field, mask, rules, tiles_done), expected);
    auto told = rules;
    auto const tiles = masked_tiles(make_view(static_cast<std::uint8_t const*>(mask.data()), field.n, field.n));
    told.tiles = &tiles;
    Index fewer = 0;
    expect_same(by_tiles(field, mask, told, fewer), expected);
    EXPECT_LT(fewer, tiles_done);
}

TEST(MinorCycle, an_empty_mask_has_no_components)
{
    Field const field(100, 2, 1);
    Index tiles_done = 0;
    std::vector<std::uint8_t> const nowhere(field.image.size(), 0);
    EXPECT_TRUE(by_tiles(field, nowhere, {0.1, 0, 10}, tiles_done).empty());
}

TEST(PsfReach, bounds_every_pixel_of_every_pair_of_tiles)
{
    Field const field(250, 0, 1);
    PsfReach const reach(make_view(field.psf.data(), field.n, field.n));
    constexpr Index size = PendingTile::size;
    for (Index dy = -5; dy <= 5; ++dy)
        for (Index dx = -5; dx <= 5; ++dx) {
            float most = 0;
            for (Index y = dy * size - size + 1; y < dy * size + size; ++y)
                for (Index x = dx * size - size + 1; x < dx * size + size; ++x)
                    most = std::max(most, std::abs(field.at_psf(y, x)));
            EXPECT_GE(reach(dy, dx), most) << dy << ", " << dx;
        }
    EXPECT_EQ(reach(40, 0), 0);
}

}  // namespace
}  // namespace nocturne
