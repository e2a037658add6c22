// A rank that hangs while MPI starts or ends: the watchdog does not live then. Enters: the launcher's environment. Leaves: nothing, or the
// end of the process with code 75.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace nocturne {

/// Armed from its construction; while it is armed for longer than `limit_s()` the process ends. Time during which the process itself is
/// stopped does not count. Without a launcher of several ranks it does nothing.
class LaunchGuard {
public:
    LaunchGuard();
    ~LaunchGuard();
    LaunchGuard(LaunchGuard const&) = delete;
    LaunchGuard& operator=(LaunchGuard const&) = delete;

    void disarm() { set(false); }
    void arm() { set(true); }

    /// 25 s, and a second more for every 20 ranks: launchers start many of them one after another.
    static double limit_s(int ranks) { return 25 + ranks / 20.0; }

private:
    void set(bool armed);
    void run(double limit_s);

    std::mutex mutex_;
    std::condition_variable changed_;
    bool armed_ = true, over_ = false;
    int ticks_ = 0;
    std::optional<std::thread> thread_;
};

/// Arms a guard when it goes.
struct ArmAtEnd {
    explicit ArmAtEnd(LaunchGuard& guard) : guard_(guard) {}
    ~ArmAtEnd() { guard_.arm(); }
    ArmAtEnd(ArmAtEnd const&) = delete;
    ArmAtEnd& operator=(ArmAtEnd const&) = delete;

private:
    LaunchGuard& guard_;
};

}  // namespace nocturne
