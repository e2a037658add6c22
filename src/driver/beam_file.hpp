// The primary beam of a file. Enters: a FITS image. Leaves: the beam around its reference pixel.
#pragma once

#include "nocturne/beam_map.hpp"

#include <memory>
#include <string>

namespace nocturne {

struct Job;

/// Parameter beam-file of the job's stage image; "" where it names none.
std::string beam_file_of(Job const& job);

/// The first plane of an image whose reference pixel is the axis of the antennas, power 1 there within a hundredth. Throws what
/// read_fits throws, and Error(bad_input) where the image is no such beam or does not say its frequency.
std::shared_ptr<BeamMap const> read_beam(std::string const& path);

/// What users must know of a beam that ends while it still sees; "" where it does not.
std::string note_of_edge(BeamMap const& map);

}  // namespace nocturne
