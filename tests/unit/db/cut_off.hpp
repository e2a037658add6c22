// A migration that is killed in the middle.
#pragma once

#include "db/migrations.hpp"
#include "db/session.hpp"

#include <functional>
#include <span>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nocturne::db::test {

/// Migrates what `open` opens, in a child that kills itself before its `k`-th statement; false where it came to its end.
inline bool cut_off(std::function<Session()> const& open, std::span<Migration const> steps, int k)
{
    pid_t const child = fork();
    if (child == 0) {
        auto session = open();
        int left = k;
        migrate(session, steps, [&] {
            if (left-- == 0) kill(getpid(), SIGKILL);
        });
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

}  // namespace nocturne::db::test
