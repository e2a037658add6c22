// Launch of `expand` on the host: a rectangle as products of matrices held in vector registers (expand_rect-inl.hpp), the
// instruction set chosen at run time. perf/bench/expand_bench has the rates.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/expand.cpp"
#include <hwy/foreach_target.h>

#include "kernels/kokkos/expand_rect-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

void expand_rect(ExpandArgs const& args, Index rect, Index width, float* scratch)
{
    ExpandRect(args, rect, width, scratch).run();
}

Index expand_scratch(Index width) { return ExpandRect::scratch_floats(width); }

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(expand_rect);
HWY_EXPORT(expand_scratch);

void launch(KokkosDevice const&, ExpandArgs const& args)
{
    Index const width = args.vis.extent[2];
    Index const floats = HWY_DYNAMIC_DISPATCH(expand_scratch)(width);
    kokkos::for_each_tile(args.rects.extent[0], static_cast<std::size_t>(floats) * sizeof(float) + 64,
                          [&](SerialTeam& team, Index r) {
                              auto* const scratch = team.scratch<float>(static_cast<std::size_t>(floats));
                              HWY_DYNAMIC_DISPATCH(expand_rect)(args, r, width, scratch);
                          });
}

}  // namespace nocturne
#endif
