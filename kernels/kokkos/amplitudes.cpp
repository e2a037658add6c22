// Launch of `amplitudes` on the host: an integration a thread with a histogram of its own, which is added in the end.
#include "kernels/amplitudes.hpp"

#include "kernels/kokkos/loop.hpp"

#include <vector>

namespace nocturne {

void launch(KokkosDevice const&, AmplitudesArgs const& args)
{
    Index const looked_at = (args.vis.extent[0] + args.step - 1) / args.step;
    kokkos::for_each(looked_at, [&](Index i) {
        thread_local std::vector<std::int32_t> mine;
        Index const t = i * args.step, np = args.vis.extent[3];
        mine.assign(static_cast<std::size_t>(np * AmplitudesArgs::bins), 0);
        for (Index b = 0; b < args.vis.extent[1]; ++b)
            for (Index c = 0; c < args.vis.extent[2]; ++c)
                for (Index p = 0; p < np; ++p)
                    mine[p * AmplitudesArgs::bins + AmplitudesArgs::bin(args.vis(t, b, c, p))] +=
                        args.flag(t, b, c, p) == 0;
        for (Index k = 0; k < np * AmplitudesArgs::bins; ++k)
            if (mine[k] != 0) add_atomically(args.count.data + k, mine[k]);
    });
}

}  // namespace nocturne
