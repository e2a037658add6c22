// Where CLEAN may go by a catalogue. Enters: catalogues of sources, a grid. Leaves: a mask of circles.
#pragma once

#include "sky/sources.hpp"
#include "stages/image/settings.hpp"
#include "stages/image/slant.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

/// Sources of several catalogues that are nearer to each other than this are one.
constexpr double same_source_rad = 20 * arcsec_rad;

/// The sources of `wish` within the image's corners and a radius more, at least as bright as asked for. Where catalogues have the same
/// source, the first one's counts: too faint there, it gets no circle. Throws Error(input_missing, bad_input) as sources_around does.
std::vector<Source> mask_sources(CatalogueMask const& wish, ImageGeometry const& image);

struct CircleArgs {
    ImageGeometry grid;  ///< of (l', m') where there is a slant
    Slant slant;
    double radius_rad = 0;
};

/// [n × n]: 1 where the middle of a pixel is within the radius of a source, on the sphere; 0 elsewhere.
std::vector<std::uint8_t> circles(std::vector<Source> const& sources, CircleArgs const& args);

/// What a user should know of it.
std::string note_of(CatalogueMask const& wish, std::size_t n_sources);

}  // namespace nocturne
