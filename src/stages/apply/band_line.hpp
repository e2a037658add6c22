// Phases along a band as a line. Enters: a phasor a channel, 0 where there is none, some of them wrong. Leaves: the phase and delay that most follow.
#pragma once

#include <complex>
#include <cstddef>
#include <vector>

namespace nocturne {

struct PhaseLine {
    double middle = 0;  ///< rad in the middle of the band
    double slope = 0;   ///< rad from one end of the band to the other
};

class BandLine {
public:
    explicit BandLine(std::vector<double> const& freq_hz);

    std::size_t n_channels() const { return place_.size(); }
    double at(PhaseLine const& line, std::size_t c) const { return line.middle + line.slope * place_[c]; }

    /// Of all delays up to half a turn from one channel to the next the one whose fringe the phasors follow best; of several that fit next to as
    /// well, as where most of the band is missing, the shortest; then follow(). `quality` is what that returns.
    PhaseLine fit(std::vector<std::complex<double>> const& phasors, double* quality = nullptr) const;
    /// Moves a line to where phasors nearby lie, by least squares in which none counts that is a quarter of a turn off. Returns the mean of the phasors
    /// along the line, 1 where all lie on it.
    double follow(std::vector<std::complex<double>> const& phasors, PhaseLine& line) const;

private:
    double slope_of_best_delay(std::vector<std::complex<double>> const& phasors) const;
    void transform(double* re, double* im) const;

    std::vector<double> place_;          ///< of each channel, -1/2 to 1/2
    std::vector<std::size_t> bin_;       ///< of each channel on an even grid of frequencies, bits reversed
    std::vector<double> cosine_, sine_;  ///< of the FFT, stage by stage
    std::size_t n_delays_ = 0;           ///< on the grid; 0 where there is one frequency
    double slope_step_ = 0;              ///< of one delay to the next
};

/// Middle one of the values; 0 of none.
double middle_value(std::vector<double> values);

}  // namespace nocturne
