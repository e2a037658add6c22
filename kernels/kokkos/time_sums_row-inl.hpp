// For launch files, compiled once per instruction set: the sums over time of one baseline, 128 channels at a time. Rows without flags
// and with one weight go in bundles whose sums stay in registers; others are taken sample by sample into the same sums.
#if defined(NOCTURNE_TIME_SUMS_ROW_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_TIME_SUMS_ROW_INL
#        undef NOCTURNE_TIME_SUMS_ROW_INL
#    else
#        define NOCTURNE_TIME_SUMS_ROW_INL
#    endif

#    include "kernels/kokkos/lanes-inl.hpp"
#    include "kernels/time_sums.hpp"

#    include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

constexpr Index sums_piece = 128, sums_bundle = 8;

/// Channels [first, first + n) of one baseline.
struct SumsPiece {
    struct Sums {
        float re[2][sums_piece], im[2][sums_piece], power_model[2][sums_piece];
    };
    struct Totals {
        float power_data[2][sums_piece], count[2][sums_piece];
    };
    Index first = 0, n = 0;
    bool uniform = false;   ///< every eighth channel lies equally far from the one before
    alignas(64) Sums sums;  ///< of the interval
    alignas(64) Totals totals;
    alignas(64) float model_re[sums_bundle][sums_piece],
        model_im[sums_bundle][sums_piece];  ///< of the rows of a bundle
    alignas(64) float weight[2][sums_piece];
};

/// Fractions of turns of eight channels, reduced in double.
HWY_INLINE Eight turns_of(double delay_s, double const* freq_hz)
{
    hn::FixedTag<double, 4> const d;
    hn::FixedTag<float, 4> const half;
    auto const delay = hn::Set(d, delay_s);
    auto const low = hn::Mul(delay, hn::LoadU(d, freq_hz)), high = hn::Mul(delay, hn::LoadU(d, freq_hz + 4));
    return hn::Combine(Lanes(), hn::DemoteTo(half, hn::Sub(high, hn::Round(high))),
                       hn::DemoteTo(half, hn::Sub(low, hn::Round(low))));
}

/// Eight channels are eight apart from the next, to 1e-10 of the frequency: a rotor takes them there.
HWY_INLINE bool is_uniform(double const* freq_hz, Index n)
{
    double const step = n > 8 ? freq_hz[8] - freq_hz[0] : 0;
    for (Index c = 8; c < n; ++c)
        if (std::abs(freq_hz[c] - freq_hz[c - 8] - step) > 1e-10 * freq_hz[c]) return false;
    return true;
}

/// Phases of eight channels after eight; a rotor where channels are evenly spaced (16 steps: 1e-6), else each from its frequency.
struct PhaseWalk {
    double delay_s;
    double const* freq_hz;
    bool uniform;
    Complex8 now, step;

    HWY_INLINE PhaseWalk(double delay, double const* freq, Index n, bool even)
        : delay_s(delay), freq_hz(freq), uniform(even)
    {
        cos_sin_turns(turns_of(delay_s, freq_hz), now.re, now.im);
        double const turns = n > 8 ? delay_s * (freq_hz[8] - freq_hz[0]) : 0;
        cos_sin_turns(hn::Set(Lanes(), static_cast<float>(turns - std::rint(turns))), step.re, step.im);
    }
    HWY_INLINE void advance()
    {
        freq_hz += 8;
        if (uniform)
            now = {hn::MulSub(now.re, step.re, hn::Mul(now.im, step.im)),
                   hn::MulAdd(now.re, step.im, hn::Mul(now.im, step.re))};
        else
            cos_sin_turns(turns_of(delay_s, freq_hz), now.re, now.im);
    }
};

HWY_INLINE void add_to(float* at, Eight a) { hn::Store(hn::Add(hn::Load(Lanes(), at), a), Lanes(), at); }

HWY_INLINE void model_row(TimeSumsArgs const& args, Index t, Index b, SumsPiece& piece, Index row)
{
    Lanes const d;
    Index const last = args.vis.extent[2] - 1;
    auto const step = hn::Set(d, last > 0 ? 1.F / static_cast<float>(last) : 0.F);
    for (Index s = 0; s < args.fringe.extent[2]; ++s) {
        SourceFringe const& f = args.fringe(t, b, s);
        float const* flux = &args.flux_jy(t, s, piece.first);
        auto const m0 = hn::Set(d, f.smear[0]), m1 = hn::Set(d, f.smear[1]), m2 = hn::Set(d, f.smear[2]);
        PhaseWalk walk(f.delay_s, args.freq_hz.data + piece.first, piece.n, piece.uniform);
        for (Index c = 0; c < piece.n; c += 8) {
            auto const x = hn::Mul(hn::Iota(d, static_cast<float>(piece.first + c)), step);
            auto const seen = hn::Mul(hn::LoadU(d, flux + c), hn::MulAdd(x, hn::MulAdd(x, m2, m1), m0));
            auto const re = hn::Mul(seen, walk.now.re), im = hn::Mul(seen, walk.now.im);
            float *to_re = piece.model_re[row] + c, *to_im = piece.model_im[row] + c;
            hn::Store(s == 0 ? re : hn::Add(re, hn::Load(d, to_re)), d, to_re);
            hn::Store(s == 0 ? im : hn::Add(im, hn::Load(d, to_im)), d, to_im);
            if (c + 8 < piece.n) walk.advance();
        }
    }
}

