// Gains in time: tables of one kind as a series that is interpolated. Enters: tables of one set, a group's axes. Leaves: the gain of each
// antenna of the group at each of its integrations and channels.
#pragma once

#include "nocturne/cal_table.hpp"
#include "nocturne/view.hpp"
#include "stages/apply/step.hpp"

namespace nocturne {

/// How gains are carried over to other frequencies.
enum class FreqInterpolation { nearest, linear };

/// Which antenna of a baseline: in a cross hand (XY) its two antennas have different hands.
enum class AntennaSide { one, two };

/// What holds within a solved interval for what could not be solved in it.
enum class InFailed {
    flagged,  ///< no solution
    nearest,  ///< the solved ones around it: the moment stands for the set where its intervals are over
};

/// What gains are wanted for.
struct GainTarget {
    GroupHeader const& header;
    FreqInterpolation frequencies = FreqInterpolation::nearest;
    AntennaSide side = AntennaSide::one;
    InFailed in_failed = InFailed::flagged;
    bool one_window =
        true;  ///< set by gain_series: the tables are of one spectral window, and a delay or gain is for the whole band
    std::vector<double> const* at_times = nullptr;  ///< MJD in seconds; none: the header's integrations
    std::vector<double> const& times() const { return at_times ? *at_times : header.time_mjd_s; }
};

/// [time or one][antenna of the header][channel of the header or one][correlation of the header]; 0 where there is no solution.
struct GainSeries {
    Index n_times = 0, n_antennas = 0, n_channels = 0, n_correlations = 0;
    std::vector<std::complex<float>> gain;
    StepDoubts doubts;
    std::size_t at(Index t, Index a, Index c, Index p) const
    {
        return static_cast<std::size_t>(((t * n_antennas + a) * n_channels + c) * n_correlations + p);
    }
};

/// All tables of `kind` of one set joined in time: between two solutions as Step has it, outside them the nearest holds. What failed in an interval has
/// no solution within it; outside it an antenna's hand runs between the nearest intervals that have it. Antennas are matched by number and name (by name alone where a table knows no numbers), correlations by the hand that
/// `side` has in them, channels by frequency: the nearest within half a channel's width, or between two. Tables of several spectral
/// windows serve the channels of their own. n_times is 1 where there is one solution; n_channels is 1 for G of one window.
/// No table of the kind: n_times is 0.
GainSeries gain_series(std::vector<CalTable const*> const& tables, CalKind kind, GainTarget target);
GainSeries gain_series(std::vector<CalTable> const& tables, CalKind kind, GainTarget const& target);

}  // namespace nocturne
