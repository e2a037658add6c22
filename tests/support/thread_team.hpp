// ThreadTeam: a Tile body run by real threads with a real barrier, so that ThreadSanitizer finds races without a GPU.
#pragma once

#include "nocturne/view.hpp"

#include <barrier>
#include <cstddef>
#include <new>
#include <thread>
#include <vector>

namespace nocturne::test {

/// One thread's view of the team; memory for scratch is shared by all of them.
class ThreadTeam {
public:
    ThreadTeam(int rank, int size, std::barrier<>& barrier, char* shared)
        : rank_(rank), size_(size), barrier_(&barrier), next_(shared)
    {}
    int rank() const { return rank_; }
    int size() const { return size_; }
    void barrier() const { barrier_->arrive_and_wait(); }
    template<class T>
    T* scratch(std::size_t n)
    {
        char* start = next_;
        next_ += (n * sizeof(T) + 63) / 64 * 64;
        return reinterpret_cast<T*>(start);
    }

private:
    int rank_, size_;
    std::barrier<>* barrier_;
    char* next_;
};

/// tile(team, t) for t in [0, n), one tile after another, each by `threads` threads.
template<class Tile>
void for_each_tile_threaded(Index n, int threads, std::size_t scratch_bytes, Tile const& tile)
{
    std::vector<char> memory(scratch_bytes + 64);
    auto* shared = reinterpret_cast<char*>((reinterpret_cast<std::size_t>(memory.data()) + 63) / 64 * 64);
    std::barrier<> barrier(threads);
    std::vector<std::thread> team;
    for (int rank = 0; rank < threads; ++rank)
        team.emplace_back([&, rank] {
            for (Index t = 0; t < n; ++t) {
                ThreadTeam member(rank, threads, barrier, shared);
                tile(member, t);
                barrier.arrive_and_wait();
            }
        });
    for (auto& member : team) member.join();
}

}  // namespace nocturne::test
