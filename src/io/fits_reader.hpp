// FITS images back. Enters: a path. Leaves: one plane with the numbers of its world coordinates.
#pragma once

#include "nocturne/image.hpp"

#include <string>

namespace nocturne {

/// One plane as `fit` needs it; any rectangular FITS image whose first two axes are RA---SIN and DEC--SIN (degrees).
struct FitsPlane {
    std::vector<float> pixels;  ///< row-major [y][x], x = FITS axis 1
    Index n_x = 0, n_y = 0;
    Index n_planes = 1, n_freqs = 1;  ///< of the file; along its FREQ axis
    double crpix_x = 0, crpix_y = 0;  ///< FITS: from 1
    double crval_ra_deg = 0, crval_dec_deg = 0;
    double cdelt_x_deg = 0, cdelt_y_deg = 0;
    double freq_hz = 0;   ///< 0 where there is no frequency axis
    double mjd_days = 0;  ///< MJD-OBS
    Beam beam;            ///< zeros where absent
    ArrayPlane array;     ///< zeros where absent
    std::string unit;     ///< BUNIT
    std::string product;  ///< keyword PRODUCT, "" where absent
    std::string stokes = "I";
    std::string telescope_name;
    std::string datasum;  ///< as recorded, "" where absent
};

/// Reads a plane of the first image HDU, from 1 on along axes 3 and more. Coordinates in degrees, FREQ in any unit of Hz. Throws Error(input_missing) where the file does not exist and Error(bad_input) where it
/// is not such an image, is truncated, or its DATASUM or CHECKSUM does not match.
FitsPlane read_fits(std::string const& path, Index plane = 1);

}  // namespace nocturne
