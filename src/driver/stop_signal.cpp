// Enters: signals. Leaves: one flag. A second INT ends the program at once, as a person at a terminal expects.
#include "driver/stop_signal.hpp"

#include <csignal>

namespace nocturne {
namespace {

volatile std::sig_atomic_t signalled = 0;
int const signals[] = {SIGUSR1, SIGTERM, SIGINT};
struct sigaction previous[3];

void note(int signal)
{
    if (signalled && signal == SIGINT) {
        std::signal(SIGINT, SIG_DFL);
        std::raise(SIGINT);
    }
    signalled = 1;
}

}  // namespace

StopSignal::StopSignal()
{
    struct sigaction action {};
    action.sa_handler = note;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    for (int i = 0; i < 3; ++i) sigaction(signals[i], &action, &previous[i]);
}

StopSignal::~StopSignal()
{
    for (int i = 0; i < 3; ++i) sigaction(signals[i], &previous[i], nullptr);
}

bool StopSignal::requested() { return signalled != 0; }

}  // namespace nocturne
