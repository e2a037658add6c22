// A team's way to the database, which may be away for a while. Enters: what is to be recorded, questions. Leaves: rows; or lines in this rank's spool, shipped
// when the database is back. On the leader of each team.
#pragma once

#include "db/runs.hpp"
#include "driver/events.hpp"
#include "driver/ship.hpp"
#include "io/spool.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nocturne {

struct KeeperArgs {
    std::string database;   ///< with its password
    std::string directory;  ///< of spools
    std::string run_id;
    int rank = 0;
    double wait_s = 600;              ///< for an answer, then the run gives up
    std::function<bool()> stop = {};  ///< ends a wait
};

/// While the database is away the group at work is finished, as long as the lease of its claim lasts; its result, with all events, goes into the spool and
/// is shipped before anything new is asked. Questions (what is to be done, may I have this group) wait for an answer, with pauses from 0.2 to 5 s.
class RecordKeeper {
public:
    /// Makes the spool; throws Error(cannot_create, io) where it cannot be.
    RecordKeeper(KeeperArgs args, db::Session session);
    RecordKeeper(RecordKeeper const&) = delete;
    RecordKeeper& operator=(RecordKeeper const&) = delete;

    /// Calls `question` with a database that answers, again where it went away meanwhile; false where none came back in time, or a signal asked to stop.
    bool ask(std::function<void(db::Session&)> const& question);
    /// The same without a wait.
    bool ask_now(std::function<void(db::Session&)> const& question);
    /// No answer came within `wait_s`: nobody waits again until one comes.
    bool gave_up() const { return gave_up_; }
    bool away() const { return away_; }
    /// What stands in for a group that could not be claimed.
    std::string why_left() const;

    /// A claim was got: its lease runs from now.
    void claimed() { lease_.restart(); }
    /// Renews it. Throws Error(transient) where another run holds the group by now, or where the lease ran out while nobody could be asked.
    void renew(db::Claim const& claim, std::string const& stage);
    /// Throws Error(io, cannot_create) where neither database nor spool take it, and ClaimGone.
    void record(db::GroupResult const& result);
    /// True where the database knows it now, and the group was still ours.
    bool fail(FailedGroup const& failed);
    void release(ReleasedGroup const& released);
    void finish_run(EndedRun const& ended);

    EventMaker& events() { return events_; }
    /// Into the spool, synced; from there to the database now and then. A disk that does not take them is warned of once: the work goes on.
    void emit(std::vector<db::EventRow> const& events);

    /// Ships what is in the spool, waiting for the database as `ask` does. True where nothing is left.
    bool settle();
    /// What came to the spool at the end, as a disk may have been full for a moment: tried a few times within a second. False where it stays there.
    bool ship_last();
    /// The end: ships what can be shipped and removes an empty spool.
    void close();
    /// Entries that the database has yet to learn of, events aside.
    std::int64_t unrecorded() const { return moves_; }
    std::string const& spool_path() const { return spool_.path(); }

private:
    double patience_s() const;
    bool wait_for_answer();
    bool is_back();
    void note_away(db::DatabaseAway const& why);
    void note_service();
    bool knows_us(db::Session& session) const;
    db::DatabaseAway of_another_time() const;
    void ship_now();
    void keep(SpoolEntry const& entry);
    template<class Work>
    bool tried(Work const& work);

    static constexpr double first_pause_s = 0.2;

    KeeperArgs args_;
    db::Session session_;
    Spool spool_;
    EventMaker events_;
    std::vector<std::string> lines_;  ///< of the spool
    std::int64_t moves_ = 0;          ///< among them
    std::string told_;                ///< why it is away, as the log has it; "" once it did again what was asked
    double pause_s_ = first_pause_s;  ///< before the next try; grows until it does
    bool away_ = false, gave_up_ = false, warned_ = false;
    bool tried_last_ = false;  ///< for the last time: the run is to stop
    bool silent_ = false;      ///< nobody answered at the last try
    Stopwatch since_shipped_, since_tried_, lease_;
};

}  // namespace nocturne
