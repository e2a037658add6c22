// What stood out in one integration of a group. Enters: snapshot images. Leaves: rows of a database, a table of a report.
#pragma once

#include "nocturne/image.hpp"

#include <cmath>
#include <cstdint>

namespace nocturne {

/// What stands out in a snapshot by more than the threshold that was asked for.
struct Candidate {
    std::int64_t integration = 0;  ///< from 0
    double time_mjd_s = 0;         ///< UTC, its middle
    Direction at;                  ///< ICRS
    double x_pix = 0, y_pix = 0;   ///< in the snapshot, from 0
    double flux_jy = 0;            ///< apparent; below zero: fainter in this integration, or the other sign of Q, U, V
    double noise_jy = 0;           ///< robust rms of what was searched
    double snr() const { return noise_jy > 0 ? std::abs(flux_jy) / noise_jy : 0; }
};

/// The image of one integration.
struct Snapshot {
    std::int64_t integration = 0;
    Image image;
};

}  // namespace nocturne
