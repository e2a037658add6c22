// Turns that processes of a node take: at reading from a file system, at the memory of a GPU. Enters: how many may go at once. Leaves: turns.
#pragma once

#include "driver/run_group.hpp"

#include <functional>
#include <memory>
#include <string>

namespace nocturne {

/// One of so many turns that the processes of this user on this node share, whatever jobs they belong to: locks on files in the node's scratch space,
/// which end with their process. It is a throttle, not a barrier: who gets none within a minute, or is to stop, reads all the same.
class NodeTurns {
public:
    /// `most` 0: no limit. `stop` ends a wait.
    NodeTurns(int most, std::function<bool()> stop);
    /// The one turn at the memory of a device that ranks share, waited for by the hour; no limit where `uuid` is "".
    static NodeTurns of_device(std::string const& uuid, std::function<bool()> stop);

    class Turn {
    public:
        explicit Turn(int descriptor) : descriptor_(descriptor) {}
        Turn(Turn&& other) noexcept;
        Turn& operator=(Turn&&) = delete;
        ~Turn();
        /// False where nothing limits, or none came in time.
        bool held() const { return descriptor_ >= 0; }

    private:
        int descriptor_ = -1;
    };
    Turn take() const;

private:
    int most_;
    double longest_wait_s_;
    std::function<bool()> stop_;
    std::string directory_;
};

/// Reads spans of `source` in turns; `source` itself where nothing limits.
std::unique_ptr<BlockSource> throttled(std::unique_ptr<BlockSource> source, int max_readers,
                                       std::function<bool()> stop);

}  // namespace nocturne
