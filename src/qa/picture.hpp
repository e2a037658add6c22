// Images as colours. Enters: an Image. Leaves: RGB bytes, and what a frame around them needs (limits, extent).
#pragma once

#include "nocturne/image.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace nocturne {

enum class Stretch { linear, asinh };

using Rgb = std::array<std::uint8_t, 3>;

/// The colour of `t` in [0, 1] (clamped) on a perceptually uniform map from black through purple to yellow (inferno).
Rgb colour(double t);

/// Rows from the top (north up, east to the left), three bytes a pixel. The part of the image shown is the pixels
/// [first_x, first_x + span) by [first_y, first_y + span), averaged over blocks of step × step.
struct Picture {
    Index width = 0, height = 0;
    std::vector<std::uint8_t> rgb;  ///< [height][width][3]
    ImageGeometry geometry;         ///< of the whole image
    Index first_x = 0, first_y = 0, span = 0, step = 1;
    double low_jy = 0, high_jy = 0;  ///< shown as colour(0) and colour(1)
    double soft_jy = 0;              ///< asinh: linear below about this
    Stretch stretch = Stretch::asinh;
};

struct PictureArgs {
    Index max_pixels = 1024;  ///< the larger side of the picture; the image is averaged down to it
    Index span = 0;           ///< pixels of the image around its centre; 0 = all
    Stretch stretch = Stretch::asinh;
    double low_sigma = -2.5;        ///< low end, in units of the robust noise around the median
    double high_quantile = 0.9998;  ///< high end: this quantile of the pixels shown, and 10 sigma at least
    bool either_sign = false;       ///< Stokes Q, U, V: from as far below the median as above it
};

/// Where a value stands between the ends of the colour map, in [0, 1].
double stretched(Picture const& picture, double value_jy);

/// The picture of an image; pixels that are not finite are drawn grey. Throws Error(bad_input) where none is finite or
/// the number of pixels is not that of the geometry.
Picture draw_picture(Image const& image, PictureArgs const& args = {});

/// The same picture with a colour bar to the right, for a stand-alone file: `bar` pixels of colour after a gap.
Picture with_colour_bar(Picture const& picture);

/// Encodes RGB rows as a PNG file in memory; the caller has one (qa knows no file format).
using PngEncoder = std::function<std::string(Index width, Index height, std::vector<std::uint8_t> const& rgb)>;

}  // namespace nocturne
