// A child process of this program: dangerous libraries (HDF5 on files that nobody vouches for, casacore on a full disk) run
// there, and what kills it is an Error here. Enters: a hidden verb and limits. Leaves: messages, or a ChildError.
#pragma once

#include "driver/channel.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace nocturne {

/// Names the program that children run; `nocturne` itself calls it with "/proc/self/exe". Without it NOCTURNE_PROGRAM is taken
/// (test programs), and without that no child starts.
void set_child_program(std::string path);

struct ChildOptions {
    std::vector<std::string> words;  ///< the hidden verb and its arguments
    std::string purpose;             ///< for messages: "probe of HDF5 files"
    std::uint64_t memory_bytes = 0;  ///< RLIMIT_DATA: private memory, not shared maps; 0 = as this process
    unsigned cpu_s = 0;              ///< RLIMIT_CPU over its whole life; 0 = as this process
    std::string program = {};        ///< another program than that of set_child_program; for tests
};

/// What went wrong with a child, not with what it was asked. Code::system.
class ChildError : public Error {
public:
    enum class Kind {
        not_started,
        died,            ///< of a signal, or it exited
        timed_out,       ///< it did not answer in time, and was killed
        broken_message,  ///< it sent what is no message, and was killed
    };
    ChildError(Kind kind, std::string problem, std::string reason);
    Kind kind() const { return kind_; }

private:
    Kind kind_;
};

/// Starts on construction (posix_spawn, never a bare fork; start it from a thread that lives as long as the child). In the child
/// descriptor 3 is the channel, stdin is /dev/null, stdout and stderr are kept here for messages; see ParentLink.
class Child {
public:
    static constexpr int channel_descriptor = 3;
    static constexpr double end_grace_s = 2;

    /// Throws ChildError(not_started).
    explicit Child(ChildOptions options);
    /// Ends it: see end().
    ~Child();
    Child(Child const&) = delete;
    Child& operator=(Child const&) = delete;

    /// Sends one message, with a descriptor (not owned) where `attached` ≥ 0. Throws ChildError.
    void send(std::string const& text, double timeout_s, int attached = -1);
    /// The next message; nullopt where none came in time (the child lives on). Throws ChildError(died, broken_message).
    std::optional<std::string> receive(double timeout_s);
    /// Sends, and waits for the answer: both within `timeout_s`, else the child is killed and ChildError(timed_out) thrown. One that
    /// has not had so much of a processor yet (a busy host, a slow file system) is given up to `stretch` times as long.
    std::string ask(std::string const& text, double timeout_s, double stretch = 1);

    /// Closes the channel, which tells the child to leave; after the grace it is killed. True where it left by itself with exit
    /// code 0. Nothing can be sent afterwards.
    bool end(double grace_s = end_grace_s);
    /// Ends it at once.
    void kill();

    pid_t pid() const { return pid_; }
    /// False once it has left or died.
    bool alive() { return pid_ >= 0 && !wait_for_exit(Clock::now()); }
    /// The last 4 kB of what it wrote on stdout and stderr.
    std::string const& last_words();

private:
    using Clock = std::chrono::steady_clock;
    enum class Until { sent, message };

    void start();
    void set_limits() const;
    bool pump(Until until, Clock::time_point deadline);
    void listen();
    bool wait_for_exit(Clock::time_point deadline);
    [[noreturn]] void fail(ChildError::Kind kind, std::string const& how);
    [[noreturn]] void fail_dead();
    std::string how_it_died() const;

    ChildOptions options_;
    Channel channel_;
    Descriptor words_;  ///< stdout and stderr of the child
    std::string last_words_;
    pid_t pid_ = -1;
    bool waited_ = false;
    int status_ = 0;
};

}  // namespace nocturne
