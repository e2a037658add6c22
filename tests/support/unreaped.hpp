// A process that was killed and that nobody has waited for, until this goes.
#pragma once

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

namespace nocturne::test {

class Unreaped {
public:
    Unreaped() : pid_(fork())
    {
        if (pid_ == 0) {
            kill(getpid(), SIGKILL);
            _exit(1);
        }
        siginfo_t ended{};
        waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT);
    }
    Unreaped(Unreaped const&) = delete;
    Unreaped& operator=(Unreaped const&) = delete;
    ~Unreaped() { waitpid(pid_, nullptr, 0); }
    pid_t pid() const { return pid_; }

private:
    pid_t pid_;
};

}  // namespace nocturne::test
