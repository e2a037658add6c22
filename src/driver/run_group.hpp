// One group through the passes of a job: the road of docs/architecture.md. Enters: passes, a source of blocks, the ranks of
// the team. Leaves: the group's state with images on the leader, and the ledger of where the time went.
#pragma once

#include "driver/ranks.hpp"
#include "nocturne/stage.hpp"
#include "qa/timing.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace nocturne {

/// Where blocks come from. A span is a range of baselines that is in memory at once; blocks are cut from it.
class BlockSource {
public:
    virtual ~BlockSource() = default;
    virtual GroupHeader const& header() const = 0;
    /// Baselines that fit into the memory allowed to this rank (at least one).
    virtual Index span_baselines() const = 0;
    /// Reads a span as it stands in the files. The views stay valid until the next call.
    virtual VisBlock load(Index first_baseline, Index n_baselines) = 0;
    /// Oddities of the input, worth a line in a log.
    virtual std::vector<std::string> notes() const { return {}; }
    /// Bytes read from files so far.
    virtual std::uint64_t bytes_read() const = 0;
};

struct GroupRun {
    Passes passes;
    Ranks const& team;
    Ledger& ledger;
    Index block_baselines = 64;  ///< of one block: 19 MB for DSA-110, in cache on a host
    std::function<bool()>
        stop_requested;  ///< asked between blocks and within passes; true: Error(transient) on all ranks
    std::function<void(std::string const&)> pulse = {};  ///< told at the same places where the group stands; may throw
};

/// Runs all passes over the group. Every rank of the team calls it; an error of one rank is thrown on all of them.
/// `state` enters with header, device and share; it leaves complete on the leader.
void run_group(GroupRun run, BlockSource& source, GroupState& state);

}  // namespace nocturne
