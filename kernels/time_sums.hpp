// Kernel `time_sums`: the sums over time that a solve for gains needs, taken once. Enters: a block and a model of point
// sources as fringes. Leaves: Σ w V conj(M), Σ w |M|², Σ w |V|² and counts, per baseline, correlation and channel.
#pragma once

#include "kernels/shared/lattice.hpp"
#include "nocturne/vis.hpp"

namespace nocturne {

/// One source on one baseline at one integration: a turns as exp(2πi f delay_s); its smearing over the band is
/// s(x) = smear[0] + x smear[1] + x² smear[2], x rising from 0 at the first channel to 1 at the last.
struct SourceFringe {
    double delay_s = 0;
    float smear[3] = {1, 0, 0};
    float unused = 0;
};

/// Shapes: vis, flag, weight [integration][baseline][channel][correlation]; freq_hz [channel]; fringe
/// [integration][baseline][source]; flux_jy [integration][source][channel]; interval [integration], rising from 0 without
/// a gap; product_re, product_im, power_model [interval][baseline][correlation][channel]; power_data, count
/// [baseline][correlation][channel]. All outputs are written whole. M = Σ_s flux s(x) exp(2πi f delay), one parallel hand;
/// sums run over the unflagged samples with w > 0 in the order of the integrations (the normal equations of Salvini &
/// Wijnholds 2014, A&A 571 A97, summed over time as Voronkov does): product = Σ w V conj(M), power_model = Σ w |M|²,
/// power_data = Σ w |V|² and count over all intervals. Aliasing: none.
struct TimeSumsArgs {
    View<Vis const, 4> vis;
    View<std::uint8_t const, 4> flag;
    View<float const, 4> weight;
    View<double const, 1> freq_hz;
    View<SourceFringe const, 3> fringe;
    View<float const, 3> flux_jy;
    View<std::int32_t const, 1> interval;
    View<float, 4> product_re, product_im, power_model;
    View<float, 3> power_data, count;
};

/// Host: throws Error(defect) where shapes differ.
inline void check(TimeSumsArgs const& args)
{
    auto const& vis = args.vis;
    Index const sources = args.fringe.extent[2];
    NOCT_CHECK(sources > 0, "time_sums: a model has at least one source");
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.flag.extent[axis] == vis.extent[axis] && args.weight.extent[axis] == vis.extent[axis],
                   "time_sums: vis, flag and weight differ in shape");
    NOCT_CHECK(args.fringe.extent[0] == vis.extent[0] && args.fringe.extent[1] == vis.extent[1],
               "time_sums: one fringe per integration, baseline and source is needed");
    NOCT_CHECK(args.flux_jy.extent[0] == vis.extent[0] && args.flux_jy.extent[1] == sources &&
                   args.flux_jy.extent[2] == vis.extent[2],
               "time_sums: one flux per integration, source and channel is needed");
    NOCT_CHECK(args.freq_hz.extent[0] == vis.extent[2] && args.interval.extent[0] == vis.extent[0],
               "time_sums: one frequency per channel and one interval per integration are needed");
    for (auto const* out : {&args.product_re, &args.product_im, &args.power_model})
        NOCT_CHECK(out->extent[0] == args.product_re.extent[0] && out->extent[1] == vis.extent[1] &&
                       out->extent[2] == vis.extent[3] && out->extent[3] == vis.extent[2],
                   "time_sums: sums are [interval][baseline][correlation][channel]");
    for (auto const* out : {&args.power_data, &args.count})
        NOCT_CHECK(
            out->extent[0] == vis.extent[1] && out->extent[1] == vis.extent[3] && out->extent[2] == vis.extent[2],
            "time_sums: totals are [baseline][correlation][channel]");
}

/// One (baseline, channel and correlation).
struct TimeSumsCell {
    TimeSumsArgs args;

    /// Model visibility at (integration, baseline, channel).
    NOCT_INLINE Vis model(Index t, Index b, Index c) const
    {
        Index const last = args.vis.extent[2] - 1;
        float const x = last > 0 ? static_cast<float>(c) / static_cast<float>(last) : 0.F;
        Vis sum;
        for (Index s = 0; s < args.fringe.extent[2]; ++s) {
            SourceFringe const& f = args.fringe(t, b, s);
            Vis const back = unit_phase(f.delay_s * args.freq_hz(c));
            float const seen = args.flux_jy(t, s, c) * (f.smear[0] + x * (f.smear[1] + x * f.smear[2]));
            sum.re += seen * back.re;
            sum.im -= seen * back.im;
        }
        return sum;
    }

    NOCT_INLINE void operator()(Index b, Index channel_and_correlation) const
    {
        Index const np = args.vis.extent[3], c = channel_and_correlation / np, p = channel_and_correlation % np;
        float re = 0, im = 0, power_model = 0, power_data = 0, count = 0;
        for (Index t = 0; t < args.vis.extent[0]; ++t) {
            float const w = args.flag(t, b, c, p) == 0 ? args.weight(t, b, c, p) : 0.F;
            if (w > 0) {
                Vis const v = args.vis(t, b, c, p), m = model(t, b, c);
                re += w * (v.re * m.re + v.im * m.im);
                im += w * (v.im * m.re - v.re * m.im);
                power_model += w * (m.re * m.re + m.im * m.im);
                power_data += w * (v.re * v.re + v.im * v.im);
                count += 1;
            }
            Index const i = args.interval(t);
            if (t + 1 == args.vis.extent[0] || args.interval(t + 1) != i) {
                args.product_re(i, b, p, c) = re;
                args.product_im(i, b, p, c) = im;
                args.power_model(i, b, p, c) = power_model;
                re = im = power_model = 0;
            }
        }
        args.power_data(b, p, c) = power_data;
        args.count(b, p, c) = count;
    }
};

void launch(KokkosDevice const&, TimeSumsArgs const&);
void launch(CudaDevice const&, TimeSumsArgs const&);

}  // namespace nocturne
