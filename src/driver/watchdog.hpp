// A rank that is stopped, or whose node hangs, is never noticed by MPI: the others would wait for it until the job's time is up. Here each
// rank tells the next one every second that it lives, past MPI, and whoever hears nothing ends the job with code 75.
#pragma once

#include "driver/ranks.hpp"

#include <memory>

namespace nocturne {

/// Watches while it lives. The ranks are a ring: a rank listens on a port of its own, and its predecessor connects and sends a byte a
/// second; a job of any size has two connections a rank. Silence of `NOCTURNE_WATCHDOG_S` seconds (20; 0: no watchdog) ends this process
/// with code 75 and one line, and the launcher ends the others. So does a connection that breaks without a farewell: a rank that died.
/// A process that was itself stopped, with all the others (a suspended job), does not count that time.
class Watchdog {
public:
    /// Every rank of `world` calls it; nothing happens with one rank. A rank that cannot be reached is said, and not watched.
    explicit Watchdog(Ranks const& world);
    /// Says farewell: this rank ends in order.
    ~Watchdog();
    Watchdog(Watchdog const&) = delete;
    Watchdog& operator=(Watchdog const&) = delete;

private:
    class Beat;
    std::unique_ptr<Beat> beat_;
};

}  // namespace nocturne
