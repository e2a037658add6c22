// For launch files, compiled once per instruction set: StEFCal for as many channels as a vector has lanes, side by side. A lane that
// has converged, or an antenna without solution (gain 0), is held by a mask.
#if defined(NOCTURNE_STEFCAL_LANES_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_STEFCAL_LANES_INL
#        undef NOCTURNE_STEFCAL_LANES_INL
#    else
#        define NOCTURNE_STEFCAL_LANES_INL
#    endif

#    include "kernels/stefcal.hpp"

#    include <hwy/highway.h>
#    include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Channels = hn::CappedTag<float, 16>;
using Values = hn::Vec<Channels>;

/// Arrays of vectors: [antenna] or [triangle], `lanes` floats each.
struct StefcalLanes {
    StefcalArgs const& args;
    Index n, lanes;
    float *re = nullptr, *im = nullptr, *power = nullptr;              ///< [triangle]
    float *gain_re = nullptr, *gain_im = nullptr, *norm = nullptr;     ///< [antenna], norm = |g|²
    float *sum_re = nullptr, *sum_im = nullptr, *sum_power = nullptr;  ///< [antenna]
    float *pair_re = nullptr, *pair_im = nullptr, *alive = nullptr;    ///< [antenna]; alive 1 or 0
    alignas(64) float running[16] = {}, change[16] = {}, antennas[16] = {}, steps[16] = {};
    double explained[16] = {}, power_data[16] = {}, count[16] = {};
};

HWY_INLINE Values load(float const* at) { return hn::Load(Channels(), at); }
HWY_INLINE void store(Values v, float* at) { hn::Store(v, Channels(), at); }
HWY_INLINE Values or_zero(Values wanted, Values otherwise_zero)
{
    return hn::IfThenElseZero(hn::Gt(wanted, hn::Zero(Channels())), otherwise_zero);
}

std::size_t stefcal_scratch_bytes(Index antennas)
{
    auto const n = static_cast<std::size_t>(antennas);
    return (3 * n * (n - 1) / 2 + 9 * n) * 16 * sizeof(float);
}

HWY_INLINE void place(StefcalLanes& w, float* scratch)
{
    Index const triangle = w.n * (w.n - 1) / 2 * w.lanes, each = w.n * w.lanes;
    w.re = scratch;
    w.im = w.re + triangle;
    w.power = w.im + triangle;
    float** const arrays[] = {&w.gain_re,   &w.gain_im, &w.norm,    &w.sum_re, &w.sum_im,
                              &w.sum_power, &w.pair_re, &w.pair_im, &w.alive};
    float* next = w.power + triangle;
    for (auto** array : arrays) {
        *array = next;
        next += each;
    }
}

HWY_INLINE void gather(StefcalLanes& w, Index p, Index first, Index n)
{
    auto const& args = w.args;
    std::fill_n(w.re, 3 * (w.n * (w.n - 1) / 2) * w.lanes, 0.F);
    for (Index b = 0; b < args.pairs.extent[0]; ++b) {
        AntennaPair const pair = args.pairs.data[b];
        Index const at = triangle_at(pair.one, pair.two) * w.lanes;
        float const *power = &args.power_model(b, p, first), *re = &args.product_re(b, p, first),
                    *im = &args.product_im(b, p, first);
        for (Index c = 0; c < n; ++c) {
            bool const used = power[c] > 0;
            w.power[at + c] = used ? power[c] : 0.F;
            w.re[at + c] = used ? re[c] : 0.F;
            w.im[at + c] = used ? im[c] : 0.F;
        }
    }
}

