// Verb `events tail`: the newest events, one a line in the envelope of CloudEvents, and those to come.
#include "cli/events_json.hpp"
#include "db/event_follower.hpp"
#include "driver/events.hpp"
#include "driver/open_run.hpp"
#include "driver/stop_signal.hpp"
#include "qa/timing.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <limits>
#include <thread>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace events_tail_verb {

struct Options {
    EventOptions which;
    std::int64_t last = 10;
    bool follow = false, plain = false;
    double interval_s = 1;
};

class Tail {
public:
    Tail(Options const& options, Globals const& globals)
        : options_(options),
          globals_(globals),
          database_(database_of(globals)),
          session_(db::Session::open(database_, db::OpenMode::existing, until_stopped()))
    {}

    int run()
    {
        db::EventFollower events(session_, filter_of(options_.which, session_, options_.last));
        print(events.next());
        if (globals_.json) {
            print_json(all_);
            return 0;
        }
        StopSignal const signals;
        session_.set_patience_s(patience_s);
        while (options_.follow && wait()) look_again(events);
        return 0;
    }

private:
    static constexpr double patience_s = 1;  ///< for a statement; the next look tries again

    /// Looks at signals ten times a second; false once one came.
    bool wait() const
    {
        Stopwatch const waited;
        while (!StopSignal::requested() && waited.seconds() < options_.interval_s)
            std::this_thread::sleep_for(std::chrono::duration<double>(std::min(0.1, options_.interval_s)));
        return !StopSignal::requested();
    }

    /// A server that is away comes back: what keeps it is said once, and none of its events is lost.
    void look_again(db::EventFollower& events)
    {
        bool const was_away = !away_.empty();
        try {
            if (was_away) {
                session_ = db::Session::open(database_, db::OpenMode::existing, until_stopped());
                session_.set_patience_s(patience_s);
            }
            print(events.next());
            away_.clear();
            if (was_away) spdlog::info("database {} answers again", session_.path());
        } catch (Error const& why) {  // one that starts up may say anything
            if (!was_away && !dynamic_cast<db::DatabaseAway const*>(&why)) throw;
            if (away_ != why.what()) spdlog::warn("{}; its events are told when it is back", why.what());
            away_ = why.what();
        }
    }

    void print(std::vector<db::StoredEvent> const& events)
    {
        for (auto const& row : events) {
            auto event = nlohmann::ordered_json::parse(row.payload);
            if (!options_.plain) event = to_cloudevent(event);
            if (globals_.json)
                all_.push_back(std::move(event));
            else
                std::cout << event.dump() << "\n";
        }
        std::cout.flush();
    }

    Options const& options_;
    Globals const& globals_;
    std::string database_;  ///< with its password
    db::Session session_;
    std::string away_;  ///< why the last look failed; "" = it did not
    nlohmann::ordered_json all_ = nlohmann::ordered_json::array();
};

int run_verb(Options const& o, Globals const& globals)
{
    if (o.follow && globals.json)
        throw Error(Code::usage, "--follow with --json", "one JSON document ends", "leave --json out: lines are JSON");
    return Tail(o, globals).run();
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    add_event_options(app, o->which);
    app.add_option("-n,--last", o->last, "So many of the newest; default 10")
        ->in_range(0, std::numeric_limits<int>::max());
    app.add_flag("-f,--follow", o->follow, "Go on with those that come, until a signal");
    app.add_option("--interval", o->interval_s, "Seconds between two looks with --follow; default 1")
        ->in_range(0.05, 3600.0);
    app.add_flag("--plain", o->plain, "The events themselves, without the envelope of CloudEvents 1.0");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"events tail", "The newest events as CloudEvents, one a line", &declare}};

}  // namespace events_tail_verb
}  // namespace nocturne::cli
