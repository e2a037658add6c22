#include "driver/team_run.hpp"

#include "db/worked_on.hpp"
#include "driver/stop_signal.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <set>
#include <thread>

#include <spdlog/spdlog.h>

namespace nocturne {

namespace {

/// Of a run's --limit, what one team may begin.
std::int64_t share_of_limit(RunRequest const& request, Ranks const& world)
{
    if (request.limit < 0) return std::numeric_limits<std::int64_t>::max();
    auto const of_team = std::max(1, request.ranks_per_group);
    std::int64_t const teams = (world.size() + of_team - 1) / of_team, index = world.rank() / of_team;
    return request.limit / teams + (index < request.limit % teams ? 1 : 0);
}

/// Several teams may have found the same group in the hands of another run, and one may have got it in the end.
void drop_repeats(std::vector<GroupFailure>& failures, std::vector<std::string> const& done)
{
    std::set<std::string> seen(done.begin(), done.end());
    std::erase_if(failures, [&](GroupFailure const& failure) { return !seen.insert(failure.group_id).second; });
}

}  // namespace

TeamRun::TeamRun(RunRequest const& request, Ranks const& world, Ranks const& team, Device const& device,
                 std::string run_id, RecordKeeper* keeper)
    : team_(team),
      context_{request, team, keeper, device, look_around(device), std::move(run_id), world.rank(), world.size()},
      most_(share_of_limit(request, world))
{}

nlohmann::json TeamRun::work_through(nlohmann::json const& todo, Progress& progress)
{
    context_.pulse = [&progress](std::string const& where) { progress.show(where); };
    for (auto const& item : todo) turns_.push_back({work_from_json(item), 0, {}});
    if (begun_ >= most_) drop_fresh_turns(progress);
    for (;;) {
        if (turns_.empty()) take_up_held(progress);
        if (turns_.empty() || asked_to_stop()) break;
        if (passed_over_) pass_over_taken(progress);
        if (turns_.empty()) continue;
        if (!wait_until(turns_.front().due_s)) break;
        auto turn = std::move(turns_.front());
        turns_.pop_front();
        take(std::move(turn), progress);
        if (begun_ >= most_) drop_fresh_turns(progress);
    }
    result_["stopped"] = std::any_of(turns_.begin(), turns_.end(), [](Turn const& turn) { return !turn.held; });
    if (team_.leader()) leave(turns_, progress), leave(held_, progress);
    on_leader(team_, [&] {
        context_.keeper->settle();  // what follows may need what was found here
        result_["unrecorded"] = context_.keeper->unrecorded();
    });
    return result_;
}

void TeamRun::take_up_held(Progress& progress)
{
    if (last_look_) return;
    last_look_ = true;
    std::swap(turns_, held_);
    if (begun_ >= most_) drop_fresh_turns(progress);
}

void TeamRun::drop_fresh_turns(Progress& progress)
{
    auto const fresh = [](Turn const& turn) { return turn.work.failures == 0; };
    for (auto const& turn : turns_)
        if (fresh(turn) && turn.held && team_.leader()) note_held(turn, progress);
    std::erase_if(turns_, fresh);
}

/// As this rank sees it.
bool TeamRun::must_end() const { return StopSignal::requested() || (context_.keeper && context_.keeper->gave_up()); }

bool TeamRun::asked_to_stop() const { return team_.broadcast(std::int64_t(must_end())) != 0; }

/// False where the run was asked to stop meanwhile. The leader waits, and the others for it.
bool TeamRun::wait_until(double due_s) const
{
    constexpr auto tick = std::chrono::milliseconds(50);
    while (team_.leader() && watch_.seconds() < due_s && !must_end()) std::this_thread::sleep_for(tick);
    return !asked_to_stop();
}

std::int64_t TeamRun::count_taken()
{
    constexpr std::size_t at_once = 500;
    std::size_t n = 0;
    for (;;) {
        std::vector<std::string> names;
        for (auto i = n; i < turns_.size() && names.size() < at_once && turns_[i].work.failures == 0; ++i)
            names.push_back(turns_[i].work.group_id);
        std::set<std::string> taken;
        context_.keeper->ask_now([&](db::Session& session) { taken = db::worked_on(session, context_.run_id, names); });
        for (auto const& name : names) {
            if (!taken.count(name)) return static_cast<std::int64_t>(n);
            ++n;
        }
        if (names.empty()) return static_cast<std::int64_t>(n);
    }
}

void TeamRun::pass_over_taken(Progress& progress)
{
    std::int64_t n = 0;
    on_leader(team_, [&] { n = count_taken(); });
    n = team_.broadcast(n);
    GroupOutcome taken;
    taken.end = GroupEnd::skipped;
    for (; n > 0; --n, turns_.pop_front())
        if (team_.leader()) note(turns_.front().work, taken, progress);
    passed_over_ = false;
}

void TeamRun::take(Turn turn, Progress& progress)
{
    GroupOutcome outcome;
    std::optional<Error> fatal;
    progress.group_begun(turn.work.group_id);
    try {
        outcome = work_on(turn.work, context_);
    } catch (Error const& error) {
        fatal = error;
    }
    team_.agree(fatal);
    auto const skipped = outcome.end == GroupEnd::skipped, held = outcome.end == GroupEnd::held;
    auto const pause_ms = team_.broadcast(std::int64_t(outcome.again_in_s ? 1e3 * *outcome.again_in_s
                                                       : skipped          ? -2
                                                       : held             ? -3
                                                                          : -1));
    passed_over_ = pause_ms == -2;
    if (pause_ms >= -1 && turn.work.failures == 0) ++begun_;
    if (pause_ms == -3 && !last_look_) {
        turn.failure = outcome.failure;
        turn.held = true;
        held_.push_back(std::move(turn));
        return;
    }
    if (pause_ms < 0) {
        if (team_.leader()) note(turn.work, outcome, progress);
        return;
    }
    if (team_.leader())
        spdlog::warn("{} failed, and is tried again in {} s: {}", turn.work.group_id,
                     1e-3 * static_cast<double>(pause_ms), outcome.failure.message);
    ++turn.work.failures;
    turns_.push_back({std::move(turn.work), watch_.seconds() + 1e-3 * static_cast<double>(pause_ms), outcome.failure});
}

void TeamRun::note(GroupWork const& work, GroupOutcome const& outcome, Progress& progress)
{
    if (outcome.end == GroupEnd::done) {
        result_["done"].push_back(work.group_id);
        result_["reports"].push_back(outcome.report_path);
        result_["ledgers"].push_back(outcome.ledger_json);
        for (auto const& product : outcome.products)
            result_["products"].push_back(nlohmann::json(to_json(product, work.group_id, context_.run_id)));
    } else if (outcome.end == GroupEnd::skipped) {
        result_["taken"].push_back(work.group_id);
    } else {
        note(outcome.failure);
    }
    progress.group_ended(work, outcome);
}

void TeamRun::note(GroupFailure const& f)
{
    result_["failures"].push_back(
        {{"group_id", f.group_id}, {"stage", f.stage}, {"code", f.code}, {"message", f.message}});
}

void TeamRun::note_held(Turn const& turn, Progress& progress)
{
    GroupOutcome held;
    held.end = GroupEnd::held;
    held.failure = turn.failure;
    note(turn.work, held, progress);
}

/// Groups whose next try, or last look, never came: the same command makes it.
void TeamRun::leave(std::deque<Turn> const& turns, Progress& progress)
{
    for (auto const& turn : turns)
        if (turn.held)
            note_held(turn, progress);
        else if (turn.work.failures > 0)
            note(GroupFailure{turn.work.group_id, turn.failure.stage,
                              turn.failure.message + "; the run ended before it was tried again",
                              exit_code(Code::transient)});
}

Tally collect(nlohmann::json mine, Ranks const& world, bool team_leader, RunReport& report)
{
    mine["cpu"] = {cpu_time().user_s, cpu_time().system_s};
    mine["peak_gb"] = peak_memory_gb();
    if (!team_leader) mine.erase("done");  // counted by the leader of its team
    Tally tally;
    for (auto const& text : world.gather(mine.dump())) {
        auto const part = nlohmann::json::parse(text);
        tally.cpu.user_s += part["cpu"][0].get<double>();
        tally.cpu.system_s += part["cpu"][1].get<double>();
        tally.unrecorded += part.value("unrecorded", std::int64_t(0));
        tally.stopped = tally.stopped || part.value("stopped", false);
        tally.peak_gb = std::max(tally.peak_gb, part["peak_gb"].get<double>());
        if (!part.contains("done")) continue;
        for (auto const& group : part["done"]) tally.done.push_back(group);
        for (auto const& group : part["taken"]) tally.taken.push_back(group);
        for (auto const& page : part["reports"]) report.reports.push_back(page);
        for (auto const& product : part["products"]) tally.products.push_back(made_product(product));
        Ledger of_team;
        for (auto const& ledger : part["ledgers"])
            of_team.append(Ledger::from_json(nlohmann::ordered_json::parse(ledger.get<std::string>())));
        tally.ledger.merge(of_team);
        for (auto const& f : part["failures"])
            report.failures.push_back({f["group_id"], f["stage"], f["message"], f["code"]});
    }
    drop_repeats(report.failures, tally.done);
    return tally;
}

std::int64_t done_by_others(Tally const& tally, RunReport const& report)
{
    std::set<std::string> ours(tally.done.begin(), tally.done.end()), others;
    for (auto const& failure : report.failures) ours.insert(failure.group_id);
    for (auto const& group : tally.taken)
        if (!ours.count(group)) others.insert(group);
    return static_cast<std::int64_t>(others.size());
}

std::int64_t left_behind(std::vector<GroupFailure> const& failures, std::size_t first)
{
    return std::count_if(failures.begin() + static_cast<std::ptrdiff_t>(first), failures.end(),
                         [](GroupFailure const& f) { return f.code == exit_code(Code::transient); });
}

}  // namespace nocturne
