// The plan of a gridding: sizes, kernels, planes, and which tiles of the lattice the points touch. Enters: the image, epsilon,
// positions of points. Leaves: plain numbers and host arrays; no value of any point is needed.
#pragma once

#include "kernels/shared/lattice.hpp"
#include "kernels/upsample.hpp"
#include "nocturne/image.hpp"
#include "stages/image/gridding_kernel.hpp"
#include "stages/image/slant.hpp"

#include <vector>

namespace nocturne {

/// How far the points reach.
struct PointExtent {
    double longest_axis = 0;  ///< largest |u| or |v|, wavelengths
    double longest_w = 0;     ///< largest |w|
    double shortest_w = 0;    ///< smallest |w|
    Index longest_line = 0;   ///< points
};

struct GridderPlan {
    ImageGeometry image;
    Slant slant;  ///< the image's pixels are a grid of (l', m')
    double epsilon = 0;
    PointExtent extent;
    bool half = false;    ///< planes, screen and correction on every second pixel, then one upsampling by 2
    HalfBand filter;      ///< for half
    Index n_kept = 0;     ///< pixels per axis of the planes' image, with its border
    double cell_rad = 0;  ///< its cell
    Lattice lattice;      ///< sizes and scales; views empty
    KernelShape kernel, kernel_w;
    int degree = 0;
    double plane_step = 0;                   ///< wavelengths
    double n_middle = 0;                     ///< middle of the range of n − 1
    double theta_max = 0;                    ///< turns: largest |(n − 1 − n_middle)| · plane_step
    std::vector<std::int32_t> column, tile;  ///< Lattice::column, Lattice::tile
    Index n_tiles = 0;
};

/// Finds the cheapest sizes and kernels whose relative rms error at the image's corner stays below epsilon. Throws
/// Error(bad_config) where no kernel reaches epsilon (below about 3e-7) or the field is beyond the hemisphere. `points` have the w
/// that belongs to the slant (slanted_points).
GridderPlan make_gridder_plan(ImageGeometry const& image, double epsilon, NodeGeometry const& points,
                              Slant const& slant = {});

/// Fixed-point phases of the screen, turns · 2^32 of (n − 1 − n_middle) · plane_step: [n_kept/2 + 1][n_kept], with a slant
/// [n_kept][n_kept] (kernels/shared/screen.hpp).
std::vector<std::int32_t> make_screen(GridderPlan const& plan);

/// 1 / transform of the kernel of u and v for each pixel of a row, [n_kept].
std::vector<float> make_correction(GridderPlan const& plan);

}  // namespace nocturne
