// Leaves: versions of Kokkos and FFTW.
#include "kernels/shared/libraries.hpp"

#include <fftw3.h>
#include <Kokkos_Core.hpp>

namespace nocturne {

std::vector<std::pair<std::string, std::string>> kernel_libraries()
{
    return {
        {"Kokkos", std::to_string(KOKKOS_VERSION / 10000) + "." + std::to_string(KOKKOS_VERSION / 100 % 100) + "." +
                       std::to_string(KOKKOS_VERSION % 100) + " (" + Kokkos::DefaultHostExecutionSpace::name() + ")"},
        {"FFTW", std::string(fftwf_version).substr(5)}};
}

}  // namespace nocturne