/// Drops antennas with too few baselines until none is left.
HWY_INLINE void choose_antennas(StefcalLanes& w)
{
    Channels const d;
    Index const each = w.lanes;
    auto const one = hn::Set(d, 1.F), least = hn::Set(d, static_cast<float>(std::max(1, w.args.least_baselines)));
    for (Index a = 0; a < w.n; ++a) store(one, w.alive + a * each);
    for (bool changed = true; changed;) {
        changed = false;
        for (Index a = 0; a < w.n; ++a) store(hn::Zero(d), w.sum_re + a * each);
        for (Index high = 1; high < w.n; ++high) {
            auto links = load(w.sum_re + high * each);
            for (Index low = 0; low < high; ++low) {
                auto const used = or_zero(load(w.power + triangle_at(low, high) * each), one);
                links = hn::MulAdd(used, load(w.alive + low * each), links);
                store(hn::MulAdd(used, load(w.alive + high * each), load(w.sum_re + low * each)),
                      w.sum_re + low * each);
            }
            store(links, w.sum_re + high * each);
        }
        auto total = hn::Zero(d);
        for (Index a = 0; a < w.n; ++a) {
            auto const before = load(w.alive + a * each);
            auto const after = hn::IfThenElseZero(hn::Ge(load(w.sum_re + a * each), least), before);
            changed = changed || !hn::AllTrue(d, hn::Eq(before, after));
            store(after, w.alive + a * each);
            total = hn::Add(total, after);
        }
        store(total, w.antennas);
    }
}

HWY_INLINE void start(StefcalLanes& w)
{
    Channels const d;
    Index const each = w.lanes;
    auto product = hn::Zero(d), power = hn::Zero(d);
    for (Index i = 0; i < w.n * (w.n - 1) / 2 * each; i += each) {
        product = hn::Add(
            product, hn::Sqrt(hn::MulAdd(load(w.re + i), load(w.re + i), hn::Mul(load(w.im + i), load(w.im + i)))));
        power = hn::Add(power, load(w.power + i));
    }
    alignas(64) float size[16], whole[16];
    store(product, size);
    store(power, whole);
    bool const amplitudes = w.args.mode == SolveMode::amplitude_and_phase;
    for (Index c = 0; c < each; ++c) {
        Index reference = w.args.reference;
        for (Index a = 0; a < w.n && !(w.alive[reference * each + c] > 0); ++a) reference = a;
        float const s = amplitudes && size[c] > 0 && whole[c] > 0 ? std::sqrt(size[c] / whole[c]) : 1.F;
        for (Index a = 0; a < w.n; ++a) {
            float re = 1, im = 0;
            Index const at = a == reference ? 0 : triangle_at(a, reference) * each + c;
            float const length = a == reference ? 0.F : std::sqrt(w.re[at] * w.re[at] + w.im[at] * w.im[at]);
            if (length > 0) {
                re = w.re[at] / length;
                im = (reference < a ? w.im[at] : -w.im[at]) / length;
            }
            float const on = s * w.alive[a * each + c];
            w.gain_re[a * each + c] = w.pair_re[a * each + c] = on * re;
            w.gain_im[a * each + c] = w.pair_im[a * each + c] = on * im;
        }
        w.running[c] = w.antennas[c] >= static_cast<float>(std::max(2, w.args.least_antennas)) ? 1.F : 0.F;
        w.steps[c] = 0;
        w.change[c] = 0;
    }
}

