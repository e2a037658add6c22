// Images from rank to rank: a JSON header, then pixels.
#pragma once

#include "nocturne/image.hpp"

namespace nocturne {

/// Both ranks call it: `from` sends, `to` of the communicator (an MPI_Comm) receives.
void send_image(void* communicator, Image const& image, int to);
Image receive_image(void* communicator, int from);

}  // namespace nocturne
