// Launch of `level` on the host: one histogram of exponents instead of the body's bisection (the same integers;
// perf/bench/level_bench has the rates).
#include "kernels/level.hpp"

#include "kernels/kokkos/loop.hpp"

namespace nocturne {
namespace {

struct LevelOnce {
    LevelTile body;

    void operator()(Index tile) const
    {
        auto const& args = body.args;
        Index const np = args.vis.extent[3], b = tile / np, p = tile % np;
        Level all;
        std::int32_t histogram[4][256] = {};
        for (Index t = 0; t < args.vis.extent[0]; t += args.step)
            for (Index c = 0; c < args.vis.extent[2]; ++c) {
                body.count_sample(all, t, b, c, p);
                histogram[c & 3][LevelTile::biased_exponent(LevelTile::power(args.vis(t, b, c, p)))] +=
                    args.flag(t, b, c, p) == 0;
            }
        std::int32_t seen = 0;
        int low = -1;
        while (2.0 * seen < all.count || low < 0) {
            ++low;
            for (auto const& part : histogram) seen += part[low];
        }
        all.exponent = all.count > 0 ? low - 127 : 0;
        int const most = low + LevelTile::pair_exponents;
        for (Index t = 0; t < args.vis.extent[0]; t += args.step)
            for (Index c = 0; c + args.lag < args.vis.extent[2]; c += args.lag)
                body.compare_pair(all, t, b, c, p, most);
        args.level(b, p) = all;
    }
};

}  // namespace

void launch(KokkosDevice const&, LevelArgs const& args)
{
    kokkos::for_each(args.level.size(), LevelOnce{LevelTile{args}});
}

}  // namespace nocturne
