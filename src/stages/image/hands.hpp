// Which correlations an image is made of. Enters: the correlations of a group. Leaves: indices for StokesView and a name.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/stokes.hpp"
#include "nocturne/vis_block.hpp"

namespace nocturne {

/// Stokes I of two parallel hands, or the one that is there as it is: a parallel hand, pseudo-Stokes I, or any polarization alone, of
/// which the image is the real part of the weighted sum.
struct Hands {
    int a = 0, b = -1;   ///< indices into GroupHeader::correlations; b = −1: one hand
    std::string stokes;  ///< "I", "XX", "YY", "XY", …: as in Image::stokes
    bool either =
        false;  ///< a where a row has it, else b, its partner: one polarization of rows that stand both ways round

    StokesForm form = StokesForm::mean;

    StokesView view(VisBlock const& block) const { return {block.vis, block.flag, block.weight, a, b, either, form}; }
};

/// Throws Error(bad_input) where there is neither a parallel hand nor Stokes I.
Hands find_parallel_hands(std::vector<Correlation> const& correlations);
/// The same, or the one polarization that there is; of a cross hand and its partner the first. Throws Error(bad_input) where there are
/// others, none of them parallel.
Hands find_hands(std::vector<Correlation> const& correlations);
/// Of Stokes I those; of Q, U, V both hands that it is made of, in the frame of the receptors. Throws Error(bad_input) where one of
/// them is not there.
Hands find_hands(std::vector<Correlation> const& correlations, std::string const& stokes);

}  // namespace nocturne
