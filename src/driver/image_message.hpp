// Images from rank to rank: a JSON header, then pixels.
#pragma once

#include "nocturne/image.hpp"

#include <vector>

namespace nocturne {

/// Sends all images to rank 0 of the communicator (an MPI_Comm).
void send_images(void* communicator, std::vector<Image> const& images);
/// Receives what `source` sent with send_images.
std::vector<Image> receive_images(void* communicator, int source);

}  // namespace nocturne
