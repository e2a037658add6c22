// Scales of multiscale CLEAN. Enters: what was asked for, the beam. Leaves: widths, their kernels, and components as pixels.
//
// A scale is a circular Gaussian of unit integral; its size is its width at half maximum in pixels, 0 a point. (CASA's and WSClean's
// kernels are tapered parabolas: one of size s in CASA is about as wide, one of size s in WSClean 0.45 s.) Source: Cornwell 2008,
// IEEE JSTSP 2, 793; Offringa & Smirnov 2017, MNRAS 471, 301.
#pragma once

#include "kernels/subtract.hpp"
#include "stages/image/settings.hpp"
#include "stages/image/slant.hpp"

#include <vector>

namespace nocturne {

/// A part of the model on CLEAN's grid: `point` says where its middle is and how much flux it has in all.
struct ScaledComponent {
    CleanComponent point;
    float width_px = 0;  ///< at half maximum; 0: a point
    float slope_jy = 0;  ///< of two Taylor terms, d flux / d (f / f₀)
};

/// 0 and the widths that were asked for, in pixels, rising. Automatic: the beam's width, then doubling while eight fit into the image
/// of n pixels. Wider ones than a sixth of the image are left out.
std::vector<double> choose_scales(ScaleSettings const& wish, double cell_rad, double beam_px, Index n);

/// What a user should know of them.
std::string note_of_scales(std::vector<double> const& widths_px);

/// Taps g_0 … g_r of a Gaussian along one axis, cut where it is below 3e-7 of its peak; their sum over both sides is `sum`.
std::vector<float> gaussian_taps(double width_px, double sum = 1);

/// Every how many pixels an image of this scale must be known: the largest power of two up to a quarter of the width, so that what
/// is beyond the coarse pixels' Nyquist limit is below 1e-6.
Index scale_step(double width_px);

/// pixels [n × n] += the component, cut at the image's edge.
void add_component(ScaledComponent const& component, Index n, std::vector<float>& pixels);

/// A component of a grid of (l', m') as one of the sky: a circle there is an ellipse of the same flux here.
ModelComponent on_the_sky(ScaledComponent const& component, ImageGeometry const& grid, Slant const& slant);

}  // namespace nocturne
