// For kernels/kokkos/sumthreshold.cpp, compiled once per instruction set: one baseline from its samples to its mask words.
#if defined(NOCTURNE_SUMTHRESHOLD_BASELINE_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_SUMTHRESHOLD_BASELINE_INL
#        undef NOCTURNE_SUMTHRESHOLD_BASELINE_INL
#    else
#        define NOCTURNE_SUMTHRESHOLD_BASELINE_INL
#    endif

#    include "kernels/kokkos/sumthreshold_windows-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

inline Index longest_window(SumThresholdArgs const& args)
{
    return args.rule.longest_freq < args.vis.extent[2] ? args.rule.longest_freq : args.vis.extent[2];
}

inline std::size_t sumthreshold_bytes(SumThresholdArgs const& args)
{
    return FlagPlane::bytes(args.vis.extent[0], args.vis.extent[2], longest_window(args));
}

/// Cuts a plane's parts from memory; what stands behind the channels is bad in every integration.
inline FlagPlane cut_plane(SumThresholdArgs const& args, float* memory)
{
    FlagPlane plane{};
    plane.nt = args.vis.extent[0];
    plane.nc = args.vis.extent[2];
    plane.row = FlagPlane::row_of(plane.nc, longest_window(args));
    Index const fit = FlagPlane::fit_floats(plane.nt, plane.nc, plane.row);
    auto const take = [&](Index n) {
        auto* const start = memory;
        memory += (n + 15) / 16 * 16;
        return start;
    };
    plane.amplitude = take(plane.nt * plane.row);
    plane.residual = take(plane.nt * plane.row);
    for (auto** words : {&plane.bad, &plane.found, &plane.joint, &plane.usable}) {
        *words = reinterpret_cast<std::uint32_t*>(take(plane.row));
        std::fill_n(*words, plane.row, 0U);
    }
    Index const line = plane.row > 32 * flag_lanes_most ? plane.row : 32 * flag_lanes_most;
    plane.sums = take(line);
    plane.counts = take(line);
    std::fill_n(plane.sums, line, 0.F);
    std::fill_n(plane.counts, line, 0.F);
    plane.line = take(plane.row);
    // The sample of a median, the prefixes of the rank operator and the fit share memory.
    plane.fit[0] = take(fit);
    plane.fit[1] = take(fit);
    plane.fit[2] = take(plane.row);
    plane.fit[3] = take(plane.row);
    return plane;
}

/// Amplitudes and bad bits of correlation p.
inline void load_correlation(FlagPlane const& plane, SumThresholdArgs const& args, Index b, Index p)
{
    Floats const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    bool const paired = args.vis.extent[3] == 2 && args.vis.stride[3] == 1 && args.vis.stride[2] == 2 &&
                        args.flag.stride[3] == 1 && args.flag.stride[2] == 2;
    std::fill(plane.bad, plane.bad + plane.nc, 0U);
    std::fill(plane.bad + plane.nc, plane.bad + plane.row, 0xffffffffU);
    std::fill_n(plane.found, plane.row, 0U);
    for (Index t = 0; t < plane.nt; ++t) {
        float* const to = plane.amplitude + t * plane.row;
        Index c = 0;
        auto const* vis = &args.vis(t, b, 0, 0).re;
        for (; paired && c + lanes <= plane.nc; c += lanes) {
            FloatVec part[4];
            hn::LoadInterleaved4(d, vis + 4 * c, part[0], part[1], part[2], part[3]);
            auto const re = p == 0 ? part[0] : part[2], im = p == 0 ? part[1] : part[3];
            hn::StoreU(hn::Sqrt(hn::Add(hn::Mul(re, re), hn::Mul(im, im))), d, to + c);
        }
        for (; c < plane.nc; ++c) {
            Vis const v = args.vis(t, b, c, p);
            to[c] = std::sqrt(v.re * v.re + v.im * v.im);
        }
        std::fill(to + plane.nc, to + plane.row, 0.F);
        for (c = 0; c < plane.nc; ++c) {
            std::uint32_t const bad = args.flag(t, b, c, p) != 0;
            plane.bad[c] |= bad << t;
        }
    }
    std::uint32_t const all = plane.nt == 32 ? 0xffffffffU : (std::uint32_t(1) << plane.nt) - 1;
    for (Index c = 0; c < plane.nc; ++c) plane.usable[c] |= all & ~plane.bad[c];
}

inline void search_correlation(FlagPlane const& plane, SumThresholdRule const& rule, View<float const, 2> const& course)
{
    if (plane.nt * plane.nc < fewest_cells) return;
    Floats const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    float const centre = robust_scatter(plane, plane.amplitude, false).median;
    for (Index t = 0; t < plane.nt; ++t) {
        float *row = plane.amplitude + t * plane.row, *residual = plane.residual + t * plane.row;
        for (Index c = 0; c < plane.nc; ++c) residual[c] = row[c] -= centre * course(t, c);
        std::fill(residual + plane.nc, residual + plane.row, 0.F);
    }
    for (int k = 0; k < rule.iterations; ++k) {
        float const sigma =
            std::max(robust_scatter(plane, plane.residual, true).sigma, SumThresholdRule::least_scatter * centre);
        if (!(sigma > 0)) break;
        float const common = rule.structure == Structure::none ? 0 : common_part(plane, sigma);
        SearchScale const scale{k, sigma * rule.small_plane(plane.nt * plane.nc), common};
        for (Index c = 0; c < plane.vectors_end(); c += lanes) time_windows(plane, rule, scale, c);
        std::fill_n(plane.sums, plane.row, 0.F);
        std::fill_n(plane.counts, plane.row, 0.F);
        for (Index t = 0; t < plane.nt; ++t) freq_windows(plane, rule, scale, t);
        if (k + 1 == rule.iterations) break;
        bool const lines = plane.nt >= fewest_lines && plane.nc >= fewest_lines && !(common > 0);
        if (lines && rule.row_rms > 0) flag_rows_by_rms(plane, rule.row_rms);
        if (lines && rule.channel_rms > 0) flag_channels_by_rms(plane, rule.channel_limit(k));
        fit_background(plane);
    }
    for (Index c = 0; c < plane.nc; ++c) plane.joint[c] |= plane.found[c];
}

inline void sumthreshold_baseline(SumThresholdArgs const& args, Index b, float* memory)
{
    auto const plane = cut_plane(args, memory);
    auto const& rule = args.rule;
    for (Index p = 0; p < args.vis.extent[3]; ++p) {
        load_correlation(plane, args, b, p);
        search_correlation(plane, rule, args.course);
    }
    std::uint32_t any = 0;
    for (Index c = 0; c < plane.nc; ++c) any |= plane.joint[c];
    if (any != 0 && rule.rank > 0) {
        rank_in_time(plane, rule.rank);
        rank_in_freq(plane, rule.rank, plane.fit[0]);
    }
    for (Index c = 0; c < plane.nc; ++c) args.mask(b, 0, c) = plane.joint[c] & plane.usable[c];
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