/// Numerators and denominators of all antennas: each baseline is read once and serves both of its antennas.
HWY_INLINE void sum_baselines(StefcalLanes& w)
{
    Channels const d;
    Index const each = w.lanes;
    for (Index a = 0; a < w.n; ++a) {
        auto const re = load(w.gain_re + a * each), im = load(w.gain_im + a * each);
        store(hn::MulAdd(re, re, hn::Mul(im, im)), w.norm + a * each);
    }
    std::fill_n(w.sum_re, 3 * w.n * each, 0.F);
    for (Index high = 1; high < w.n; ++high) {
        auto const gr = load(w.gain_re + high * each), gi = load(w.gain_im + high * each),
                   gn = load(w.norm + high * each);
        auto sr = hn::Zero(d), si = hn::Zero(d), sp = hn::Zero(d);
        Index const row = high * (high - 1) / 2 * each;
        for (Index k = 0; k < high * each; k += each) {
            auto const vr = load(w.re + row + k), vi = load(w.im + row + k), power = load(w.power + row + k);
            auto const qr = load(w.gain_re + k), qi = load(w.gain_im + k);
            sr = hn::MulAdd(vr, qr, hn::NegMulAdd(vi, qi, sr));
            si = hn::MulAdd(vr, qi, hn::MulAdd(vi, qr, si));
            sp = hn::MulAdd(power, load(w.norm + k), sp);
            store(hn::MulAdd(vr, gr, hn::MulAdd(vi, gi, load(w.sum_re + k))), w.sum_re + k);
            store(hn::MulAdd(vr, gi, hn::NegMulAdd(vi, gr, load(w.sum_im + k))), w.sum_im + k);
            store(hn::MulAdd(power, gn, load(w.sum_power + k)), w.sum_power + k);
        }
        Index const at = high * each;
        store(hn::Add(sr, load(w.sum_re + at)), w.sum_re + at);
        store(hn::Add(si, load(w.sum_im + at)), w.sum_im + at);
        store(hn::Add(sp, load(w.sum_power + at)), w.sum_power + at);
    }
}

HWY_INLINE Values length_of(Values re, Values im) { return hn::Sqrt(hn::MulAdd(re, re, hn::Mul(im, im))); }

/// New gains where the lane runs and the antenna has a solution. Adds to change and norm of a pair.
HWY_INLINE void renew(StefcalLanes& w, Index at, bool average, Values& change, Values& norm)
{
    Channels const d;
    bool const phase = w.args.mode == SolveMode::phase;
    auto re = load(w.sum_re + at), im = load(w.sum_im + at);
    auto const by = phase ? length_of(re, im) : load(w.sum_power + at);
    auto const factor = or_zero(by, hn::Div(hn::Set(d, 1.F), hn::Max(by, hn::Set(d, 1e-37F))));
    re = hn::Mul(re, factor);
    im = hn::Mul(im, factor);
    auto const old_re = load(w.gain_re + at), old_im = load(w.gain_im + at);
    if (average) {
        re = hn::Mul(hn::Set(d, 0.5F), hn::Add(re, old_re));
        im = hn::Mul(hn::Set(d, 0.5F), hn::Add(im, old_im));
        if (phase) {
            auto const size = hn::Max(length_of(re, im), hn::Set(d, 1e-18F));
            re = hn::Div(re, size);
            im = hn::Div(im, size);
        }
    }
    auto const held = hn::Le(hn::Mul(load(w.running), load(w.alive + at)), hn::Zero(d));
    re = hn::IfThenElse(held, old_re, re);
    im = hn::IfThenElse(held, old_im, im);
    store(re, w.gain_re + at);
    store(im, w.gain_im + at);
    if (!average) return;
    auto const dr = hn::Sub(re, load(w.pair_re + at)), di = hn::Sub(im, load(w.pair_im + at));
    change = hn::MulAdd(dr, dr, hn::MulAdd(di, di, change));
    norm = hn::MulAdd(re, re, hn::MulAdd(im, im, norm));
    store(re, w.pair_re + at);
    store(im, w.pair_im + at);
}

HWY_INLINE void iterate(StefcalLanes& w)
{
    Channels const d;
    Index const each = w.lanes;
    for (int k = 1; k <= w.args.max_iterations && !hn::AllTrue(d, hn::Le(load(w.running), hn::Zero(d))); ++k) {
        bool const average = k % 2 == 0;
        sum_baselines(w);
        auto change = hn::Zero(d), norm = hn::Zero(d);
        for (Index a = 0; a < w.n; ++a) renew(w, a * each, average, change, norm);
        auto const running = load(w.running);
        store(hn::Add(load(w.steps), running), w.steps);
        if (!average) continue;
        auto const relative = hn::Sqrt(hn::Div(change, hn::Max(norm, hn::Set(d, 1e-37F))));
        store(hn::IfThenElse(hn::Gt(running, hn::Zero(d)), relative, load(w.change)), w.change);
        store(hn::IfThenElseZero(hn::Ge(relative, hn::Set(d, w.args.tolerance)), running), w.running);
    }
    sum_baselines(w);
}

