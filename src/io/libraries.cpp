// Leaves: versions of HDF5, cfitsio, casacore, libpng and zlib.
#include "io/libraries.hpp"

#include <casacore/casa/version.h>
#include <fitsio.h>
#include <hdf5.h>
#include <png.h>
#include <zlib.h>

#include <cmath>

namespace nocturne {

std::vector<std::pair<std::string, std::string>> io_libraries()
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    float fits = 0;
    fits_get_version(&fits);
    auto const ten_thousandths = std::lround(static_cast<double>(fits) * 1e4);  // 4.02 → 4.2.0 as 4.0200
    return {{"HDF5", std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release)},
            {"cfitsio", std::to_string(ten_thousandths / 10000) + "." + std::to_string(ten_thousandths % 10000 / 100) +
                            "." + std::to_string(ten_thousandths % 100)},
            {"casacore", casacore::getVersion()},
            {"libpng", png_get_libpng_ver(nullptr)},
            {"zlib", zlibVersion()}};
}

}  // namespace nocturne