/// Eight channels of both correlations (of one, twice the same).
HWY_INLINE void load_samples(float const* samples, Index c, Index np, Complex8& one, Complex8& two)
{
    Lanes const d;
    if (np == 2) {
        hn::LoadInterleaved4(d, samples + 4 * c, one.re, one.im, two.re, two.im);
    } else {
        hn::LoadInterleaved2(d, samples + 2 * c, one.re, one.im);
        two = one;
    }
}

/// Σ over rows of w V conj(M) and w |V|², in registers.
struct SumsOfEight {
    Eight re, im, power;
    HWY_INLINE void add(Complex8 v, Complex8 m, Eight w)
    {
        re = hn::MulAdd(v.re, m.re, hn::MulAdd(v.im, m.im, re));
        im = hn::NegMulAdd(v.re, m.im, hn::MulAdd(v.im, m.re, im));
        power = hn::MulAdd(w, hn::MulAdd(v.re, v.re, hn::Mul(v.im, v.im)), power);
    }
};

/// Rows [t, t + rows) of one weight each, without flags.
HWY_INLINE void add_bundle(TimeSumsArgs const& args, Index t, Index rows, Index b, SumsPiece& piece)
{
    Lanes const d;
    Index const np = args.vis.extent[3];
    float const* samples[sums_bundle];
    Eight weight[sums_bundle];
    for (Index r = 0; r < rows; ++r) {
        model_row(args, t + r, b, piece, r);
        samples[r] = reinterpret_cast<float const*>(&args.vis(t + r, b, piece.first, 0));
        weight[r] = hn::Set(d, args.weight(t + r, b, piece.first, 0));
    }
    for (Index c = 0; c < piece.n; c += 8) {
        auto const none = hn::Zero(d);
        SumsOfEight sums[2] = {{none, none, none}, {none, none, none}};
        auto power_model = none;
        for (Index r = 0; r < rows; ++r) {
            Complex8 one, two, m{hn::Load(d, piece.model_re[r] + c), hn::Load(d, piece.model_im[r] + c)};
            load_samples(samples[r], c, np, one, two);
            Complex8 const wm{hn::Mul(weight[r], m.re), hn::Mul(weight[r], m.im)};
            power_model = hn::MulAdd(wm.re, m.re, hn::MulAdd(wm.im, m.im, power_model));
            sums[0].add(one, wm, weight[r]);
            sums[1].add(two, wm, weight[r]);
        }
        for (Index p = 0; p < np; ++p) {
            add_to(piece.sums.re[p] + c, sums[p].re);
            add_to(piece.sums.im[p] + c, sums[p].im);
            add_to(piece.sums.power_model[p] + c, power_model);
            add_to(piece.totals.power_data[p] + c, sums[p].power);
            add_to(piece.totals.count[p] + c, hn::Set(d, static_cast<float>(rows)));
        }
    }
}

/// Robust factors of eight weights: TimeSumsArgs.
HWY_INLINE Eight trust_of(TimeSumsArgs const& args, Index t, Index b, Index c, Index p, Complex8 v, Complex8 m, Eight w)
{
    Lanes const d;
    AntennaPair const pair = args.pairs(b);
    if (pair.one < 0) return hn::Set(d, 1.F);
    Index const i = args.interval(t);
    Complex8 one, two;
    hn::LoadInterleaved2(d, &args.gain(i, pair.one, p, c).re, one.re, one.im);
    hn::LoadInterleaved2(d, &args.gain(i, pair.two, p, c).re, two.re, two.im);
    auto const scale = hn::LoadU(d, &args.scale(p, c));
    auto const gr = hn::MulAdd(one.re, two.re, hn::Mul(one.im, two.im)),
               gi = hn::NegMulAdd(one.im, two.re, hn::Mul(one.re, two.im));
    auto const re = hn::MulAdd(gi, m.im, hn::NegMulAdd(gr, m.re, v.re)),
               im = hn::NegMulAdd(gi, m.re, hn::NegMulAdd(gr, m.im, v.im));
    auto const nu = hn::Set(d, args.freedom), square = hn::MulAdd(re, re, hn::Mul(im, im));
    auto const used = hn::And(hn::Gt(scale, hn::Zero(d)), hn::Gt(hn::MulAdd(gr, gr, hn::Mul(gi, gi)), hn::Zero(d)));
    auto const factor = hn::Div(hn::Add(nu, hn::Set(d, 2.F)), hn::Add(nu, hn::Div(hn::Mul(w, square), scale)));
    return hn::IfThenElse(used, factor, hn::Set(d, 1.F));
}