HWY_INLINE void sum_explained(StefcalLanes& w)
{
    Channels const d;
    Index const each = w.lanes;
    std::fill_n(w.explained, 16, 0.0);
    for (Index high = 1; high < w.n; ++high) {
        auto const gr = load(w.gain_re + high * each), gi = load(w.gain_im + high * each);
        auto sum = hn::Zero(d);
        Index const row = high * (high - 1) / 2 * each;
        for (Index k = 0; k < high * each; k += each) {
            auto const qr = load(w.gain_re + k), qi = load(w.gain_im + k);
            auto const re = hn::MulAdd(qr, gr, hn::Mul(qi, gi)), im = hn::NegMulAdd(qi, gr, hn::Mul(qr, gi));
            auto const twice = hn::MulAdd(re, load(w.re + row + k), hn::Mul(im, load(w.im + row + k)));
            auto const square = hn::MulAdd(re, re, hn::Mul(im, im));
            sum = hn::Add(sum, hn::NegMulAdd(square, load(w.power + row + k), hn::Add(twice, twice)));
        }
        alignas(64) float part[16];
        store(sum, part);
        for (Index c = 0; c < each; ++c) w.explained[c] += part[c];
    }
}

HWY_INLINE void sum_data(StefcalLanes& w, Index p, Index first, Index n)
{
    auto const& args = w.args;
    std::fill_n(w.power_data, 16, 0.0);
    std::fill_n(w.count, 16, 0.0);
    for (Index b = 0; args.power_data.data && b < args.pairs.extent[0]; ++b) {
        AntennaPair const pair = args.pairs.data[b];
        float const *power = &args.power_data(b, p, first), *count = &args.count(b, p, first);
        float const *one = w.alive + pair.one * w.lanes, *two = w.alive + pair.two * w.lanes;
        for (Index c = 0; c < n; ++c) {
            w.power_data[c] += one[c] * two[c] * power[c];
            w.count[c] += one[c] * two[c] * count[c];
        }
    }
}

HWY_INLINE void write(StefcalLanes& w, Index p, Index first, Index n)
{
    auto const& args = w.args;
    for (Index c = 0; c < n; ++c) {
        bool const tried = w.steps[c] > 0, good = tried && !(w.running[c] > 0);
        for (Index a = 0; a < w.n; ++a) {
            Index const at = a * w.lanes + c;
            bool const solved = good && w.alive[at] > 0;
            args.gain_re(p, a, first + c) = solved ? w.gain_re[at] : 1.F;
            args.gain_im(p, a, first + c) = solved ? w.gain_im[at] : 0.F;
            args.information(p, a, first + c) = solved ? w.sum_power[at] : 0.F;
            args.flag(p, a, first + c) = solved ? 0 : 1;
        }
        StefcalResult result;
        result.iterations = static_cast<std::int32_t>(w.steps[c]);
        result.converged = good;
        result.change = w.change[c];
        if (good) {
            result.antennas = static_cast<std::int32_t>(w.antennas[c]);
            result.explained = w.explained[c];
            result.power_data = w.power_data[c];
            result.count = w.count[c];
        }
        args.result(p, first + c) = result;
    }
}

/// Channels [first, first + n) of correlation p, n ≤ 16.
void stefcal_channels(StefcalArgs const& args, Index p, Index first, Index n, float* scratch)
{
    auto const lanes = static_cast<Index>(hn::Lanes(Channels()));
    StefcalLanes w{args, args.n_antennas, lanes};
    place(w, scratch);
    for (Index done = 0; done < n; done += lanes) {
        Index const some = std::min(lanes, n - done);
        gather(w, p, first + done, some);
        choose_antennas(w);
        start(w);
        iterate(w);
        sum_explained(w);
        sum_data(w, p, first + done, some);
        write(w, p, first + done, some);
    }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
