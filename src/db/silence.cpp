#include "db/silence.hpp"

#include <algorithm>
#include <chrono>
#include <list>
#include <mutex>
#include <thread>

#include <sys/socket.h>
#include <csignal>

namespace nocturne::db {
namespace {

using SilenceClock = std::chrono::steady_clock;

constexpr double after_stop_s = 3;
constexpr auto look_every = std::chrono::milliseconds(200);

struct AwaitedAnswer {
    AnswerWait const* who;
    int socket;
    Silence silence;
    SilenceClock::time_point since;
    bool stopping = false;
};

double seconds_since_point(SilenceClock::time_point start)
{
    return std::chrono::duration<double>(SilenceClock::now() - start).count();
}

/// One thread a process, which takes no signals and lives as long as the process.
class SilenceGuard {
public:
    SilenceGuard()
    {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        std::thread([this] { look(); }).detach();
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    void add(AwaitedAnswer answer)
    {
        std::lock_guard const lock(mutex_);
        awaited_.push_back(std::move(answer));
    }
    void remove(AnswerWait const* who)
    {
        std::lock_guard const lock(mutex_);
        awaited_.remove_if([&](AwaitedAnswer const& answer) { return answer.who == who; });
    }

private:
    [[noreturn]] void look()
    {
        for (;; std::this_thread::sleep_for(look_every)) {
            std::lock_guard const lock(mutex_);
            for (auto& answer : awaited_) cut_when_due(answer);
        }
    }
    /// The socket is its owner's: only the talk on it ends.
    static void cut_when_due(AwaitedAnswer& answer)
    {
        if (!answer.stopping && answer.silence.stop && answer.silence.stop()) {
            answer.stopping = true;
            answer.silence.limit_s = std::min(answer.silence.limit_s, seconds_since_point(answer.since) + after_stop_s);
        }
        if (seconds_since_point(answer.since) > answer.silence.limit_s) shutdown(answer.socket, SHUT_RDWR);
    }

    std::mutex mutex_;
    std::list<AwaitedAnswer> awaited_;
};

SilenceGuard& silence_guard()
{
    static auto* const guard = new SilenceGuard;  // its thread outlives all that ends with the program
    return *guard;
}

}  // namespace

AnswerWait::AnswerWait(int socket, Silence const& silence)
    : guarded_(socket >= 0 && (silence.limit_s < std::numeric_limits<double>::infinity() || silence.stop))
{
    if (guarded_) silence_guard().add({this, socket, silence, SilenceClock::now()});
}

AnswerWait::~AnswerWait()
{
    if (guarded_) silence_guard().remove(this);
}

}  // namespace nocturne::db
