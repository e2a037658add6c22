// Test programs are not `nocturne`: their children run the program that was built beside them.
#include <cstdlib>

namespace {

bool const named = setenv("NOCTURNE_PROGRAM", NOCTURNE_BINARY_DIR "/nocturne", 0) == 0;

}  // namespace
