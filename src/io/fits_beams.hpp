// Beams of a cube's channels, as CASA keeps them: CASAMBM = T and a table BEAMS (BMAJ, BMIN in arcsec, BPA in degrees, CHAN, POL, both from
// 0; keywords NCHAN, NPOL). For src/io alone.
#pragma once

#include "io/fits.hpp"
#include "nocturne/image.hpp"

#include <string>
#include <vector>

namespace nocturne::fits {

/// Whether a cube has beams to be told; of no other image.
bool has_beams(std::vector<CubePlane> const& planes);

/// The whole HDU of the table, to stand behind the pixels; a channel that is blank has the beam of the nearest that is not.
std::string beams_hdu(std::vector<CubePlane> const& planes);

/// What the table of a file says of a channel and a Stokes parameter, from 0; zeros where it says nothing. The file stands at its first HDU
/// before and after.
Beam beam_of_table(fitsfile* file, Index channel, Index stokes);

}  // namespace nocturne::fits
