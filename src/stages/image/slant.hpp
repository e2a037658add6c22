// The slanted plane: coordinates in which the PSF of a nearly flat array is the same all over the field. Enters: uvw of a group.
// Leaves: α and β, and the way between both pairs of coordinates.
//
// The baselines of a flat array lie in a plane, w = α u + β v + w', w' small. So u l + v m + w (n − 1) = u l' + v m' + w' (n − 1)
// with l' = l + α (n − 1), m' = m + β (n − 1): on a regular grid of (l', m') a source anywhere looks like the PSF, but for what w'
// does. (A snapshot in Cornwell & Perley 1992, A&A 261, 353, section 3; Ord et al. 2010, PASP 122, 1353.) It is exact for any α
// and β, since w' is not left out; where an array is not flat, the PSF is as different as before.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/image.hpp"
#include "nocturne/node_set.hpp"

#include <cmath>

namespace nocturne {

struct Slant {
    double alpha = 0, beta = 0;

    bool none() const { return alpha == 0 && beta == 0; }

    /// How far the place (l', m') lies above the horizon: negative beyond it.
    double height(double l, double m) const
    {
        double const b = 1 - alpha * l - beta * m;
        return b <= 0 ? -1 : b * b - (1 + alpha * alpha + beta * beta) * (l * l + m * m);
    }

    /// q = n − 1 at (l', m'): the root of q² (1 + α² + β²) + 2 q (1 − α l' − β m') + l'² + m'² = 0 that is 0 at the centre; at and
    /// beyond the horizon its value there.
    double n_minus_1(double l, double m) const
    {
        double const b = 1 - alpha * l - beta * m, above = height(l, m);
        if (above <= 0) return -b / (1 + alpha * alpha + beta * beta);
        return -(l * l + m * m) / (b + std::sqrt(above));
    }
};

/// Direction cosines of a place on the sky.
struct PlaneCosines {
    double l = 0, m = 0;
};

/// (l, m) of (l', m').
inline PlaneCosines plain_of(Slant const& slant, PlaneCosines at)
{
    double const q = slant.n_minus_1(at.l, at.m);
    return {at.l - slant.alpha * q, at.m - slant.beta * q};
}

/// Least squares of w − α u − β v over all rows of cross-correlations, `uvw_m` [integration][baseline][3]: flags and weights do not
/// matter, so a plan can be made before the first sample is read. Zeros where the baselines have no plane. Made smaller where the
/// image, on the slanted plane, would come near the horizon.
Slant fit_slant(std::vector<Baseline> const& baselines, View<double const, 3> uvw_m, ImageGeometry const& image);

/// The grid of (l', m') that holds every pixel of `image`: the same centre and cell, a few pixels more.
ImageGeometry slanted_grid(ImageGeometry const& image, Slant const& slant);

/// Largest |l| and |m| on a grid of (l', m').
double plain_half_width(ImageGeometry const& grid, Slant const& slant);

/// The same points with w' in the place of w.
NodeGeometry slanted_points(NodeGeometry points, Slant const& slant);

}  // namespace nocturne
