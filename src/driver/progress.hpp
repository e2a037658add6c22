// What a run says of itself on stderr: a line a group on a terminal, at most one in 30 s elsewhere; failures always; the
// table of times at the end.
#pragma once

#include "driver/worklist.hpp"
#include "qa/timing.hpp"

namespace nocturne {

/// Logs a text of several lines, a log line each.
void log_lines(std::string const& text);

class Progress {
public:
    /// `speaks` is false on ranks that stay silent.
    explicit Progress(bool speaks) : speaks_(speaks) {}
    void surveyed(Survey const& found) const;
    void job_started(Worklist const& work, RunRequest const& request, int ranks) const;
    void expect(std::size_t n_groups) { n_ = n_groups, ended_ = 0; }  ///< of the next job
    void group_ended(GroupWork const& work, GroupOutcome const& outcome);
    void ended(RunReport const& report, Ledger const& ledger) const;

private:
    bool may_speak();
    std::size_t n_ = 0, ended_ = 0;
    bool speaks_;
    Stopwatch since_line_;
};

}  // namespace nocturne
