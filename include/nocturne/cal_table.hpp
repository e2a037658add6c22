// CalTable: what a calibration knows of the antennas, with its errors. Delays (K), bandpass (B), gains per interval (G), Jones matrices (J).
#pragma once

#include "nocturne/group.hpp"

#include <complex>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

namespace nocturne {

enum class CalKind {
    delay,     ///< K: g = exp(2πi (f − reference_hz) τ)
    bandpass,  ///< B: one complex gain per channel
    gain,      ///< G: one complex gain per solution interval
    jones,     ///< J: a 2 × 2 matrix per solution interval and block of channels
};
/// "K", "B", "G", "J".
constexpr const char* name(CalKind kind)
{
    return kind == CalKind::delay ? "K" : kind == CalKind::bandpass ? "B" : kind == CalKind::gain ? "G" : "J";
}

/// A solution interval.
struct CalInterval {
    double start_mjd_s = 0, end_mjd_s = 0;  ///< UTC, edges of its first and last integration
    double time_mjd_s = 0;                  ///< mean of its integrations
};

/// One solution per (interval, correlation, channel).
struct CalSolve {
    int iterations = 0;
    bool converged = false;
    float reduced_chi2 =
        0;  ///< Σ w |V − model|² / degrees of freedom, w = number of accumulated samples: Jy² per unit weight
};

/// Which phase is free to choose, and how it was chosen.
enum class Gauge {
    mean,  ///< mean phase of the antennas, each relative to its smooth phase toward the reference antenna: adds no noise
    reference,  ///< the reference antenna has phase 0: its noise is in every other phase
};
constexpr const char* name(Gauge gauge) { return gauge == Gauge::mean ? "mean" : "reference"; }

/// Axes of values, errors and flags: [interval][antenna][correlation][channel]; of solves: [interval][correlation][channel].
/// Sign: V_file = conj(g1) g2 V_true with ant1 < ant2, the total gain being the product of the tables of a set. (A CASA table
/// holds the same g: its V_ms = conj(V_file) = g1 conj(g2) V.)
/// Kind J: conj(V_file) = J1 conj(V_true) J2ᴴ with J in the four correlations XX, XY, YX, YY (RR, RL, LR, LL) by rows: XY is what feed X hears of the
/// sky's Y. Each matrix is whole or flagged; amplitude_error is the standard error of the real and of the imaginary part alike, phase_error_rad
/// that of the diagonal elements' phase and 0 beside it.
struct CalTable {
    CalKind kind = CalKind::gain;
    bool phase_only = false;        ///< G whose amplitudes are held at 1
    std::vector<Antenna> antennas;  ///< the solved ones, as in the group's header, by rising number; number −1: unknown
    std::vector<Antenna> telescope;  ///< every antenna of the group's header: what a CASA table numbers
    std::vector<Correlation> correlations;
    std::vector<CalInterval> intervals;             ///< K and B: one
    std::vector<double> freq_hz, channel_width_hz;  ///< B: the channels; K and G: the middle and the width of the band
    double reference_hz = 0;                        ///< K: where its phase is 0

    std::vector<std::complex<float>> gain;  ///< B, G; 1 where flagged
    std::vector<double> delay_s;            ///< K; 0 where flagged
    std::vector<float> amplitude_error;     ///< B, G: standard error of |g|
    std::vector<float> phase_error_rad;     ///< B, G: of the phase against the antennas' mean phase, whatever the gauge
    std::vector<double> delay_error_s;      ///< K: against the antennas' mean delay
    std::vector<std::uint8_t> flag;         ///< 1: no solution
    std::vector<CalSolve> solves;

    int reference_antenna = -1;  ///< index into antennas
    Gauge gauge = Gauge::mean;
    std::string group_id;  ///< the group that was solved on
    std::string
        set;  ///< the set it is one of: its name in the registry, else the file it came in; "": nobody says (no file keeps it)
    bool registered = false;    ///< `set` is one of the registry's
    std::string model;          ///< the sources: "NAME flux_jy Jy at ra_deg,dec_deg" joined by "; "
    std::string method;         ///< solver and parameters, as text
    std::string preprocessing;  ///< preprocessing_of the solved group; "" where nobody says
    Site site;
    Direction centre;             ///< of the solved group, ICRS at mid-time
    double pointing_dec_rad = 0;  ///< apparent declination of the solved group
    double band_there =
        std::numeric_limits<double>::quiet_NaN();  ///< share of its channels that files brought; NaN: nobody says

    /// [correlation] Of the solve of the set's channels, NaN where they are too few to tell; empty: nobody says.
    std::vector<double>
        unexplained_ratio;  ///< what model and gains leave of the power, over that of noise as differences of channels tell it
    std::vector<double> unexplained_share;  ///< what of it is more than noise, of the model's power

    std::size_t at(std::size_t interval, std::size_t antenna, std::size_t correlation, std::size_t channel) const
    {
        return ((interval * antennas.size() + antenna) * correlations.size() + correlation) * freq_hz.size() + channel;
    }
    std::size_t size() const { return intervals.size() * antennas.size() * correlations.size() * freq_hz.size(); }
};

/// What was done to samples before anybody solves on them or corrects them: the state of phase, the lengths of integrations and of
/// channels. "meridian, 12.885 s, 244141 Hz".
inline std::string preprocessing_of(GroupHeader const& header)
{
    constexpr char const* kinds[] = {"meridian", "unphased", "phased", "horizon"};
    char text[96];
    std::snprintf(text, sizeof text, "%s, %.3f s, %.0f Hz",
                  kinds[static_cast<std::size_t>(header.centres.front().kind)], header.integration_s.front(),
                  header.channel_width_hz.front());
    return text;
}

}  // namespace nocturne
