// How the beam of a drifting group shows a steady source: brighter and fainter from integration to integration and along the band,
// while CLEAN's components have one apparent flux. Enters: where the dishes looked, weights by moment and frequency, components.
// Leaves: for each component a few coefficients, with which its visibilities are right at every time and frequency.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/image.hpp"
#include "stages/image/beam_pattern.hpp"
#include "stages/image/node_operator.hpp"

#include <array>

namespace nocturne {

struct BeamTermsArgs {
    std::vector<double> const& time_s;        ///< [moment]
    std::vector<Direction> const& pointings;  ///< [moment], ICRS
    BeamWeights const& weights;               ///< of all baselines
    Direction centre;
    BeamPattern beam;
    double reference_hz = 0;  ///< of slopes: with_slope
};

/// r(t, f) = A(t, f) / (Σ w A / Σ w) at one place, A the antennas' beam (as primary_beam), is taken as Σ_j c_j φ_j(τ, ν), φ =
/// 1, τ, τ², ν, τ ν, ν², with τ and ν the time and the frequency in units of half their ranges: weighted least squares over the
/// group's moments and channels. The weighted mean of the fit is 1 as that of r is: apparent fluxes keep their meaning.
class BeamTerms {
public:
    static constexpr std::size_t count = 6;
    using Terms = std::array<double, count>;
    /// Where the mean beam is below, the source is taken as steady: in the sidelobes r is no polynomial.
    static constexpr double least_power = 0.05;

    explicit BeamTerms(BeamTermsArgs const& args);

    /// c_j of a component at direction cosines (l, m).
    Terms at(double l, double m) const;
    /// Σ_j of (flux + slope t) c_j φ_j as one sum over the φ, t = f / reference_hz − 1; products of third order are left out.
    Terms with_slope(Terms const& c, double flux_jy, double slope_jy) const;
    /// φ_j.
    Terms functions(double time_s, double freq_hz) const;

private:
    struct Cell {
        std::size_t moment;
        double freq_hz, weight;  ///< weights add up to 1
        Terms functions;
    };
    std::vector<Cell> cells_;
    std::vector<std::array<double, 3>> toward_;  ///< [moment] direction cosines of the pointing
    std::array<Terms, count> triangle_{};        ///< Cholesky factor of Σ w φ φᵀ
    BeamPattern beam_;
    double time_s_ = 0, half_time_s_ = 1, freq_hz_ = 0, half_band_hz_ = 1, reference_hz_ = 0;
};

}  // namespace nocturne
