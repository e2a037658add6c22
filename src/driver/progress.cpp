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

/// ", 3 done before, 2 still collecting, 1 beyond --limit": what is not 0.
class Counts {
public:
    void add(std::int64_t n, char const* words)
    {
        if (n > 0) text_ += ", " + std::to_string(n) + " " + words;
    }
    std::string const& text() const { return text_; }

private:
    std::string text_;
};

std::string count_of_groups(std::int64_t n) { return std::to_string(n) + (n == 1 ? " group" : " groups"); }

void tell_unfit(std::vector<GroupFailure> const& unfit)
{
    for (auto const& f : unfit) spdlog::error("{}: {}", f.group_id, f.message);
}

}  // namespace

void Progress::surveyed(Survey const& found)
{
    if (!speaks_) return;
    for (auto const& path : found.foreign) spdlog::info("not ours, left alone: {}", path);
    tell_unfit(found.unfit);
    if (found.groups.size() == 1) {  // said with the rest of the job
        unfit_ = std::ssize(found.unfit);
        waiting_ = found.waiting;
    } else if (found.waiting > 0) {
        spdlog::info("{} still collecting", count_of_groups(found.waiting));
    }
}

void Progress::job_started(Worklist const& work, RunRequest const& request, int ranks) const
{
    if (!speaks_) return;
    tell_unfit(work.unfit);
    auto const unfit = unfit_ + std::ssize(work.unfit);
    auto const n = std::ssize(work.todo) + work.skipped + unfit + waiting_ + std::ssize(work.spare);
    auto const groups = count_of_groups(n);
    Counts state;
    state.add(work.skipped, "done before");
    state.add(unfit, "that cannot be worked on");
    state.add(waiting_, "still collecting");
    state.add(std::ssize(work.spare), "beyond --limit");
    auto const& job = request.job.name;
    if (!work.todo.empty())
        spdlog::info("job {}: {} of {} to do{}, {} rank{} in teams of {}", job, work.todo.size(), groups, state.text(),
                     ranks, ranks == 1 ? "" : "s", request.ranks_per_group);
    else if (work.skipped == n)
        spdlog::info("job {}: nothing left to do: {}{}", job, groups, state.text());
    else
        spdlog::info("job {}: nothing can be done now: {}{}", job, groups, state.text());
}

void Progress::expect(std::size_t n_groups)
{
    n_ = n_groups, ended_ = 0;
    if (record_) record_->expects(n_groups);
}

void Progress::show(std::string const& where)
{
    if (record_) record_->at(group_id_, where);
    constexpr double pause_s = 0.2;
    if (!speaks_ || quiet_ || !isatty(STDERR_FILENO) || since_shown_.seconds() < pause_s) return;
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
    if (record_) record_->ended(work.group_id);
    clear_line();
    if (!speaks_) return;
    if (outcome.end == GroupEnd::failed)
        spdlog::error("[{}/{}] {} failed: {}", ended_, n_, work.group_id, outcome.failure.message);
    else if (outcome.end == GroupEnd::interrupted)
        spdlog::warn("[{}/{}] {} dropped: {}", ended_, n_, work.group_id, outcome.failure.message);
    else if (outcome.end == GroupEnd::held)
        spdlog::warn("[{}/{}] {} left: {}", ended_, n_, work.group_id, outcome.failure.message);
    else if (outcome.end == GroupEnd::done && may_speak())
        spdlog::info("[{}/{}] {} done in {}{}", ended_, n_, work.group_id, format_seconds(outcome.wall_s),
                     outcome.noise_jy > 0 ? fmt::format(", noise {:.3g} mJy/beam", 1e3 * outcome.noise_jy) : "");
}

void Progress::ended(RunReport const& report, Ledger const& ledger) const
{
    if (!speaks_ || quiet_) return;
    if (!ledger.empty()) log_lines(ledger.table(report.wall_s, measure_bandwidth()));
    spdlog::info("{} done, {} failed, {} left, {} skipped in {}", report.done, report.failed, report.left,
                 report.skipped, format_seconds(report.wall_s));
}

}  // namespace nocturne
