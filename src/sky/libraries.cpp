// Leaves: the version of ERFA.
#include "sky/libraries.hpp"

#include <erfaextra.h>

namespace nocturne {

std::vector<std::pair<std::string, std::string>> sky_libraries()
{
    return {{"ERFA", std::string(eraVersion()) + " (SOFA " + eraSofaVersion() + ")"}};
}

}  // namespace nocturne
