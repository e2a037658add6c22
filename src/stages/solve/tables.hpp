// Gains to tables. Enters: gains with their errors. Leaves: CalTables.
#pragma once

#include "stages/solve/phases.hpp"

namespace nocturne {

struct TableMaker {
    SolveSums const& sums;
    SolveSettings const& settings;
    GroupState const& state;
    Index reference = 0;

    /// What all kinds have in common; one interval, one channel that is the band.
    CalTable begin(CalKind kind) const;
    /// `smooth` per hand; reference frequency: its middle.
    CalTable delays(Gains const& band, std::vector<SmoothPhases> const& smooth) const;
    /// Columns are channels.
    CalTable bandpass(Gains const& band) const;
    /// Columns are intervals.
    CalTable gains(Gains const& gains, std::vector<CalInterval> const& intervals) const;

private:
    void fill(Gains const& gains, CalTable& table) const;
};

}  // namespace nocturne
