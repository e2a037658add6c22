// The ranks of a job and every collective of it(image_message.cpp carries images): nothing else includes MPI. Reductions are sums of integers,
// bit-wise ORs and maxima, so no result depends on how many ranks made it.
#pragma once

#include "driver/held_place.hpp"
#include "nocturne/error.hpp"
#include "nocturne/stage.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

constexpr std::size_t largest_message = std::size_t(1) << 28;  ///< elements a call: MPI counts are int

/// MPI from the first use to the end of the program. Without mpirun the job has one rank.
class MpiScope {
public:
    MpiScope();
    ~MpiScope();
    MpiScope(MpiScope const&) = delete;
    MpiScope& operator=(MpiScope const&) = delete;
    /// An error that only this rank has seen: ends all ranks with its exit code.
    [[noreturn]] static void abort(int code);

private:
    HeldPlace session_place_;
};

class Ranks;

struct HeldImage {
    Product product;
    int rank;
};

/// Runs `work` on all ranks of the job and returns its exit code. An Error is the same on every rank (Ranks::agree), so the
/// leader alone prints it; anything else was seen by one rank, which ends them all.
int on_all_ranks(std::function<int(Ranks const&)> const& work);

/// A set of ranks that act together: all ranks of the job, or those of one team that works on a group.
class Ranks {
public:
    static Ranks world();
    ~Ranks();
    Ranks(Ranks&&) noexcept;
    Ranks(Ranks const&) = delete;

    int rank() const { return rank_; }
    int size() const { return size_; }
    bool leader() const { return rank_ == 0; }

    /// Teams of `team_size` neighbouring ranks; throws Error(usage) where the number of ranks is no multiple of it.
    Ranks teams(int team_size) const;

    std::string broadcast(std::string const& text) const;  ///< the leader's
    std::int64_t broadcast(std::int64_t value) const;      ///< the leader's
    std::int64_t maximum(std::int64_t value) const;
    std::vector<std::string> gather(
        std::string const& text) const;                 ///< on the leader, in the order of ranks; else empty
    void sum(std::vector<std::int64_t>& values) const;  ///< in place, on all
    void sum(Buffer<std::int64_t>& values) const;       ///< the same, wherever they lie

    /// All ranks learn whether one failed: throws the error of the lowest failing rank everywhere.
    void agree(std::optional<Error> const& mine) const;

    /// Values that one rank made and that are 0 on the others: OR of the bits puts them together, exactly.
    void merge(std::vector<Vis>& values) const;
    void merge(std::vector<float>& values) const;
    /// Exchange::deal.
    void deal(std::vector<float>& pieces, std::vector<std::size_t> const& counts, std::vector<float>& dealt) const;

    /// Combines over the ranks what a block pass wrote into the state, on all ranks.
    void combine(Field field, GroupState& state) const;

    /// Every product of the group and the rank that holds it, in the order of products; the same on all ranks. Images without a
    /// beam get that of the PSF, wherever it was made.
    std::vector<HeldImage> list_images(GroupState& state) const;
    void send(Image const& image, int to) const;  ///< the other rank receives
    Image receive(int from) const;

private:
    explicit Ranks(void* communicator, bool owned);

    void* communicator_ = nullptr;  ///< MPI_Comm
    bool owned_ = false;
    int rank_ = 0, size_ = 1;
};

}  // namespace nocturne
