// Enters: options. Leaves: a running child and its messages; every way to lose it becomes a ChildError.
#include "driver/child.hpp"

#include "nocturne/short_number.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace nocturne {
namespace {

constexpr std::size_t most_words = 4096;
constexpr std::size_t most_waiting = 10'000;  // messages that nobody has asked for yet

std::string& program_here()
{
    static std::string path;
    return path;
}

std::string program_of(ChildOptions const& options)
{
    if (!options.program.empty()) return options.program;
    if (!program_here().empty()) return program_here();
    char const* const named = std::getenv("NOCTURNE_PROGRAM");
    return named ? named : "";
}

/// Moves a descriptor out of the way of 0 to 3, closed on exec.
Descriptor moved_up(int number)
{
    Descriptor const old(number);
    return Descriptor(number < 0 ? -1 : fcntl(number, F_DUPFD_CLOEXEC, 16));
}

/// The pieces of a spawn, freed in the end.
struct SpawnPlan {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;

    SpawnPlan(int channel, int words)
    {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, words, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
        posix_spawn_file_actions_adddup2(&actions, channel, Child::channel_descriptor);
        // Until the child ignores them itself, signals to the whole step (Slurm's USR1) are held back.
        sigset_t held, none_ignored;
        sigemptyset(&held);
        for (int signal : {SIGUSR1, SIGUSR2, SIGINT, SIGTERM, SIGHUP}) sigaddset(&held, signal);
        sigfillset(&none_ignored);
        posix_spawnattr_setsigmask(&attributes, &held);
        posix_spawnattr_setsigdefault(&attributes, &none_ignored);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    SpawnPlan(SpawnPlan const&) = delete;
    SpawnPlan& operator=(SpawnPlan const&) = delete;
    ~SpawnPlan()
    {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
};

int milliseconds_until(std::chrono::steady_clock::time_point deadline)
{
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
}

/// What a process has had of processors; infinite where nobody knows.
double processor_time_s(pid_t pid)
{
    clockid_t clock{};
    timespec spent{};
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0) return INFINITY;
    return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

std::chrono::steady_clock::time_point after(double seconds)
{
    return std::chrono::steady_clock::now() +
           std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

void set_child_program(std::string path) { program_here() = std::move(path); }

ChildError::ChildError(Kind kind, std::string problem, std::string reason)
    : Error(Code::system, std::move(problem), std::move(reason), "run again; report it where it happens twice"),
      kind_(kind)
{}

Child::Child(ChildOptions options) : options_(std::move(options)), channel_(Descriptor()) { start(); }

Child::~Child() { end(); }

void Child::start()
{
    auto const program = program_of(options_);
    auto const refuse = [&](std::string const& reason) {
        throw ChildError(ChildError::Kind::not_started, "cannot start the " + options_.purpose, reason);
    };
    if (program.empty()) refuse("this program has not said what its children run; NOCTURNE_PROGRAM can name it");
    int pair[2] = {-1, -1}, pipe_ends[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) refuse(std::strerror(errno));
    auto mine = moved_up(pair[0]), theirs = moved_up(pair[1]);
    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) refuse(std::strerror(errno));
    words_ = moved_up(pipe_ends[0]);
    auto const its_words = moved_up(pipe_ends[1]);
    if (!mine || !theirs || !words_ || !its_words) refuse(std::strerror(errno));
    fcntl(its_words.number(), F_SETFL, 0);  // the child waits where its words are not taken
    std::vector<std::string> words{"nocturne"};
    words.insert(words.end(), options_.words.begin(), options_.words.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    SpawnPlan const plan(theirs.number(), its_words.number());
    int const failed = posix_spawn(&pid_, program.c_str(), &plan.actions, &plan.attributes, argv.data(), environ);
    if (failed != 0) {
        pid_ = -1;
        refuse(program + ": " + std::strerror(failed));
    }
    channel_ = Channel(std::move(mine));
    set_limits();
}

/// Set from here, so that they hold whatever the child does.
void Child::set_limits() const
{
    auto const limit = [&](__rlimit_resource what, rlim_t soft, rlim_t hard) {
        rlimit const value{soft, hard};
        prlimit(pid_, what, &value, nullptr);
    };
    limit(RLIMIT_CORE, 0, 0);
    if (options_.cpu_s > 0) limit(RLIMIT_CPU, options_.cpu_s, options_.cpu_s + 1);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // their shadow memory is counted too
    if (options_.memory_bytes > 0) limit(RLIMIT_DATA, options_.memory_bytes, options_.memory_bytes);
#endif
}

/// Takes what the child has written; keeps its end.
void Child::listen()
{
    char buffer[4096];
    for (;;) {
        auto const n = read(words_.number(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n == 0) words_.reset();
        if (n <= 0) return;
        last_words_.append(buffer, static_cast<std::size_t>(n));
        if (last_words_.size() > most_words) last_words_.erase(0, last_words_.size() - most_words);
    }
}

std::string const& Child::last_words()
{
    if (words_) listen();
    return last_words_;
}

/// Moves bytes both ways until the wish is fulfilled; false where the deadline came first. A child that is gone is an error.
bool Child::pump(Until until, Clock::time_point deadline)
{
    for (;;) {
        auto flow = Channel::Flow::open;
        try {
            if (until == Until::message && channel_.has_message()) return true;
            if (channel_.has_unsent()) flow = channel_.write_some();
            if (until == Until::sent && !channel_.has_unsent()) return true;
            if (channel_.waiting() < most_waiting && channel_.read_some() == Channel::Flow::closed)
                flow = Channel::Flow::closed;
        } catch (Error const& error) {
            fail(ChildError::Kind::broken_message, "sent a broken message: " + error.reason());
        }
        if (words_) listen();
        if (until == Until::message && channel_.has_message()) return true;
        if (flow == Channel::Flow::closed) fail_dead();
        int const wait_ms = milliseconds_until(deadline);
        if (wait_ms == 0) return false;
        pollfd watched[2] = {{channel_.socket(), POLLIN, 0}, {words_.number(), POLLIN, 0}};
        if (channel_.waiting() >= most_waiting) watched[0].events = 0;
        if (channel_.has_unsent()) watched[0].events |= POLLOUT;
        poll(watched, words_ ? 2 : 1, wait_ms);
    }
}

void Child::send(std::string const& text, double timeout_s, int attached)
{
    if (channel_.socket() < 0) fail_dead();
    channel_.put(text, attached);
    if (!pump(Until::sent, after(timeout_s)))
        fail(ChildError::Kind::timed_out, "took no message for " + std::to_string(timeout_s) + " s");
}

std::optional<std::string> Child::receive(double timeout_s)
{
    if (channel_.socket() < 0) fail_dead();
    if (!pump(Until::message, after(timeout_s))) return std::nullopt;
    return channel_.take().text;
}

std::string Child::ask(std::string const& text, double timeout_s, double stretch)
{
    auto const last = after(stretch * timeout_s);
    double const used_s = processor_time_s(pid_);
    auto deadline = std::min(last, after(timeout_s));
    send(text, stretch * timeout_s);
    while (!pump(Until::message, deadline)) {
        bool const starved = processor_time_s(pid_) - used_s < timeout_s;
        if (!starved || Clock::now() >= last)
            fail(ChildError::Kind::timed_out,
                 "gave no answer for " + short_number(starved ? stretch * timeout_s : timeout_s) + " s and was killed");
        deadline = std::min(last, after(0.1 * timeout_s));
    }
    return channel_.take().text;
}

bool Child::wait_for_exit(Clock::time_point deadline)
{
    if (waited_ || pid_ < 0) return true;
    for (auto pause = std::chrono::microseconds(100);; pause = std::min(2 * pause, std::chrono::microseconds(5000))) {
        if (words_) listen();  // it may wait for room in the pipe
        auto const got = waitpid(pid_, &status_, WNOHANG);
        if (got == pid_ || (got < 0 && errno != EINTR)) break;
        if (Clock::now() >= deadline) return false;
        std::this_thread::sleep_for(pause);
    }
    waited_ = true;
    if (words_) listen();
    return true;
}

void Child::kill()
{
    if (pid_ < 0 || waited_) return;
    ::kill(pid_, SIGKILL);
    while (waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
    }
    waited_ = true;
    if (words_) listen();
    channel_.close();
}

bool Child::end(double grace_s)
{
    channel_.close();
    if (!wait_for_exit(after(grace_s))) kill();
    return pid_ >= 0 && WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
}

std::string Child::how_it_died() const
{
    if (WIFSIGNALED(status_)) {
        char const* const name = sigabbrev_np(WTERMSIG(status_));
        return "was killed by SIG" + std::string(name ? name : std::to_string(WTERMSIG(status_)));
    }
    return "left with exit code " + std::to_string(WEXITSTATUS(status_));
}

void Child::fail_dead()
{
    if (!wait_for_exit(after(end_grace_s)))
        fail(ChildError::Kind::died, "closed its channel and stayed; it was killed");
    fail(ChildError::Kind::died, how_it_died());
}

void Child::fail(ChildError::Kind kind, std::string const& how)
{
    kill();
    channel_.close();
    auto words = last_words_.substr(last_words_.size() > 400 ? last_words_.size() - 400 : 0);
    std::replace(words.begin(), words.end(), '\n', ' ');
    while (!words.empty() && words.back() == ' ') words.pop_back();
    throw ChildError(kind, "the " + options_.purpose + " failed",
                     "the child process " + how + (words.empty() ? "" : "; its last words: " + words));
}

}  // namespace nocturne
