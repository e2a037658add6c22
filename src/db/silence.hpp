// A server that says nothing: its process is stopped, or packets to it are lost. Enters: a socket on which an answer is awaited. Leaves: the
// answer, or a connection that was cut, which the waiting statement reports as lost.
#pragma once

#include <functional>
#include <limits>

namespace nocturne::db {

/// For how long an answer is waited for; and no longer than some seconds once `stop` says that the program is to end.
struct Silence {
    double limit_s = std::numeric_limits<double>::infinity();
    std::function<bool()> stop = {};  ///< called by a thread of this room
};

/// From now until it ends somebody waits for an answer on the socket (−1: for nothing).
class AnswerWait {
public:
    AnswerWait(int socket, Silence const& silence);
    ~AnswerWait();
    AnswerWait(AnswerWait const&) = delete;
    AnswerWait& operator=(AnswerWait const&) = delete;

private:
    bool guarded_ = false;
};

}  // namespace nocturne::db
