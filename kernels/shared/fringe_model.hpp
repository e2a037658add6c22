// Baselines of a solve, and the model of what they see. Enters: nothing. Leaves: AntennaPair, SourceFringe.
#pragma once

#include "kernels/shared/lattice.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// A baseline by the places of its antennas among those solved for; one < two, or both −1 where it is not used.
struct AntennaPair {
    std::int32_t one = 0, two = 0;
};

/// One source on one baseline at one integration: a turns as exp(2πi f delay_s); its smearing over the band is
/// s(x) = smear[0] + x smear[1] + x² smear[2], x rising from 0 at the first channel to 1 at the last.
struct SourceFringe {
    double delay_s = 0;
    float smear[3] = {1, 0, 0};
    float unused = 0;
};

/// Point sources as fringes: fringe [integration][baseline][source], flux_jy [integration][source][channel] of one parallel hand, freq_hz [channel].
/// M = Σ_s flux s(x) exp(2πi f delay).
struct FringeModel {
    View<double const, 1> freq_hz;
    View<SourceFringe const, 3> fringe;
    View<float const, 3> flux_jy;

    /// At (integration, baseline, channel).
    NOCT_INLINE Vis at(Index t, Index b, Index c) const
    {
        Index const last = freq_hz.extent[0] - 1;
        float const x = last > 0 ? static_cast<float>(c) / static_cast<float>(last) : 0.F;
        Vis sum;
        for (Index s = 0; s < fringe.extent[2]; ++s) {
            SourceFringe const& f = fringe(t, b, s);
            Vis const back = unit_phase(f.delay_s * freq_hz(c));
            float const seen = flux_jy(t, s, c) * (f.smear[0] + x * (f.smear[1] + x * f.smear[2]));
            sum.re += seen * back.re;
            sum.im -= seen * back.im;
        }
        return sum;
    }
    /// Host: throws Error(defect) where it does not fit visibilities of this many integrations, baselines and channels.
    void check(Index nt, Index nb, Index nc) const
    {
        NOCT_CHECK(fringe.extent[2] > 0, "a model has at least one source");
        NOCT_CHECK(fringe.extent[0] == nt && fringe.extent[1] == nb,
                   "one fringe per integration, baseline and source is needed");
        NOCT_CHECK(flux_jy.extent[0] == nt && flux_jy.extent[1] == fringe.extent[2] && flux_jy.extent[2] == nc,
                   "one flux per integration, source and channel is needed");
        NOCT_CHECK(freq_hz.extent[0] == nc, "one frequency per channel is needed");
    }
};

}  // namespace nocturne
