#include "driver/record_keeper.hpp"

#include "driver/attempt.hpp"
#include "driver/register_again.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

namespace nocturne {
namespace {

constexpr double lease_s = 3600, lease_margin_s = 60;
constexpr double answer_s = 40;  ///< for a statement; the server itself waits 30 s for a lock
constexpr double rarest_pause_s = 5;
constexpr double shipping_pause_s = 2;  ///< between two transactions of events
constexpr std::size_t most_lines_waiting = 500;

std::string spool_name(KeeperArgs const& args)
{
    char rank[16];
    std::snprintf(rank, sizeof rank, "-r%04d", args.rank);
    return (std::filesystem::path(args.directory) / (args.run_id + rank + ".spool")).string();
}

std::string title_of(KeeperArgs const& args)
{
    return nlohmann::json{
        {"nocturne_spool", 1}, {"run_id", args.run_id}, {"rank", args.rank}, {"owner", db::lease_owner()}}
        .dump();
}

void sleep_s(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

}  // namespace

RecordKeeper::RecordKeeper(KeeperArgs args, db::Session session)
    : args_(std::move(args)),
      session_(std::move(session)),
      spool_(Spool::create(spool_name(args_), title_of(args_))),
      events_(args_.run_id)
{
    session_.set_patience_s(patience_s());
    session_.give_up_silence({answer_s, args_.stop});
}

/// For a server to come back within one statement, and for a lock: the usual, but no longer than the run waits for anything.
double RecordKeeper::patience_s() const
{
    return std::min(session_.dialect() == db::Dialect::sqlite ? 30.0 : 15.0, args_.wait_s);
}

/// False where the database is, or goes, away.
template<class Work>
bool RecordKeeper::tried(Work const& work)
{
    if (away_ && !is_back()) return false;
    try {
        work(session_);
        note_service();
        return true;
    } catch (db::DatabaseAway const& why) {
        note_away(why);
    } catch (Error const& why) {
        if (why.code() != Code::defect || knows_us(session_)) throw;
        note_away(of_another_time());
    }
    return false;
}

bool RecordKeeper::knows_us(db::Session& session) const
{
    bool known = false;
    auto const failure = attempt([&] { known = db::knows_run(session, args_.run_id); });
    return known || failure;
}

/// What was put in the place of a database, an older copy of it for example, is none of ours.
db::DatabaseAway RecordKeeper::of_another_time() const
{
    return {Code::unavailable, "database " + session_.path() + " does not know run " + args_.run_id,
            "another one, or an older copy, stands in its place",
            "bring back the one that the run began with; its records wait"};
}

void RecordKeeper::note_away(db::DatabaseAway const& why)
{
    bool const new_one = std::exchange(told_, why.what()) != why.what();  // a disk may be full, free and full again
    if (!std::exchange(away_, true) && new_one)
        spdlog::warn(
            "{} ({}): see to it and its server; the run goes on with what it holds, and keeps its records in {}",
            why.problem(), why.reason(), spool_.path());
}

/// It did what was asked. That it takes connections alone says little: its disk may be full.
void RecordKeeper::note_service()
{
    pause_s_ = first_pause_s;
    if (!told_.empty()) spdlog::info("database {} answers again", session_.path());
    told_.clear();
}

/// One try, at most every 0.2 s, and one only once the run is to stop, none where the last one took long (a server that says nothing takes 10 s to be
/// given up): a connection of its own, which takes the place of the old one; then everything that waits is shipped.
bool RecordKeeper::is_back()
{
    constexpr double of_a_try_s = 1, of_a_silent_try_s = 2;
    bool const stopping = args_.stop && args_.stop();
    if (since_tried_.seconds() < 0.2 || (stopping && (std::exchange(tried_last_, true) || silent_))) return false;
    Stopwatch const trying;
    auto const failure = attempt([&] {
        auto fresh = db::Session::connect(args_.database, db::OpenMode::existing, session_.silence());
        fresh.set_patience_s(of_a_try_s);
        if (!db::serves(fresh)) throw Error(Code::unavailable, "the database is away", "it takes nothing", "wait");
        if (!knows_us(fresh)) throw of_another_time();
        fresh.set_patience_s(patience_s());
        session_ = std::move(fresh);
    });
    since_tried_.restart();
    silent_ = failure && trying.seconds() > of_a_silent_try_s;
    if (failure) return false;
    away_ = gave_up_ = false;
    ship_now();
    return !away_;
}

bool RecordKeeper::wait_for_answer()
{
    Stopwatch waited;
    for (;;) {
        double const pause_s = gave_up_ || (args_.stop && args_.stop()) ? first_pause_s : pause_s_;
        pause_s_ = std::min({2 * pause_s_, rarest_pause_s, std::max(first_pause_s, args_.wait_s)});
        sleep_s(pause_s);
        if (is_back()) return true;
        if (args_.stop && args_.stop()) return false;
        if (gave_up_ || waited.seconds() + pause_s > args_.wait_s) break;
    }
    gave_up_ = true;
    return false;
}

bool RecordKeeper::ask(std::function<void(db::Session&)> const& question)
{
    Stopwatch since;
    while (!tried(question)) {
        if (since.seconds() > args_.wait_s) gave_up_ = true;  // it comes and goes
        if (gave_up_ || !wait_for_answer()) return false;
    }
    return true;
}

bool RecordKeeper::ask_now(std::function<void(db::Session&)> const& question) { return tried(question); }

std::string RecordKeeper::why_left() const
{
    return "database " + session_.path() +
           " does not answer, so the group could not be claimed: run the same command again "
           "when it does";
}

void RecordKeeper::renew(db::Claim const& claim, std::string const& stage)
{
    bool ours = true;
    std::optional<db::Holder> holder;
    if (tried([&](db::Session& session) {
            ours = db::renew_claim(session, claim, stage);
            if (!ours) holder = db::holder_of(session, claim.group_id);
        })) {
        if (ours) return lease_.restart(), void();
        if (!holder)
            throw Error(Code::transient, "the group was taken from this run",
                        "by hand (queue retry --force), or its claim ran out; nobody has it now",
                        "run the same command again: it makes the group");
        throw Error(Code::transient, "another run took the group over",
                    "the claim of this run ran out, or was taken by hand; run " + holder->run_id + " (" +
                        holder->process + ") has it",
                    "nothing is lost: that run finishes it");
    }
    if (lease_.seconds() > lease_s - lease_margin_s)
        throw Error(Code::transient, "the claim on the group ran out", "the database has been away for an hour",
                    "run the same command again when it answers");
}

/// Into the spool, and on the medium.
void RecordKeeper::keep(SpoolEntry const& entry)
{
    auto line = to_line(entry);
    spool_.append({line});
    lines_.push_back(std::move(line));
    ++moves_;
}

void RecordKeeper::record(db::GroupResult const& result)
{
    if (!away_) ship_now();  // that a group was begun, before it ended
    std::vector<db::GaveWay> gone;
    if (!tried([&](db::Session& session) { gone = db::record_group_result(session, result); })) return keep(result);
    tell_replaced(gone);
}

bool RecordKeeper::fail(FailedGroup const& failed)
{
    bool ours = false;
    if (tried([&](db::Session& session) { ours = db::fail_group(session, failed.claim, failed.failure); })) {
        emit(failed.events);
        return ours;
    }
    if (auto const lost = attempt([&] { keep(failed); })) spdlog::error("a failure is not recorded: {}", lost->what());
    return false;
}

void RecordKeeper::release(ReleasedGroup const& released)
{
    bool const told = tried([&](db::Session& session) { db::release_claim(session, released.claim, released.why); });
    if (told) return emit(released.events);
    if (auto const lost = attempt([&] { keep(released); }))
        spdlog::error("a release is not recorded: {}", lost->what());
}

void RecordKeeper::finish_run(EndedRun const& ended)
{
    if (!tried([&](db::Session& session) { db::finish_run(session, ended.run_id, ended.end); })) keep(ended);
}

void RecordKeeper::emit(std::vector<db::EventRow> const& events)
{
    std::vector<std::string> lines;
    for (auto const& event : events) lines.push_back(to_line(event));
    auto const failure = attempt([&] { spool_.append(lines); });
    if (failure && !std::exchange(warned_, true)) spdlog::warn("events are not kept: {}", failure->what());
    lines_.insert(lines_.end(), lines.begin(), lines.end());
    bool const due = since_shipped_.seconds() > shipping_pause_s || lines_.size() > most_lines_waiting;
    if (!away_ && due) ship_now();
}

void RecordKeeper::ship_now()
{
    since_shipped_.restart();
    if (lines_.empty()) return;
    Shipped shipped;
    try {
        ship(session_, lines_, shipped);
    } catch (db::DatabaseAway const& why) {
        return note_away(why);
    } catch (Error const& why) {  // they stay in the spool, for the next run or a person
        if (!std::exchange(warned_, true)) spdlog::warn("records wait in {}: {}", spool_.path(), why.what());
        return;
    }
    for (auto const& remark : shipped.remarks) spdlog::warn("{}", remark);
    if (moves_ > 0) spdlog::info("{} records of {} are in the database now", shipped.moves, spool_.path());
    spool_.clear();
    lines_.clear();
    moves_ = 0;
    note_service();
}

bool RecordKeeper::settle()
{
    if (away_ && !is_back() && !wait_for_answer()) return false;
    if (!away_) ship_now();
    return lines_.empty();
}

bool RecordKeeper::ship_last()
{
    constexpr int tries = 3;
    constexpr double pause_s = 0.3;
    for (int i = 0; i < tries && moves_ > 0; ++i) {
        sleep_s(pause_s);
        tried([](db::Session&) {});
    }
    return moves_ == 0;
}

void RecordKeeper::close()
{
    if (!away_) ship_now();
    if (lines_.empty()) spool_.remove();
}

}  // namespace nocturne
