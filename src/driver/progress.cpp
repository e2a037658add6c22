// Enters: events of the run. Leaves: log lines (spdlog, stderr).
#include "driver/progress.hpp"

#include <algorithm>
#include <cstdio>

#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
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

namespace {

/// ", 3 done before, 1 failed, 2 still collecting, 1 beyond --limit": what is not 0.
std::string state_of(Worklist const& work)
{
    std::string text;
    auto const add = [&](std::int64_t n, char const* words) {
        if (n > 0) text += ", " + std::to_string(n) + " " + words;
    };
    add(work.skipped, "done before");
    add(std::ssize(work.unfit), "that cannot be worked on");
    add(work.waiting, "still collecting");
    add(work.beyond_limit, "beyond --limit");
    return text;
}

}  // namespace

void Progress::started(Worklist const& work, RunRequest const& request, int ranks) const
{
    if (!speaks_) return;
    for (auto const& path : work.foreign) spdlog::info("not ours, left alone: {}", path);
    for (auto const& f : work.unfit) spdlog::warn("{}: {}", f.group_id, f.message);
    auto const groups = std::to_string(work.n_groups) + (work.n_groups == 1 ? " group" : " groups");
    auto const state = state_of(work);
    if (!work.todo.empty())
        spdlog::info("job {}: {} of {} to do{}, {} rank{} in teams of {}", request.job.name, work.todo.size(), groups,
                     state, ranks, ranks == 1 ? "" : "s", request.ranks_per_group);
    else if (work.skipped == work.n_groups)
        spdlog::info("nothing left to do: {}{}", groups, state);
    else
        spdlog::info("nothing can be done now: {}{}", groups, state);
}

void Progress::show(std::string const& where)
{
    constexpr double pause_s = 0.2;
    if (!speaks_ || !isatty(STDERR_FILENO) || since_shown_.seconds() < pause_s) return;
    since_shown_.restart();
    winsize size{};
    std::size_t const width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
    auto line = "[" + std::to_string(ended_ + 1) + "/" + std::to_string(n_) + "] " + group_id_ + ": " + where;
    line.resize(std::min(line.size(), width));
    std::fprintf(stderr, "\r\033[K%s\r", line.c_str());
    shown_ = true;
}

void Progress::clear_line()
{
    if (shown_) std::fputs("\r\033[K", stderr);
    shown_ = false;
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
    clear_line();
    if (!speaks_) return;
    if (outcome.end == GroupEnd::failed)
        spdlog::error("[{}/{}] {} failed: {}", ended_, n_, work.group_id, outcome.failure.message);
    else if (outcome.end == GroupEnd::interrupted)
        spdlog::warn("[{}/{}] {} dropped: {}", ended_, n_, work.group_id, outcome.failure.message);
    else if (outcome.end == GroupEnd::held)
        spdlog::warn("[{}/{}] {} left: {}", ended_, n_, work.group_id, outcome.failure.message);
    else if (outcome.end == GroupEnd::done && may_speak())
        spdlog::info("[{}/{}] {} done in {}, noise {:.3g} mJy/beam", ended_, n_, work.group_id,
                     format_seconds(outcome.wall_s), 1e3 * outcome.noise_jy);
}

void Progress::ended(RunReport const& report, Ledger const& ledger) const
{
    if (!speaks_) return;
    if (!ledger.empty()) log_lines(ledger.table(report.wall_s, measure_bandwidth()));
    spdlog::info("{} done, {} failed, {} left, {} skipped in {}", report.done, report.failed, report.left,
                 report.skipped, format_seconds(report.wall_s));
}

}  // namespace nocturne
