// Kernel `sumthreshold`: interference on single baselines. Enters: a block and what is flagged in it. Leaves: a mask of (integration,
// channel) cells for each baseline.
#pragma once

#include "kernels/shared/sumthreshold_aoflagger.hpp"

namespace nocturne {

/// Shapes: vis, flag [integration][baseline][channel][correlation]; mask [baseline][word][channel] (bit i of word w: integration
/// 32 w + i), written whole; course [integration][channel], around 1, times a baseline's median is taken off its amplitudes, so that what all see of a source that drifts
/// through the beam does not count as interference; work [baseline][sumthreshold_work(nt, nc)], for bodies of any size. Flagged samples are not looked at (by Strategy::aoflagger: those
/// that are missing or not finite).
/// For each correlation: amplitudes minus median · course; then `iterations` times SumThreshold in time and frequency, the last
/// time at the base threshold and before at factor_step times the next, with a background fit (threefold time average, masked
/// Gaussian of 21 × 31 with σ 2.5 × 5) between; integrations and channels whose rms stands out are flagged on the way. The
/// masks of the correlations are joined and given to the scale-invariant rank operator. σ is 1.4826 × the median absolute deviation of
/// a quarter of the integrations (of all below 16), times `small_plane`. Where neighbours in time or frequency agree better than noise
/// does (Structure::sky), the residuals are fringes that the fit did not follow: thresholds of windows grow by `widening`, and rms of
/// lines is not looked at; nor is it with fewer than `fewest_lines` of either; planes below `fewest_cells` are not searched. Strategy::aoflagger follows AOFlagger in all of this (AoflaggerPlane). Sources: Offringa et al. 2010 (MNRAS 405, 155), 2012 (A&A 539, A95).
struct SumThresholdArgs {
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<std::uint32_t, 3> mask;
    View<float, 2> work;
    View<float const, 2> course;
    SumThresholdRule rule;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(SumThresholdArgs const& args)
{
    auto const& shape = args.vis.extent;
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(shape[axis] == args.flag.extent[axis], "sumthreshold: vis and flag differ in shape");
    NOCT_CHECK(args.mask.extent[0] == shape[1] && args.mask.extent[1] == (shape[0] + 31) / 32 &&
                   args.mask.extent[2] == shape[2],
               "sumthreshold: mask is not [baseline][word][channel]");
    NOCT_CHECK(args.course.extent[0] == shape[0] && args.course.extent[1] == shape[2] && args.course.stride[1] == 1,
               "sumthreshold: course is not [integration][channel]");
    NOCT_CHECK(args.work.extent[0] == shape[1] && args.work.extent[1] >= sumthreshold_work(shape[0], shape[2]) &&
                   args.work.stride[1] == 1,
               "sumthreshold: the workspace is too small");
    NOCT_CHECK(shape[0] * shape[2] < (Index(1) << 30), "sumthreshold: a plane is too large");
    NOCT_CHECK(args.rule.longest_time <= longest_window && args.rule.longest_freq <= longest_window,
               "sumthreshold: a window is too long");
    NOCT_CHECK(args.rule.iterations >= 1 && args.rule.base > 0, "sumthreshold: at least one iteration and a threshold");
}

/// All correlations of one baseline. One body a strategy: together they would take the registers of both.
template<class Plane>
struct StrategyTile {
    SumThresholdArgs args;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index b) const
    {
        Index const nt = args.vis.extent[0], nc = args.vis.extent[2];
        auto* parts = team.template scratch<std::int32_t>(static_cast<std::size_t>(team.size()));
        Plane plane(args.rule, nt, nc, &args.work(b, 0));
        plane.begin(team);
        for (Index p = 0; p < args.vis.extent[3]; ++p) {
            for (Index i = team.rank(); i < nt * nc; i += team.size()) {
                Index const t = i / nc, c = i % nc;
                plane.put(i, args.vis(t, b, c, p), (args.flag(t, b, c, p) & Plane::unusable) != 0);
            }
            plane.search(team, parts, args.course);
        }
        plane.end(team, parts);
        for (Index i = team.rank(); i < args.mask.extent[1] * nc; i += team.size())
            args.mask(b, i / nc, i % nc) = plane.word(i / nc, i % nc);
        team.barrier();
    }
};

using SumThresholdTile = StrategyTile<SumThresholdPlane>;
using AoflaggerTile = StrategyTile<AoflaggerPlane>;

void launch(KokkosDevice const&, SumThresholdArgs const&);
void launch(CudaDevice const&, SumThresholdArgs const&);

}  // namespace nocturne
