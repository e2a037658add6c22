// Exact visibilities of points, Gaussians and disks. Enters: a group's header, sources, how they are seen. Leaves: V of each
// (integration, baseline) over channels, in the state of phase of the group's files.
#pragma once

#include "nocturne/view.hpp"
#include "sky/frames.hpp"
#include "sky/sources.hpp"

#include <array>
#include <vector>

namespace nocturne {

enum class BeamModel {
    none,
    airy,  ///< of the antennas' diameter, on the meridian (drifting) or on the phase centre (phased), at each integration
};
enum class Smearing {
    none,
    sky,  ///< averages over the integration and the channel
};
/// How apparent places of the sources are taken.
enum class Aberration {
    common,  ///< the field turns rigidly with the group's default centre, as uvw and direction cosines have it
    each,    ///< every source at its own apparent place: offsets differ by up to 1e-4 (Instant::aberration_scale)
};

struct SkyOptions {
    BeamModel beam = BeamModel::airy;
    Smearing smearing = Smearing::sky;
    Aberration aberration = Aberration::common;
};

/// Per source s: V = S(f) P(f, t) G(f) exp(+2πi f D/c) with D = b·(s − s0), s0 the direction that the files are stopped with (0 if
/// unphased), P the power beam and G = exp(−(π² / 4 ln 2) (f/c)² ((b·e₁ θ₁)² + (b·e₂ θ₂)²)) of a Gaussian with widths θ at half maximum
/// along e₁ and e₂ (1 of a point), or G = 2 J1(x)/x, x = π (f/c) √((b·e₁ θ₁)² + (b·e₂ θ₂)²), of a disk with diameters θ (what the beam does within a shape is left out). Averages are those of the fringe over the integration T and the channel Δf, phases to second
/// order in time: sinc(f Ḋ T/c) sinc(D Δf/c), D̈ as a shift of the phase (Thompson, Moran & Swenson 2017, 6.4). Relative error
/// below 1e-6 on sources within 2° of the centre on 3 km, 3e-5 where the fringe turns by a third within an integration.
class Predictor {
public:
    /// Throws Error(bad_input) where antennas of several diameters have no common beam.
    Predictor(GroupHeader const& header, std::vector<Source> const& sources, SkyOptions const& options,
              EarthOrientation const& earth);

    /// Adds channels [first, first + n) of the row (integration, baseline) to re[n], im[n]: Jy of one parallel hand, the
    /// same for both (unpolarised sources: XX = YY = I).
    void add_row(Index integration, Index baseline, Index first, Index n, float* re, float* im) const;

    /// Multiplies the flux of a source by factor[integration].
    void vary(Index source, std::vector<double> const& factor);

    Direction centre() const { return centre_; }
    /// Power beam toward source s at (integration, channel).
    float beam(Index integration, Index source, Index channel) const
    {
        return beam_[at(integration, source) * n_channels_ + channel];
    }

    /// What `source` seen through the beam has at (integration, channel): Jy.
    float seen_flux(Index integration, Index source, Index channel) const
    {
        return flux_[at(integration, source) * n_channels_ + channel];
    }
    /// The fringe of a source over the whole band. (Of a Gaussian or a disk that a baseline resolves, a parabola over the band is a few percent of
    /// what is left of it.)
    struct BandFringe {
        double delay_s = 0;  ///< phase 2π f delay_s
        /// s(x) = smear[0] + x smear[1] + x² smear[2], x from 0 at the first channel to 1 at the last in frequency: a parabola through
        /// both ends and the middle.
        float smear[3] = {1, 0, 0};
    };
    BandFringe band_fringe(Index integration, Index baseline, Index source) const;

private:
    struct Path {
        double metres, rate, curve;  ///< D of an antenna, dD/dt, d²D/dt²
    };
    struct Fringe;
    /// b · e θ π / (2 √(ln 2) c) of an antenna along both axes: f² times the sum of their squares is the exponent of G.
    struct Width {
        double major_s = 0, minor_s = 0;
    };
    void set_widths(GroupHeader const& header, Index integration, std::vector<Source> const& sources,
                    std::vector<std::array<Vec3, 2>> const& axes);
    Index at(Index integration, Index source) const { return integration * n_sources_ + source; }
    void set_paths(GroupHeader const& header, Index integration, std::vector<Vec3> const& toward, Vec3 const& stopped);
    void set_beam(GroupHeader const& header, Index integration, std::vector<Vec3> const& toward, Vec3 const& axis,
                  double diameter_m);
    Fringe fringe(Index integration, Index baseline, Index source) const;
    void add_source(Fringe const& fringe, Index first, Index n, float const* flux, float* re, float* im) const;

    SkyOptions options_;
    Direction centre_;
    Index n_sources_ = 0, n_channels_ = 0, n_antennas_ = 0;
    std::vector<Baseline> baselines_;
    std::vector<double> offset_s_;  ///< as in GroupHeader
    std::vector<double> freq_hz_, integration_s_, channel_width_hz_;
    std::vector<Path> paths_;         ///< [integration][source][antenna]
    std::vector<Width> widths_;       ///< the same; empty where all sources are points
    std::vector<std::uint8_t> disk_;  ///< [source]
    std::vector<float> flux_, beam_;  ///< [integration][source][channel]; flux seen = intrinsic × beam
};

}  // namespace nocturne
