// Gains in time: tables of one kind as a series that is interpolated. Enters: tables of one or more sets, a group's axes. Leaves: the gain of each
// antenna of the group at each of its integrations and channels.
#pragma once

#include "nocturne/cal_table.hpp"
#include "nocturne/view.hpp"

namespace nocturne {

/// How gains are carried over to other frequencies.
enum class FreqInterpolation { nearest, linear };

/// What gains are wanted for.
struct GainTarget {
    GroupHeader const& header;
    FreqInterpolation frequencies = FreqInterpolation::nearest;
};

/// [integration or one][antenna of the header][channel of the header or one][correlation of the header]; 0 where there is no solution.
struct GainSeries {
    Index n_times = 0, n_antennas = 0, n_channels = 0, n_correlations = 0;
    std::vector<std::complex<float>> gain;
    std::size_t at(Index t, Index a, Index c, Index p) const
    {
        return static_cast<std::size_t>(((t * n_antennas + a) * n_channels + c) * n_correlations + p);
    }
};

/// All tables of `kind` joined in time. Between two solutions amplitude and phase (K: the delay) run linearly in time, the phase the short way after
/// the later solution was turned, all antennas alike, to the earlier one's mean phase, and unwrapped along the band; outside them the nearest
/// holds. Antennas are matched by number and name, correlations by their code (a cross hand has no gain), channels by frequency:
/// the nearest within half a channel's width, or between two. n_times is 1 where there is one solution; n_channels is 1 for G.
/// No table of the kind: n_times is 0.
GainSeries gain_series(std::vector<CalTable> const& tables, CalKind kind, GainTarget const& target);

}  // namespace nocturne
