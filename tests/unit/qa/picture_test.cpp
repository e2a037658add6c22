// Pictures: orientation, limits, down-sampling by area, pixels that are not finite.
#include "qa/picture.hpp"

#include "nocturne/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace nocturne {
namespace {

Image noise_image(Index n)
{
    Image image;
    image.geometry = {n, 3 * arcsec_rad, {degrees(10), degrees(20)}};
    std::mt19937 random(4);
    std::normal_distribution<float> normal(0, 1e-3F);
    for (Index i = 0; i < n * n; ++i) image.pixels.push_back(normal(random));
    return image;
}

int brightness(Picture const& p, Index row, Index column)
{
    auto const at = static_cast<std::size_t>((row * p.width + column) * 3);
    return p.rgb[at] + p.rgb[at + 1] + p.rgb[at + 2];
}

TEST(Picture, has_north_up_and_the_first_column_left)
{
    auto image = noise_image(64);
    image.pixels[60 * 64 + 5] = 1;  // high row: near the top of the picture
    auto const picture = draw_picture(image);
    ASSERT_EQ(picture.width, 64);
    EXPECT_EQ(brightness(picture, 3, 5), 252 + 255 + 164);
    EXPECT_LT(brightness(picture, 60, 5), 400);
}

TEST(Picture, averages_over_areas)
{
    auto image = noise_image(100);
    for (auto& p : image.pixels) p = 0;
    for (Index y = 0; y < 3; ++y)
        for (Index x = 0; x < 3; ++x) image.pixels[static_cast<std::size_t>(y * 100 + x)] = 9;
    image.pixels[static_cast<std::size_t>(99 * 100 + 99)] = 9;  // alone in the last, narrow block
    PictureArgs args;
    args.max_pixels = 34;
    args.stretch = Stretch::linear;
    args.high_quantile = 1;
    auto const picture = draw_picture(image, args);
    EXPECT_EQ(picture.step, 3);
    EXPECT_EQ(picture.width, 34);
    EXPECT_NEAR(picture.high_jy, 9, 1e-6);
    EXPECT_EQ(brightness(picture, 33, 0), brightness(picture, 0, 33));
}

TEST(Picture, limits_follow_the_noise_not_the_outliers)
{
    auto image = noise_image(256);
    image.pixels[7] = 1e6F;
    image.pixels[8] = -1e6F;
    auto const picture = draw_picture(image);
    EXPECT_NEAR(picture.low_jy, -2.5e-3, 1e-4);
    EXPECT_NEAR(picture.high_jy, 10e-3, 1e-3);
    EXPECT_EQ(stretched(picture, -1), 0);
    EXPECT_EQ(stretched(picture, 1), 1);
    EXPECT_LT(stretched(picture, 0), stretched(picture, 1e-3));
}

TEST(Picture, of_either_sign_reaches_as_far_below_as_above)
{
    auto image = noise_image(256);
    for (std::size_t i = 0; i < 60; ++i) image.pixels[i] = -0.5F;
    PictureArgs args;
    args.either_sign = true;
    auto const picture = draw_picture(image, args);
    EXPECT_NEAR(picture.low_jy, -0.5, 1e-3);
    EXPECT_NEAR(picture.high_jy, 0.5, 1e-3);
    EXPECT_NEAR(stretched(picture, 0), 0.5, 1e-2);
    EXPECT_NEAR(draw_picture(image).low_jy, -2.5e-3, 1e-4);
}

TEST(Picture, draws_what_is_not_finite_grey_and_refuses_an_image_of_nothing_else)
{
    auto image = noise_image(16);
    image.pixels[0] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(brightness(draw_picture(image), 15, 0), 3 * 128);
    for (auto& p : image.pixels) p = std::numeric_limits<float>::infinity();
    EXPECT_THROW(draw_picture(image), Error);
    image.pixels.resize(3);
    EXPECT_THROW(draw_picture(image), Error);
}

TEST(Picture, of_a_constant_image_and_with_a_bar)
{
    auto image = noise_image(64);
    for (auto& p : image.pixels) p = 0;
    auto const picture = draw_picture(image);
    auto const wider = with_colour_bar(picture);
    EXPECT_EQ(static_cast<Index>(wider.rgb.size()), wider.width * wider.height * 3);
    EXPECT_EQ(brightness(wider, 0, wider.width - 1), 252 + 255 + 164);
    EXPECT_EQ(brightness(wider, 63, wider.width - 1), 4);
    EXPECT_EQ(brightness(wider, 10, 10), brightness(picture, 10, 10));
}

TEST(Picture, colours_grow_lighter)
{
    double before = -1;
    for (int i = 0; i <= 64; ++i) {
        auto const c = colour(i / 64.0);
        double const lightness = 0.2126 * std::pow(c[0] / 255.0, 2.2) + 0.7152 * std::pow(c[1] / 255.0, 2.2) +
                                 0.0722 * std::pow(c[2] / 255.0, 2.2);
        EXPECT_GT(lightness, before);
        before = lightness;
    }
}

}  // namespace
}  // namespace nocturne
