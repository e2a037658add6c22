#include "driver/launch_guard.hpp"

#include "nocturne/error.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include <spdlog/spdlog.h>
#include <unistd.h>

namespace nocturne {
namespace {

constexpr std::chrono::milliseconds tick{500};

int count_from(char const* name)
{
    char const* text = std::getenv(name);
    return text ? std::atoi(text) : 0;
}

/// Ranks that the launcher starts; 1 without one. sbatch sets SLURM_NTASKS for programs that srun did not start, too.
int ranks_of_launcher()
{
    int const by_srun = std::getenv("SLURM_STEP_ID") ? count_from("SLURM_STEP_NUM_TASKS") : 0;
    return std::max({1, count_from("OMPI_COMM_WORLD_SIZE"), by_srun});
}

}  // namespace

LaunchGuard::LaunchGuard()
{
    int const ranks = ranks_of_launcher();
    char const* watchdog = std::getenv("NOCTURNE_WATCHDOG_S");
    if (ranks == 1 || (watchdog && std::atof(watchdog) <= 0)) return;
    sigset_t all, previous;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);  // signals are for the thread that works
    thread_.emplace([this, ranks] { run(limit_s(ranks)); });
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
}

LaunchGuard::~LaunchGuard()
{
    if (!thread_) return;
    {
        std::lock_guard const lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    thread_->join();
}

void LaunchGuard::set(bool armed)
{
    {
        std::lock_guard const lock(mutex_);
        armed_ = armed;
        ticks_ = 0;
    }
    changed_.notify_all();
}

void LaunchGuard::run(double limit_s)
{
    std::unique_lock lock(mutex_);
    while (!over_) {
        if (!armed_) {
            changed_.wait(lock);
            continue;
        }
        if (changed_.wait_for(lock, tick) == std::cv_status::timeout) ++ticks_;
        if (ticks_ * std::chrono::duration<double>(tick).count() <= limit_s) continue;
        spdlog::critical(
            "MPI did not start or end within {:.0f} s: a rank hangs; the job ends with code 75, the same "
            "command goes on where it was",
            limit_s);
        spdlog::default_logger()->flush();
        _exit(exit_code(Code::transient));
    }
}

}  // namespace nocturne
