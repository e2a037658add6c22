// ThreadSanitizer must see what a missing barrier does: the same Tile, sound or with its barrier taken out by `unsound`.
#include "tests/support/thread_team.hpp"

#include <cstdio>
#include <cstring>

namespace {

/// Each thread writes its rank into scratch; after the barrier each sums what all wrote.
struct SumTile {
    bool sound;
    int* sums;

    template<class Team>
    void operator()(Team& team, nocturne::Index) const
    {
        int* const shared = team.template scratch<int>(static_cast<std::size_t>(team.size()));
        shared[team.rank()] = team.rank();
        if (sound) team.barrier();
        int sum = 0;
        for (int i = 0; i < team.size(); ++i) sum += shared[i];
        sums[team.rank()] = sum;
    }
};

}  // namespace

int main(int argc, char** argv)
{
    bool const sound = !(argc > 1 && std::strcmp(argv[1], "unsound") == 0);
    int sums[4] = {};
    nocturne::test::for_each_tile_threaded(8, 4, 256, SumTile{sound, sums});
    for (int sum : sums)
        if (sound && sum != 6) return 1;
    std::puts("ran");
    return 0;
}
