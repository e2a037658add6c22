// Which tables make a set, and between which solved moments a time lies. Enters: all tables that are to be applied. Leaves: sets, whose product is
// what is interpolated between one calibrator and the next.
#pragma once

#include "nocturne/cal_table.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace nocturne {

/// Tables that were solved on top of each other: their product is the gain.
struct SolutionSet {
    std::string name;
    std::vector<CalTable const*> tables;
    std::vector<double> moments() const;  ///< middles of the solved intervals, MJD in seconds, rising
};

struct SolutionSets {
    std::vector<CalTable const*> common;  ///< tables of kinds that no two sets have: they serve every set
    std::vector<SolutionSet> sets;        ///< at least one where there are tables
    /// Of one set with what is common.
    std::vector<CalTable const*> whole(std::size_t set) const;
};

/// A table belongs to the set it names; tables (and files of ours) that name none of the registry's make one set where they were solved on one group
/// and no kind is there twice, in the order of time. CASA's tables are solved on top of others: a set none of whose kinds another has serves all, and so
/// does a kind that only one has. Throws Error(bad_input) where sets of ours share no kind, where one set has a bandpass (where none has: delays) and
/// another has not, as the phases of their channels are of different frames, and where only one CASA set has delays and another its own bandpass.
SolutionSets solution_sets(std::vector<CalTable> const& tables);

/// Where a time lies among the solved moments of all sets.
struct Bracket {
    struct Moment {
        double time_mjd_s = 0;
        std::size_t set = 0;
    };
    Moment before, after;  ///< of one set: within it, or beyond the first or last moment of all
    double weight_after = 0;
    bool between_sets() const { return before.set != after.set; }
};

class Timeline {
public:
    explicit Timeline(SolutionSets const& sets);
    Bracket at(double time_mjd_s) const;

private:
    std::vector<Bracket::Moment> moments_;
};

}  // namespace nocturne
