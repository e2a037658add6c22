// Fills in what a report says of an image. Enters: images with pixels and a PNG encoder. Leaves: parts of a GroupReport.
#pragma once

#include "qa/report.hpp"

namespace nocturne {

/// Sets report.about, peak_jy, histogram, pictures[0], sources; with a `psf` (may be null) also its picture, cuts and
/// largest sidelobe, which for dirty images is the floor under the sources listed. Throws what draw_picture throws.
void describe_image(GroupReport& report, Image const& image, Image const* psf, PngEncoder const& encode);

/// Appends one more picture (a residual, a model, …) below the first.
void add_picture(GroupReport& report, Image const& image, PngEncoder const& encode, PictureArgs const& args = {});

}  // namespace nocturne
