// PNG bytes decode to the pixels that went in.
#include "io/png_writer.hpp"

#include <gtest/gtest.h>

#include <png.h>

namespace nocturne {
namespace {

TEST(Png, decodes_to_the_same_pixels)
{
    std::vector<std::uint8_t> rgb;
    for (int i = 0; i < 5 * 3 * 3; ++i) rgb.push_back(static_cast<std::uint8_t>(i * 37));
    auto const file = encode_png(5, 3, rgb);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    ASSERT_TRUE(png_image_begin_read_from_memory(&image, file.data(), file.size()));
    image.format = PNG_FORMAT_RGB;
    ASSERT_EQ(image.width, 5U);
    ASSERT_EQ(image.height, 3U);
    std::vector<std::uint8_t> back(PNG_IMAGE_SIZE(image));
    ASSERT_TRUE(png_image_finish_read(&image, nullptr, back.data(), 0, nullptr));
    EXPECT_EQ(back, rgb);
    EXPECT_THROW(encode_png(5, 4, rgb), Error);
}

}  // namespace
}  // namespace nocturne
