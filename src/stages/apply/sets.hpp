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
    /// Of one set and of what is common: each layer runs in time by itself, and their product is the gain.
    std::vector<std::vector<CalTable const*>> layers(std::size_t set) const;
    /// True where some set has a kind more than once.
    bool layered() const;
};

/// CASA tables of one kind and window that hold at the same time (within a minute, where one is a single solution): each was solved on top of the
/// other, as phases are before amplitudes. Of sets of the registry those of one set alone.
bool multiplied(CalTable const& one, CalTable const& two);

/// Tables apart of which two are multiplied().
std::vector<std::vector<CalTable const*>> layers_of(std::vector<CalTable const*> const& tables);

/// A table belongs to the set it names; tables (and files of ours) that name none of the registry's make one set where they were solved on one group
/// and no kind is there twice, in the order of time. CASA's tables are solved on top of others: a set none of whose kinds another has serves all, and so
/// does a kind that only one has. Of one kind, those that hold at the same time are multiplied, and those of the Measurement Set `group_id` that is corrected
/// itself stand on top of all others; the rest are moments of one gain. Throws Error(bad_input) where sets of ours share no kind, where one set has a bandpass (where none has: delays) and
/// another has not, as the phases of their channels are of different frames, where only one CASA set has delays and another its own bandpass, and where one
/// holds phases alone and another amplitudes.
SolutionSets solution_sets(std::vector<CalTable> const& tables, std::string const& group_id = "");

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
