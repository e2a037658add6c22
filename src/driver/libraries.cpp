// Leaves: the version of MPI.
#include "driver/libraries.hpp"

#include <mpi.h>

#include <array>

namespace nocturne {

std::vector<std::pair<std::string, std::string>> driver_libraries()
{
    std::array<char, MPI_MAX_LIBRARY_VERSION_STRING + 1> text{};
    int length = 0, major = 0, minor = 0;
    MPI_Get_library_version(text.data(), &length);
    MPI_Get_version(&major, &minor);
    std::string library(text.data(), static_cast<std::size_t>(length));
    library = library.substr(0, library.find_first_of(",\n"));
    return {{"MPI", std::to_string(major) + "." + std::to_string(minor) + " (" + library + ")"}};
}

}  // namespace nocturne
