// The Stokes parameter that is imaged, formed on the fly from the correlations of a block. Enters: the samples of one or two hands.
// Leaves: one value and one weight per visibility.
#pragma once

#include "nocturne/view.hpp"
#include "nocturne/vis.hpp"

#include <cstdint>

namespace nocturne {

/// How two hands a, b make a visibility.
enum class StokesForm : std::uint8_t {
    mean,             ///< (a + b) / 2: I of the parallel hands, linear U, circular Q of the crossed ones
    half_difference,  ///< (a - b) / 2: linear Q, circular V of the parallel hands
    turned            ///< i (a - b) / 2 of the crossed hands: linear V, circular U where V = <A* B>
};

/// A visibility and its weight; weight 0 = not used, and then the value is 0.
struct StokesSample {
    float re = 0, im = 0, weight = 0;
};

/// Views of a block, axes [integration][baseline][channel][correlation]. I is the mean of the two parallel hands where
/// both are unflagged and its weight their harmonic mean, 2 / (1/w1 + 1/w2); where there is one hand (or pseudo-Stokes I),
/// hand_b is −1 and the sample is taken as it is. A flagged sample, one without weight, or one of which a hand is
/// missing has weight 0. `either`: the sample is that of hand_a, or of hand_b where no file has that of hand_a: one polarization whose
/// rows stand both ways round, XY of (ant2, ant1) being YX of (ant1, ant2). The real part of an image does not see the difference.
struct StokesView {
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<float const, 4> weight;
    int hand_a = 0, hand_b = -1;
    bool either = false;
    StokesForm form = StokesForm::mean;

    /// The hand of a sample where one is taken as it is.
    NOCT_INLINE int hand_of(Index t, Index b, Index c) const
    {
        return either && (flag(t, b, c, hand_a) & flag_missing) != 0 ? hand_b : hand_a;
    }

    /// The weight alone.
    NOCT_INLINE float weight_of(Index t, Index b, Index c) const
    {
        int const first = hand_of(t, b, c);
        if (flag(t, b, c, first) != 0) return 0;
        float const wa = weight(t, b, c, first);
        if (hand_b < 0 || either) return wa > 0 ? wa : 0;
        if (flag(t, b, c, hand_b) != 0) return 0;
        return harmonic_mean(wa, weight(t, b, c, hand_b));
    }

    NOCT_INLINE StokesSample operator()(Index t, Index b, Index c) const
    {
        float const w = weight_of(t, b, c);
        if (!(w > 0)) return {};
        Vis const a = vis(t, b, c, hand_of(t, b, c));
        if (hand_b < 0 || either) return {a.re, a.im, w};
        Vis const v = vis(t, b, c, hand_b);
        if (form == StokesForm::half_difference) return {0.5F * (a.re - v.re), 0.5F * (a.im - v.im), w};
        if (form == StokesForm::turned) return {0.5F * (v.im - a.im), 0.5F * (a.re - v.re), w};
        return {0.5F * (a.re + v.re), 0.5F * (a.im + v.im), w};
    }

    NOCT_INLINE static float harmonic_mean(float a, float b)
    {
        if (a == b) return a > 0 ? a : 0;
        return a > 0 && b > 0 ? 2 * a * (b / (a + b)) : 0;
    }
};

}  // namespace nocturne