/// A row with flags or with weights of its own. A sample without weight adds nothing, whatever it holds.
HWY_INLINE void add_row(TimeSumsArgs const& args, Index t, Index b, SumsPiece& piece)
{
    Lanes const d;
    Index const np = args.vis.extent[3];
    std::uint8_t const* flag = &args.flag(t, b, piece.first, 0);
    for (Index c = 0; c < piece.n; ++c)
        for (Index p = 0; p < np; ++p) {
            float const w = flag[c * np + p] == 0 ? args.weight(t, b, piece.first + c, p) : 0.F;
            piece.weight[p][c] = w > 0 ? w : 0.F;
        }
    model_row(args, t, b, piece, 0);
    auto const* samples = reinterpret_cast<float const*>(&args.vis(t, b, piece.first, 0));
    for (Index c = 0; c < piece.n; c += 8) {
        Complex8 v[2], m{hn::Load(d, piece.model_re[0] + c), hn::Load(d, piece.model_im[0] + c)};
        load_samples(samples, c, np, v[0], v[1]);
        for (Index p = 0; p < np; ++p) {
            auto w = hn::Load(d, piece.weight[p] + c);
            auto const used = hn::Gt(w, hn::Zero(d));
            v[p] = {hn::IfThenElseZero(used, v[p].re), hn::IfThenElseZero(used, v[p].im)};
            if (args.gain.data) w = hn::Mul(w, trust_of(args, t, b, piece.first + c, p, v[p], m, w));
            Complex8 const wm{hn::Mul(w, m.re), hn::Mul(w, m.im)};
            SumsOfEight sums{hn::Zero(d), hn::Zero(d), hn::Zero(d)};
            sums.add(v[p], wm, w);
            add_to(piece.sums.re[p] + c, sums.re);
            add_to(piece.sums.im[p] + c, sums.im);
            add_to(piece.sums.power_model[p] + c, hn::MulAdd(wm.re, m.re, hn::Mul(wm.im, m.im)));
            add_to(piece.totals.power_data[p] + c, sums.power);
            add_to(piece.totals.count[p] + c, hn::IfThenElseZero(used, hn::Set(d, 1.F)));
        }
    }
}

/// True where no sample of the piece is flagged and all have one weight above 0.
HWY_INLINE bool is_plain(TimeSumsArgs const& args, Index t, Index b, SumsPiece const& piece)
{
    if (args.gain.data || args.weight.stride[2] != 0 || args.weight.stride[3] != 0 ||
        !(args.weight(t, b, piece.first, 0) > 0))
        return false;
    std::uint8_t const* flag = &args.flag(t, b, piece.first, 0);
    unsigned any = 0;
    for (Index i = 0; i < piece.n * args.vis.extent[3]; ++i) any |= flag[i];
    return any == 0;
}

HWY_INLINE void sums_of_piece(TimeSumsArgs const& args, Index b, SumsPiece& piece)
{
    Index const nt = args.vis.extent[0], np = args.vis.extent[3];
    piece.uniform = is_uniform(args.freq_hz.data + piece.first, piece.n);
    piece.sums = {};
    piece.totals = {};
    for (Index t = 0; t < nt;) {
        Index const i = args.interval(t);
        Index rows = 0;
        while (rows < sums_bundle && t + rows < nt && args.interval(t + rows) == i &&
               is_plain(args, t + rows, b, piece))
            ++rows;
        if (rows > 0)
            add_bundle(args, t, rows, b, piece);
        else
            add_row(args, t, b, piece);
        t += std::max<Index>(rows, 1);
        if (t < nt && args.interval(t) == i) continue;
        for (Index p = 0; p < np; ++p) {
            std::copy_n(piece.sums.re[p], piece.n, &args.product_re(i, b, p, piece.first));
            std::copy_n(piece.sums.im[p], piece.n, &args.product_im(i, b, p, piece.first));
            std::copy_n(piece.sums.power_model[p], piece.n, &args.power_model(i, b, p, piece.first));
        }
        piece.sums = {};
    }
    for (Index p = 0; p < np; ++p) {
        std::copy_n(piece.totals.power_data[p], piece.n, &args.power_data(b, p, piece.first));
        std::copy_n(piece.totals.count[p], piece.n, &args.count(b, p, piece.first));
    }
}

/// One baseline; channels beyond a multiple of eight go through the shared body.
void time_sums_of_baseline(TimeSumsArgs const& args, Index b)
{
    Index const nc = args.vis.extent[2], np = args.vis.extent[3], whole = nc / 8 * 8;
    SumsPiece piece;
    for (piece.first = 0; piece.first < whole; piece.first += sums_piece) {
        piece.n = std::min(sums_piece, whole - piece.first);
        sums_of_piece(args, b, piece);
    }
    for (Index i = whole * np; i < nc * np; ++i) TimeSumsCell{args}(b, i);
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
