// What an instrument does to true visibilities: gains, noise, interference, dead antennas, lost samples. Enters: a group's
// header and how bad it is. Leaves: rows as a correlator would write them, and the truth of what was done.
#pragma once

#include "nocturne/group.hpp"
#include "nocturne/view.hpp"

#include <complex>
#include <cstdint>
#include <vector>

namespace nocturne {

struct InstrumentOptions {
    std::uint64_t seed = 1;
    std::uint64_t gain_seed = 0;    ///< of the gains and their drift; 0: `seed`. Groups of one night share it
    double gain_amplitude_std = 0;  ///< of ln|g| over antennas and correlations
    double gain_phase_std_rad = 0;
    double delay_std_s = 0;
    double bandpass_ripple = 0;  ///< amplitude of a ripple over the band
    double drift_amplitude = 0;  ///< relative amplitude of a slow change over the group
    double drift_phase_rad = 0;
    double drift_period_s =
        0;               ///< the drift runs through 0.2 to 1 turns in so long, counted from a fixed day; 0: a group
    double sefd_jy = 0;  ///< thermal noise; 0 = none
    double rfi_fraction = 0;   ///< of (integration, channel) cells, on every baseline
    double zero_fraction = 0;  ///< of (integration, baseline, 16 channels) pieces, exactly 0
    std::vector<int> dead;     ///< indices of antennas that hear nothing but noise
};

class Instrument {
public:
    Instrument(GroupHeader const& header, InstrumentOptions const& options);

    /// out[n][correlation] of row (integration, baseline), channels [first, first + n), from the sky of one parallel hand.
    /// V = conj(g1) g2 sky + interference + noise. Noise has SEFD/√(2 Δf T) per real part (Thompson, Moran & Swenson
    /// 2017, 6.2.3) whatever the gains; an autocorrelation is real and carries SEFD. Cross-hands: noise alone.
    void observe(Index integration, Index baseline, Index first, Index n, float const* re, float const* im,
                 Vis* out) const;

    /// Per real part, Jy; 0 without noise.
    double sigma_jy(Index integration, Index channel) const;

    std::vector<std::complex<float>> const& bandpass() const { return bandpass_; }  ///< [antenna][correlation][channel]
    std::vector<std::complex<float>> const& drift() const { return drift_; }  ///< [integration][antenna][correlation]
    std::vector<float> const& rfi_jy() const { return rfi_jy_; }              ///< [integration][channel], 0 = clean

private:
    void make_gains(GroupHeader const& header);
    void make_rfi();
    std::complex<float> gain(Index integration, Index baseline, Index correlation, Index channel) const;

    InstrumentOptions options_;
    Index n_channels_ = 0, n_correlations_ = 0, n_antennas_ = 0, n_integrations_ = 0;
    std::vector<Baseline> baselines_;
    std::vector<Correlation> correlations_;
    std::vector<double> channel_width_hz_, integration_s_;
    std::vector<std::uint8_t> dead_;
    bool unit_gains_ = true;
    std::vector<std::complex<float>> bandpass_, drift_;
    std::vector<float> rfi_jy_;
};

}  // namespace nocturne
