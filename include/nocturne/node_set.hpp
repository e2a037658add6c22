// NodeSet: what the gridder takes. Points in (u, v, w) with a complex value, grouped as lines that share uvw in metres
// and differ in frequency. Compressed visibilities are lines of Chebyshev nodes; raw visibilities are lines of channels
// (K = 1).
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

#include <vector>

namespace nocturne {

/// Points p = 0 … n−1 of a line lie at uvw_m · freq_hz[first_freq + p] / c; their values at y[first_value + p].
struct PointLine {
    double uvw_m[3];
    Index first_value;
    std::int32_t first_freq;  ///< into NodeGeometry::freq_hz
    std::int32_t n;
};

/// Positions alone: they follow from the header and the plan, so every rank makes them for itself.
struct NodeGeometry {
    std::vector<PointLine> lines;  ///< in the order of baselines: first_value rises
    std::vector<double> freq_hz;   ///< concatenated frequency lists
    Index n_points = 0;
};

/// Σ over points of y exp(−2πi f/c (u l + v m + w (n−1))) / sum_weight is the dirty image (real part).
struct NodeSet {
    NodeGeometry geometry;
    std::vector<Vis> y;                 ///< [n_points]: Σ K w V; a rank fills the values of its own baselines
    std::vector<Vis> psf;               ///< [n_points]: the same with V = 1
    std::int64_t sum_weight_units = 0;  ///< Σ of imaging weights over the visibilities used, in units of weight_unit
    double weight_unit = 1;             ///< a power of two, the same on every rank
    double sum_weight() const { return static_cast<double>(sum_weight_units) * weight_unit; }
};

}  // namespace nocturne
