#include "driver/command.hpp"

#include "nocturne/error.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace nocturne {
namespace {

[[noreturn]] void cannot_start(std::string const& program, int error)
{
    throw Error(Code::system, "cannot start " + program, std::strerror(error), "run the same command again");
}

/// One end for us, one for the child's standard output or error.
class Pipe {
public:
    explicit Pipe(std::string const& program)
    {
        if (pipe2(ends_.data(), O_CLOEXEC) != 0) cannot_start(program, errno);
    }
    ~Pipe()
    {
        close_end(0);
        close_end(1);
    }
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;
    int reading() const { return ends_[0]; }
    int writing() const { return ends_[1]; }
    void close_end(std::size_t end)
    {
        if (ends_[end] >= 0) close(ends_[end]);
        ends_[end] = -1;
    }

private:
    std::array<int, 2> ends_{-1, -1};
};

/// Both pipes until the child has closed them; neither may fill up. False where that takes longer than `limit_s`.
bool drain(Pipe& out, Pipe& err, CommandOutcome& outcome, double limit_s)
{
    using Clock = std::chrono::steady_clock;
    auto const begun = Clock::now();
    constexpr int look_every_ms = 200;
    std::array<pollfd, 2> ends{{{out.reading(), POLLIN, 0}, {err.reading(), POLLIN, 0}}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        if (std::chrono::duration<double>(Clock::now() - begun).count() > limit_s) return false;
        if (poll(ends.data(), ends.size(), look_every_ms) < 0) continue;  // a signal
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if (ends[i].fd < 0 || !ends[i].revents) continue;
            std::array<char, 4096> part{};
            auto const n = read(ends[i].fd, part.data(), part.size());
            if (n > 0) (i == 0 ? outcome.out : outcome.err).append(part.data(), static_cast<std::size_t>(n));
            if (n == 0 || (n < 0 && errno != EINTR)) ends[i].fd = -1;
        }
    }
    return true;
}

std::vector<std::string> environment_with(std::map<std::string, std::string> const& more)
{
    std::vector<std::string> all;
    for (char** entry = environ; *entry; ++entry) {
        std::string const text = *entry;
        if (!more.count(text.substr(0, text.find('=')))) all.push_back(text);
    }
    for (auto const& [name, value] : more) all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> all;
    for (auto& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

}  // namespace

CommandOutcome run_command(std::vector<std::string> const& words, std::map<std::string, std::string> const& more,
                           double limit_s)
{
    CommandOutcome outcome;
    Pipe out(words.at(0)), err(words.at(0));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.writing(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.writing(), STDERR_FILENO);
    auto arguments = words, environment = environment_with(more);
    pid_t child = 0;
    int const error = posix_spawnp(&child, words[0].c_str(), &actions, nullptr, pointers(arguments).data(),
                                   pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT) return {127, "", words[0] + ": not found"};
    if (error != 0) cannot_start(words[0], error);
    out.close_end(1);
    err.close_end(1);
    bool const in_time = drain(out, err, outcome, limit_s);
    if (!in_time) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.code = !in_time ? 124 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
}

}  // namespace nocturne
