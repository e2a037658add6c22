// Kernel `time_sums`: the sums over time that a solve for gains needs, taken once. Enters: a block and a model of point
// sources as fringes. Leaves: Σ w V conj(M), Σ w |M|², Σ w |V|² and counts, per baseline, correlation and channel.
#pragma once

#include "kernels/shared/fringe_model.hpp"

namespace nocturne {

/// Shapes: vis, flag, weight [integration][baseline][channel][correlation]; freq_hz [channel]; fringe
/// [integration][baseline][source]; flux_jy [integration][source][channel]; interval [integration], rising from 0 without
/// a gap; product_re, product_im, power_model [interval][baseline][correlation][channel]; power_data, count
/// [baseline][correlation][channel]. All outputs are written whole. M = Σ_s flux s(x) exp(2πi f delay), one parallel hand;
/// sums run over the unflagged samples with w > 0 in the order of the integrations (the normal equations of Salvini &
/// Wijnholds 2014, A&A 571 A97, summed over time as Voronkov does): product = Σ w V conj(M), power_model = Σ w |M|²,
/// power_data = Σ w |V|² and count over all intervals. Aliasing: none.
///
/// model, where it has data, is M itself, of the shape of vis; the fringes are then not looked at. gain, where it has data
/// ([interval][antenna][correlation][channel], with pairs [baseline] and scale [correlation][channel]), makes each weight robust: w becomes
/// w (ν + 2) / (ν + w |V − conj(g1) g2 M|² / scale), the weights of Student's t for two degrees of freedom a sample (Lange, Little & Taylor 1989, JASA 84,
/// 881; Kazemi & Yatawatta 2013, MNRAS 435, 597), ν = freedom; count stays a count. A gain or a scale of 0 leaves w as it is.
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
    View<Vis const, 4> model = {};
    View<Vis const, 4> gain = {};
    View<AntennaPair const, 1> pairs = {};
    View<float const, 2> scale = {};
    float freedom = 0;

    NOCT_INLINE FringeModel fringes() const { return {freq_hz, fringe, flux_jy}; }
};

/// Host: throws Error(defect) where shapes differ.
inline void check(TimeSumsArgs const& args)
{
    auto const& vis = args.vis;
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(args.flag.extent[axis] == vis.extent[axis] && args.weight.extent[axis] == vis.extent[axis],
                   "time_sums: vis, flag and weight differ in shape");
    if (!args.model.data) args.fringes().check(vis.extent[0], vis.extent[1], vis.extent[2]);
    for (int axis = 0; axis < 4; ++axis)
        NOCT_CHECK(!args.model.data || args.model.extent[axis] == vis.extent[axis],
                   "time_sums: vis and model differ in shape");
    NOCT_CHECK(args.interval.extent[0] == vis.extent[0], "time_sums: one interval per integration is needed");
    NOCT_CHECK(!args.gain.data ||
                   (args.gain.extent[0] == args.product_re.extent[0] && args.gain.extent[2] == vis.extent[3] &&
                    args.gain.extent[3] == vis.extent[2] && args.pairs.extent[0] == vis.extent[1] &&
                    args.scale.extent[0] == vis.extent[3] && args.scale.extent[1] == vis.extent[2] && args.freedom > 0),
               "time_sums: robust weights need gains [interval][antenna][correlation][channel], pairs, scales and ν");
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

    NOCT_INLINE Vis model(Index t, Index b, Index c, Index p) const
    {
        return args.model.data ? args.model(t, b, c, p) : args.fringes().at(t, b, c);
    }

    /// What a weight is multiplied with.
    NOCT_INLINE float trust(Index t, Index b, Index c, Index p, float w, Vis v, Vis m) const
    {
        AntennaPair const pair = args.pairs(b);
        float const scale = args.scale(p, c);
        if (pair.one < 0 || !(scale > 0)) return 1;
        Vis const g1 = args.gain(args.interval(t), pair.one, p, c), g2 = args.gain(args.interval(t), pair.two, p, c);
        float const gr = g1.re * g2.re + g1.im * g2.im, gi = g1.re * g2.im - g1.im * g2.re;
        if (!(gr * gr + gi * gi > 0)) return 1;
        float const re = v.re - gr * m.re + gi * m.im, im = v.im - gr * m.im - gi * m.re;
        return (args.freedom + 2) / (args.freedom + w * (re * re + im * im) / scale);
    }

    NOCT_INLINE void operator()(Index b, Index channel_and_correlation) const
    {
        Index const np = args.vis.extent[3], c = channel_and_correlation / np, p = channel_and_correlation % np;
        float re = 0, im = 0, power_model = 0, power_data = 0, count = 0;
        for (Index t = 0; t < args.vis.extent[0]; ++t) {
            float w = args.flag(t, b, c, p) == 0 ? args.weight(t, b, c, p) : 0.F;
            if (w > 0) {
                Vis const v = args.vis(t, b, c, p), m = model(t, b, c, p);
                if (args.gain.data) w *= trust(t, b, c, p, w, v, m);
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
