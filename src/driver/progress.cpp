// Enters: events of the run. Leaves: log lines (spdlog, stderr).
#include "driver/progress.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>
#include <unistd.h>

namespace nocturne {

void log_lines(std::string const& text)
{
    for (std::size_t start = 0; start < text.size();) {
        auto const end = std::min(text.find('\n', start), text.size());
        spdlog::info("{}", text.substr(start, end - start));
        start = end + 1;
    }
}

void Progress::surveyed(Survey const& found) const
{
    if (!speaks_) return;
    for (auto const& path : found.foreign) spdlog::info("not ours, left alone: {}", path);
    for (auto const& f : found.unfit) spdlog::warn("{}: {}", f.group_id, f.message);
}

void Progress::job_started(Worklist const& work, RunRequest const& request, int ranks) const
{
    if (!speaks_) return;
    auto const n = work.todo.size() + static_cast<std::size_t>(work.skipped + work.beyond_limit);
    if (work.todo.empty())
        spdlog::info("job {}: nothing left to do: {} groups, {} done before", request.job.name, n, work.skipped);
    else
        spdlog::info("job {}: {} of {} groups to do, {} done before, {} rank{} in teams of {}", request.job.name,
                     work.todo.size(), n, work.skipped, ranks, ranks == 1 ? "" : "s", request.ranks_per_group);
}

/// Elsewhere than on a terminal, lines come seldom: logs of nights stay short.
bool Progress::may_speak()
{
    constexpr double pause_s = 30;
    if (!isatty(STDERR_FILENO) && since_line_.seconds() < pause_s) return false;
    since_line_.restart();
    return true;
}

void Progress::group_ended(GroupWork const& work, GroupOutcome const& outcome)
{
    ++ended_;
    if (!speaks_) return;
    if (outcome.end == GroupEnd::failed)
        spdlog::error("[{}/{}] {} failed: {}", ended_, n_, work.group_id, outcome.failure.message);
    else if (outcome.end == GroupEnd::interrupted)
        spdlog::warn("[{}/{}] {} dropped: {}", ended_, n_, work.group_id, outcome.failure.message);
    else if (outcome.end == GroupEnd::done && may_speak())
        spdlog::info("[{}/{}] {} done in {}{}", ended_, n_, work.group_id, format_seconds(outcome.wall_s),
                     outcome.noise_jy > 0 ? fmt::format(", noise {:.3g} mJy/beam", 1e3 * outcome.noise_jy) : "");
}

void Progress::ended(RunReport const& report, Ledger const& ledger) const
{
    if (!speaks_) return;
    if (!ledger.empty()) log_lines(ledger.table(report.wall_s, measure_bandwidth()));
    spdlog::info("{} done, {} failed, {} left, {} skipped in {}", report.done, report.failed, report.left,
                 report.skipped, format_seconds(report.wall_s));
}

}  // namespace nocturne
