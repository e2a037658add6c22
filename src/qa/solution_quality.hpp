// Are solutions good enough to be used? Enters: the tables of a set. Leaves: figures and a verdict (contract A4.8).
#pragma once

#include "nocturne/cal_table.hpp"

#include <string>
#include <vector>

namespace nocturne {

enum class QualityVerdict { pass, warn, fail };
char const* name(QualityVerdict verdict);  ///< "pass", "warn", "fail"

/// Thresholds, each of every hand by itself; a fail stands before its warning.
struct QualityLimits {
    double least_snr = 5, good_snr = 10;            ///< mean of 1/phase error over unflagged solutions
    double most_flagged = 0.5, good_flagged = 0.2;  ///< of one hand
    double good_missing_band = 0.3;                 ///< more is worth a warning: subbands were not there
    double most_lost_band = 0.5;                    ///< of the channels that the files brought: fails from there on
    int least_antennas = 10;                        ///< or two thirds of a smaller telescope
    double least_amplitude = 0.1, most_amplitude = 10, most_outliers = 0.05;  ///< against the median of the hand
    double most_phase_scatter_deg = 90;  ///< of one antenna from interval to interval
    double most_broken = 0.05;           ///< not finite, or no error: no solver of ours makes such
    double most_stray = 0.05;            ///< of the amplitude, of a channel off its neighbours
    double lost_flagged = 0.8;           ///< of a sixteenth of the band
    double most_delay_ns = 500;
    double good_unexplained = 1.2, most_unexplained = 3;                 ///< times the noise, and at once
    double good_unexplained_share = 0.02, most_unexplained_share = 0.1;  ///< of the model's power
};

/// Of one parallel hand; of a Jones matrix one element of its diagonal.
struct HandQuality {
    Correlation hand = Correlation::XX;
    double mean_snr = 0;            ///< NaN where the table knows no errors
    double flagged_fraction = 0;    ///< of antennas and channels that have a solution in any hand
    double broken_fraction = 0;     ///< of what is not flagged: not finite, a gain of 0, or no error; counts as flagged
    int n_antennas = 0;             ///< with any solution
    double amplitude_outliers = 0;  ///< fraction
    double phase_scatter_deg = 0;   ///< NaN with one interval
    double unexplained_ratio = 0;   ///< CalTable::unexplained_ratio; NaN where nobody says
    double unexplained_share = 0;   ///< the same
};

/// Figures are those of the hand in which they are worst.
struct TableQuality {
    CalKind kind = CalKind::gain;
    double mean_snr = 0;          ///< NaN where the table knows no errors
    double flagged_fraction = 0;  ///< of antennas and channels that have a solution in any hand
    double missing_band = 0;      ///< fraction of channels without any
    double broken_fraction = 0;
    int n_antennas = 0;             ///< with any solution
    double amplitude_outliers = 0;  ///< fraction
    double phase_scatter_deg = 0;   ///< NaN with one interval
    double unexplained_ratio = 0;   ///< CalTable::unexplained_ratio; NaN where nobody says
    double unexplained_share = 0;   ///< the same
    double largest_delay_ns = 0;
    std::string largest_delay_of;  ///< " (antenna 45 XX)"
    int stray_channels = 0;        ///< B: off the smooth run of their neighbours
    int poor_parts = 0;            ///< B: sixteenths of the band of which more than half is flagged, but not all
    int lost_parts = 0;            ///< B: those of them of which more than four fifths are
    std::string strays_at, poor_at, lost_at;  ///< " (1350.3 MHz and 2 more)"
    std::vector<HandQuality> hands;
    std::vector<std::string> reasons;  ///< those of SolutionQuality that are its own
};

struct SolutionQuality {
    QualityVerdict verdict = QualityVerdict::pass;
    std::vector<TableQuality> tables;
    std::vector<std::string> reasons;  ///< "B: mean SNR 3.1 below 5", of every warning and failure
    bool band_lost = false, unexplained = false,
         poor = false;  ///< failed for missing channels, the model, anything else
};

/// What to do about a failure; `how` is how one flags more there.
std::string remedy(SolutionQuality const& quality, std::string const& how);

SolutionQuality judge_solutions(std::vector<CalTable> const& tables, QualityLimits const& limits = {});

}  // namespace nocturne
