// What a run says of itself on stderr: a line a group on a terminal, and one that changes while a group is worked on; at most one in 30 s elsewhere; failures always; the
// table of times at the end.
#pragma once

#include "driver/run_record.hpp"
#include "driver/worklist.hpp"
#include "qa/timing.hpp"

namespace nocturne {

/// Logs a text of several lines, a log line each.
void log_lines(std::string const& text);

class Progress {
public:
    /// `speaks` is false on ranks that stay silent; `quiet`: only failures are worth a line.
    Progress(bool speaks, bool quiet) : speaks_(speaks), quiet_(quiet) {}
    /// Tells `record`, which outlives it, what it is told itself.
    void tell_too(RunRecord& record) { record_ = &record; }
    void surveyed(Survey const& found);
    void job_started(Worklist const& work, RunRequest const& request, int ranks) const;
    void expect(std::size_t n_groups);  ///< of the next job
    /// The line on a terminal that says where the group at work stands; anything else that is written replaces it.
    void group_begun(std::string const& group_id) { group_id_ = group_id; }
    void show(std::string const& where);
    void group_ended(GroupWork const& work, GroupOutcome const& outcome);
    void ended(RunReport const& report, Ledger const& ledger) const;

private:
    bool may_speak();
    void clear_line();
    std::size_t n_ = 0, ended_ = 0;
    bool speaks_, quiet_, shown_ = false;
    std::int64_t unfit_ = 0, waiting_ = 0;  ///< groups of a run's only job that it cannot work on
    std::string group_id_;
    RunRecord* record_ = nullptr;
    Stopwatch since_line_, since_shown_;
};

}  // namespace nocturne
