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

/// The whole file in memory: one image HDU, axes RA---SIN, DEC--SIN, FREQ, STOKES, 32-bit floats, CHECKSUM and DATASUM.
struct FitsBytes {
    std::vector<char> bytes;
    std::string datasum;  ///< the DATASUM keyword: equal data have equal sums
};

/// Throws Error(bad_input) where a pixel is not finite (an image of NaN is never written) and Error(defect) where the pixels
/// do not fill the geometry.
FitsBytes encode_fits(Image const& image, FitsHeader const& header);

/// `encode_fits` into a product; the caller commits it. Returns the DATASUM.
std::string write_fits(ProductFile& file, Image const& image, FitsHeader const& header);

}  // namespace nocturne
