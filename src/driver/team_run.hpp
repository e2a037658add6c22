// One team's way through a list of groups. Enters: the list, the same on every rank of the team. Leaves: counts and failures as JSON.
#pragma once

#include "driver/attempt.hpp"
#include "driver/group_job.hpp"
#include "driver/products_that_stand.hpp"
#include "driver/progress.hpp"
#include "driver/record_keeper.hpp"

#include <deque>

namespace nocturne {

/// Runs `work` on the leader; its error is everybody's.
template<class Work>
void on_leader(Ranks const& ranks, Work const& work)
{
    ranks.agree(attempt([&] {
        if (ranks.leader()) work();
    }));
}

/// Groups that another team or job took are passed over. A group whose failure is worth another try comes again after the others, when
/// its time has come.
class TeamRun {
public:
    /// `keeper` on the team's leader, null elsewhere.
    TeamRun(RunRequest const& request, Ranks const& world, Ranks const& team, Device const& device, std::string run_id,
            RecordKeeper* keeper);

    /// Counts and failures of this team, on its leader. Ends early at a signal, and where the database has been away for too long.
    nlohmann::json work_through(nlohmann::json const& todo, Progress& progress);

private:
    struct Turn {
        GroupWork work;
        double due_s = 0;      ///< on `watch_`
        GroupFailure failure;  ///< of the try before, on the leader
        bool held = false;     ///< by another run, when it was looked at first
    };

    bool must_end() const;
    bool asked_to_stop() const;
    bool wait_until(double due_s) const;
    /// Where a group was another team's, those after it most likely are, too: drops them up to the first that nobody of this run took.
    void pass_over_taken(Progress& progress);
    std::int64_t count_taken();
    void take(Turn turn, Progress& progress);
    void note(GroupWork const& work, GroupOutcome const& outcome, Progress& progress);
    void note(GroupFailure const& failure);
    void note_held(Turn const& turn, Progress& progress);
    void leave(std::deque<Turn> const& turns, Progress& progress);
    /// After all others, once: groups that other runs held when their turn came. Most have ended by now.
    void take_up_held(Progress& progress);
    /// Enough groups were begun: those that were not are left, those that are to be tried again are not.
    void drop_fresh_turns(Progress& progress);

    Ranks const& team_;
    TeamContext context_;
    Stopwatch watch_;
    std::deque<Turn> turns_;         ///< the same on every rank but for their times
    std::deque<Turn> held_;          ///< by other runs; likewise
    bool last_look_ = false;         ///< at those has come
    bool passed_over_ = false;       ///< the last one was another team's
    std::int64_t most_, begun_ = 0;  ///< groups that this team may begin: its share of --limit
    nlohmann::json result_{{"done", nlohmann::json::array()},     {"taken", nlohmann::json::array()},
                           {"failures", nlohmann::json::array()}, {"reports", nlohmann::json::array()},
                           {"products", nlohmann::json::array()}, {"ledgers", nlohmann::json::array()}};
};

struct Tally {
    std::vector<std::string> done, taken;
    std::vector<db::ListedProduct> products;
    Ledger ledger;
    CpuTime cpu;                                                       ///< sum over the ranks
    double peak_gb = 0;                                                ///< their maximum
    std::int64_t unrecorded = 0;                                       ///< in spools
    std::int64_t skipped = 0, others = 0, untouched = 0, limited = 0;  ///< groups
    bool stopped = false;                                              ///< a team left groups that its limit allows
};

/// The leader puts the teams' results of one job together.
Tally collect(nlohmann::json mine, Ranks const& world, bool team_leader, RunReport& report);

/// Of groups that a team passed over, those that no team of this run did or failed at.
std::int64_t done_by_others(Tally const& tally, RunReport const& report);

/// Failures from `first` on that a rerun may do away with.
std::int64_t left_behind(std::vector<GroupFailure> const& failures, std::size_t first);

}  // namespace nocturne
