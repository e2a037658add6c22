// Kernel `rotate`: moves a block to a new phase centre. Enters: visibilities phased to an old centre, uvw toward the new one,
// the change of delay of each sample in time. Leaves: V exp(−2πi f/c Δw), and the uvw of the block.
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/units.hpp"
#include "nocturne/vis.hpp"

#include <cmath>

namespace nocturne {

/// Shapes: vis [integration][baseline][channel][correlation]; uvw_m and new_uvw_m [integration][baseline][3];
/// shift_m [integration][baseline]; freq_hz [channel]. Metres and hertz. With b = r2 − r1 and V's source phase
/// exp(+2πi f/c b·s), a change of the phase centre multiplies by exp(−2πi f/c Δ), Δ = w_new − w_old = shift_m (Thompson,
/// Moran & Swenson 2017, 3.1). The phase is reduced to half a turn in double, its cosine and sine are good to 3e-7. A row
/// with Δ = 0 is not touched. Aliasing: none. Not idempotent.
struct RotateArgs {
    View<Vis, 4> vis;
    View<double, 3> uvw_m;
    View<double const, 3> new_uvw_m;
    View<double const, 2> shift_m;
    View<double const, 1> freq_hz;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(RotateArgs const& args)
{
    auto const& vis = args.vis;
    auto const one_a_row = [&](auto const& view) {
        return view.extent[0] == vis.extent[0] && view.extent[1] == vis.extent[1];
    };
    NOCT_CHECK(one_a_row(args.uvw_m) && args.uvw_m.extent[2] == 3, "rotate: uvw_m is [integration][baseline][3]");
    NOCT_CHECK(one_a_row(args.new_uvw_m) && args.new_uvw_m.extent[2] == 3,
               "rotate: new_uvw_m is [integration][baseline][3]");
    NOCT_CHECK(one_a_row(args.shift_m), "rotate: shift_m is [integration][baseline]");
    NOCT_CHECK(args.freq_hz.extent[0] == vis.extent[2], "rotate: one frequency per channel is needed");
}

/// Cosine and sine of −2π `turns`, |turns| ≤ 1/2, each good to 2e-7. Taylor series in the eighth of a turn around the
/// nearest quarter turn.
NOCT_INLINE Vis turn_back(float turns)
{
    float const quarters = 4 * turns, nearest = rintf(quarters);
    int const j = static_cast<int>(nearest);
    float const x = (quarters - nearest) * 1.57079632679489662F, x2 = x * x;
    float const c = 1 + x2 * (-0.5F + x2 * (1.F / 24 + x2 * (-1.F / 720 + x2 * (1.F / 40320))));
    float const s = x * (1 + x2 * (-1.F / 6 + x2 * (1.F / 120 + x2 * (-1.F / 5040 + x2 * (1.F / 362880)))));
    float const swap = static_cast<float>(j & 1), keep = 1 - swap;  // products, not branches: the loop vectorises
    float const sign_c = static_cast<float>(1 - ((j + 1) & 2)), sign_s = static_cast<float>(1 - (j & 2));
    return {sign_c * (keep * c + swap * s), -sign_s * (keep * s + swap * c)};
}

/// One row: all channels and correlations of (integration, baseline).
struct RotateCell {
    RotateArgs args;

    /// Δ as a time of travel.
    NOCT_INLINE double path_s(Index integration, Index baseline) const
    {
        return args.shift_m(integration, baseline) / speed_of_light_m_s;
    }

    NOCT_INLINE void write_uvw(Index integration, Index baseline) const
    {
        for (Index axis = 0; axis < 3; ++axis)
            args.uvw_m(integration, baseline, axis) = args.new_uvw_m(integration, baseline, axis);
    }

    /// exp(−2πi f path), the phase reduced to half a turn in double.
    NOCT_INLINE static Vis rotor(double path, double freq_hz)
    {
        double const turns = path * freq_hz;
        return turn_back(static_cast<float>(turns - rint(turns)));
    }

    NOCT_INLINE void rotate_channel(Index integration, Index baseline, Index channel, double path) const
    {
        Vis const r = rotor(path, args.freq_hz(channel));
        for (Index correlation = 0; correlation < args.vis.extent[3]; ++correlation) {
            Vis& v = args.vis(integration, baseline, channel, correlation);
            v = {v.re * r.re - v.im * r.im, v.re * r.im + v.im * r.re};
        }
    }
};

/// A tile is a row: the team's threads share its channels.
struct RotateTile {
    RotateCell cell;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index row) const
    {
        Index const baselines = cell.args.vis.extent[1], integration = row / baselines, baseline = row % baselines;
        if (team.rank() == 0) cell.write_uvw(integration, baseline);
        double const path = cell.path_s(integration, baseline);
        if (path == 0) return;
        for (Index c = team.rank(); c < cell.args.vis.extent[2]; c += team.size())
            cell.rotate_channel(integration, baseline, c, path);
    }
};

void launch(KokkosDevice const&, RotateArgs const&);
void launch(CudaDevice const&, RotateArgs const&);

}  // namespace nocturne
