// SIN projection between pixels and the sky (Calabretta & Greisen 2002, A&A 395, 1077, eq. 59 and 60 with ξ = η = 0).
// Enters: an ImageGeometry. Leaves: exact positions both ways. Pixels (x, y) count from 0; FITS pixel = x + 1.
#pragma once

#include "nocturne/image.hpp"

#include <array>
#include <optional>
#include <string>

namespace nocturne {

/// Position in pixels from 0: x is the column (grows to the west), y the row (grows to the north).
struct PixelPosition {
    double x = 0, y = 0;
};

/// Direction cosines (l, m) of `direction` seen from `centre`; none where it is 90° away or more.
std::optional<std::array<double, 2>> plane_coordinates(Direction centre, Direction direction);

/// The pixel that shows `direction`, also outside the image; none where it lies 90° or more from the centre.
std::optional<PixelPosition> sky_to_pixel(ImageGeometry const& geometry, Direction direction);

/// The direction that pixel (x, y) shows, right ascension in [0, 2π); none where l² + m² > 1 (beyond the horizon).
std::optional<Direction> pixel_to_sky(ImageGeometry const& geometry, PixelPosition pixel);

/// The angle between two directions in radians, exact also for small ones (Vincenty's formula on the sphere).
double separation_rad(Direction a, Direction b);

/// "12:34:56.78", hours; `decimals` of the seconds, rounded with carry.
std::string format_ra(double ra_rad, int decimals = 2);
/// "+54:32:10.9", degrees; `decimals` of the seconds of arc, rounded with carry.
std::string format_dec(double dec_rad, int decimals = 1);

}  // namespace nocturne
