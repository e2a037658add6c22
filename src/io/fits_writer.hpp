// Images to FITS. Enters: an Image and the provenance that goes into its header. Leaves: a FITS file that DS9, CARTA and
// astropy place alike on the sky. FITS standard 4.0; projection SIN (Calabretta & Greisen 2002, A&A 395, 1077).
#pragma once

#include "io/product.hpp"
#include "nocturne/image.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nocturne {

/// One provenance keyword. Names longer than eight characters become HIERARCH cards (astropy and CARTA read them by name).
struct FitsKey {
    std::string name;
    std::variant<std::string, double, std::int64_t, bool> value;
    std::string comment;
};

struct FitsHeader {
    std::string telescope_name;        ///< TELESCOP
    std::string object_name;           ///< OBJECT, "" = left out
    std::vector<FitsKey> keys;         ///< in this order, after the standard ones
    std::vector<std::string> history;  ///< one HISTORY each
};

/// What was learned of the pixels on the way.
struct WrittenFits {
    std::string datasum;  ///< the DATASUM keyword: equal data have equal sums
    float largest = 0;    ///< of the pixels that are not blank, in Stokes Q, U, V |value|; −∞ where all are blank
};

/// One image HDU, axes RA---SIN, DEC--SIN, FREQ, STOKES, 32-bit floats, CHECKSUM and DATASUM, into a product that the caller commits;
/// of a cube with beams a table BEAMS behind it (io/fits_beams.hpp).
/// Throws Error(bad_input) where a pixel is not finite (an image of NaN is never written) and Error(defect) where the pixels do not
/// fill the geometry.
WrittenFits write_fits(ProductFile& file, Image const& image, FitsHeader const& header);

}  // namespace nocturne
