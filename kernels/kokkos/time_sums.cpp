// Launch of `time_sums` on the host: a baseline at a time, eight channels in a vector (kernels/kokkos/time_sums_row-inl.hpp) where
// there are one or two correlations, contiguous; the shared body else. perf/bench/time_sums_bench has the rates.
#include "kernels/kokkos/highway.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/kokkos/time_sums.cpp"
#include <hwy/foreach_target.h>

#include "kernels/kokkos/time_sums_row-inl.hpp"

#if HWY_ONCE
#    include "kernels/kokkos/loop.hpp"

namespace nocturne {

HWY_EXPORT(time_sums_of_baseline);

namespace {

bool fits_vectors(TimeSumsArgs const& args)
{
    Index const np = args.vis.extent[3];
    auto const rows_contiguous = [&](auto const& view) { return view.stride[3] == 1 && view.stride[2] == np; };
    return np <= 2 && !args.model.data && (!args.gain.data || args.gain.stride[3] == 1) && rows_contiguous(args.vis) &&
           rows_contiguous(args.flag) && args.flux_jy.stride[2] == 1 && args.freq_hz.stride[0] == 1 &&
           args.product_re.stride[3] == 1 && args.product_im.stride[3] == 1 && args.power_model.stride[3] == 1 &&
           args.power_data.stride[2] == 1 && args.count.stride[2] == 1;
}

}  // namespace

void launch(KokkosDevice const&, TimeSumsArgs const& args)
{
    if (args.vis.size() == 0) return;
    if (fits_vectors(args))
        kokkos::for_each(args.vis.extent[1], [&](Index b) { HWY_DYNAMIC_DISPATCH(time_sums_of_baseline)(args, b); });
    else
        kokkos::for_each(args.vis.extent[1], args.vis.extent[2] * args.vis.extent[3], TimeSumsCell{args});
}

}  // namespace nocturne
#endif
