// For kernels/kokkos/sumthreshold.cpp, compiled once per instruction set: windows, rms of rows and channels, and the rank operator on
// mask words. Enters: residuals, mask words. Leaves: mask words with more bits.
#if defined(NOCTURNE_SUMTHRESHOLD_WINDOWS_INL) == defined(HWY_TARGET_TOGGLE)
#    ifdef NOCTURNE_SUMTHRESHOLD_WINDOWS_INL
#        undef NOCTURNE_SUMTHRESHOLD_WINDOWS_INL
#    else
#        define NOCTURNE_SUMTHRESHOLD_WINDOWS_INL
#    endif

#    include "kernels/kokkos/sumthreshold_plane-inl.hpp"

#    include <array>

HWY_BEFORE_NAMESPACE();
namespace nocturne::HWY_NAMESPACE {

/// Which search, σ times what multiplies all thresholds, and what neighbours have in common.
struct SearchScale {
    int search;
    float sigma, common;
};

/// What windows of one length are held against.
struct WindowLimit {
    float full;           ///< of the mean of a window without gaps
    float single;         ///< of a single sample
    float n;              ///< samples of a window
    float const* powers;  ///< [count] SumThresholdRule::gap_power; null: gaps do not matter

    WindowLimit(SumThresholdRule const& rule, SearchScale const& scale, int doublings, float transient = 1)
        : n(static_cast<float>(1 << doublings)), powers(rule.gaps == Gaps::as_full ? nullptr : power_table())
    {
        float const factor = scale.sigma * transient * SumThresholdRule::widening(scale.common, Index(1) << doublings);
        full = factor * rule.threshold(scale.search, doublings);
        single = factor * rule.threshold(scale.search, 0);
    }
    static float const* power_table()
    {
        static auto const table = [] {
            std::array<float, longest_window + 1> all{};
            for (Index i = 1; i <= longest_window; ++i)
                all[static_cast<std::size_t>(i)] = SumThresholdRule::gap_power(static_cast<float>(i));
            return all;
        }();
        return table.data();
    }
    HWY_INLINE hn::Mask<Floats> exceeded(FloatVec sum, FloatVec count) const
    {
        Floats const d;
        auto limit = hn::Mul(hn::Set(d, full), count);
        auto const whole = hn::Eq(count, hn::Set(d, n));
        if (HWY_UNLIKELY(powers && !hn::AllTrue(d, whole))) {
            auto const power = hn::GatherIndex(d, powers, hn::ConvertTo(hn::RebindToSigned<Floats>(), count));
            limit = hn::IfThenElse(whole, limit, hn::Mul(hn::Set(d, single), power));
        }
        return hn::Gt(hn::Abs(sum), limit);
    }
    bool exceeded(float sum, float count) const
    {
        bool const whole = !powers || count == n;
        return std::fabs(sum) > (whole ? full * count : single * powers[static_cast<Index>(count)]);
    }
};

/// Windows along time of one vector of channels: sums of 1, 2, 4 … integrations.
inline void time_windows(FlagPlane const& plane, SumThresholdRule const& rule, SearchScale const& scale, Index c)
{
    Floats const d;
    Words const u;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    auto const one = hn::Set(d, 1.F);
    float *sums = plane.sums, *counts = plane.counts;
    Index have = 0;  // length of the windows that stand in sums
    int doublings = 0;
    for (Index n = 1; n <= rule.longest_time && n <= plane.nt; n *= 2, ++doublings) {
        if (have == 0) {
            auto const words = spoilt(plane, c);
            for (Index t = 0; t < plane.nt; ++t) {
                auto const good = hn::Not(has_bit(words, t));
                hn::Store(hn::IfThenElseZero(good, hn::LoadU(d, plane.residual + t * plane.row + c)), d,
                          sums + t * lanes);
                hn::Store(hn::IfThenElseZero(good, one), d, counts + t * lanes);
            }
            have = 1;
        }
        for (; have < n; have *= 2)
            for (Index t = 0; t + have < plane.nt; ++t) {
                hn::Store(hn::Add(hn::Load(d, sums + t * lanes), hn::Load(d, sums + (t + have) * lanes)), d,
                          sums + t * lanes);
                hn::Store(hn::Add(hn::Load(d, counts + t * lanes), hn::Load(d, counts + (t + have) * lanes)), d,
                          counts + t * lanes);
            }
        WindowLimit const limit(rule, scale, doublings);
        auto hits = hn::Zero(u);
        auto const run = static_cast<std::uint32_t>((std::uint64_t(1) << n) - 1);
        for (Index t = 0; t + n <= plane.nt; ++t) {
            auto const hit = limit.exceeded(hn::Load(d, sums + t * lanes), hn::Load(d, counts + t * lanes));
            hits = hn::Or(hits, hn::IfThenElseZero(hn::RebindMask(u, hit), hn::Set(u, run << t)));
        }
        if (hn::AllTrue(u, hn::Eq(hits, hn::Zero(u)))) continue;
        hn::StoreU(hn::Or(hn::LoadU(u, plane.found + c), hits), u, plane.found + c);
        have = 0;
    }
}

/// Good residuals of integration t and how many: windows of one.
inline void restart_row(FlagPlane const& plane, Index t)
{
    Floats const d;
    auto const one = hn::Set(d, 1.F);
    for (Index c = 0; c < plane.vectors_end(); c += static_cast<Index>(hn::Lanes(d))) {
        auto const good = hn::Not(has_bit(spoilt(plane, c), t));
        hn::StoreU(hn::IfThenElseZero(good, hn::LoadU(d, plane.residual + t * plane.row + c)), d, plane.sums + c);
        hn::StoreU(hn::IfThenElseZero(good, one), d, plane.counts + c);
    }
}

/// Windows of `have` channels become windows of twice as many.
inline void join_row(FlagPlane const& plane, Index have)
{
    Floats const d;
    for (Index c = 0; c < plane.vectors_end(); c += static_cast<Index>(hn::Lanes(d)))
        for (float* row : {plane.sums, plane.counts})
            hn::StoreU(hn::Add(hn::LoadU(d, row + c), hn::LoadU(d, row + c + have)), d, row + c);
}

/// Joins windows of `have` channels, tells whether any of the windows of n is above its limit, and marks their cells.
inline bool row_hits(FlagPlane const& plane, Index t, Index have, Index n, WindowLimit const& limit)
{
    Floats const d;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    float *sums = plane.sums, *counts = plane.counts;
    bool any = false;
    for (Index c = 0; c < plane.vectors_end(); c += lanes) {
        auto sum = hn::LoadU(d, sums + c), count = hn::LoadU(d, counts + c);
        if (have < n) {
            sum = hn::Add(sum, hn::LoadU(d, sums + c + have));
            count = hn::Add(count, hn::LoadU(d, counts + c + have));
            hn::StoreU(sum, d, sums + c);
            hn::StoreU(count, d, counts + c);
        }
        any |= !hn::AllFalse(d, limit.exceeded(sum, count));
    }
    if (!any) return false;
    Index until = 0;
    for (Index c = 0; c < plane.nc; ++c) {
        if (c + n <= plane.nc && limit.exceeded(sums[c], counts[c])) until = c + n;
        if (c < until) plane.found[c] |= std::uint32_t(1) << t;
    }
    return until > 0;
}

inline void freq_windows(FlagPlane const& plane, SumThresholdRule const& rule, SearchScale const& scale, Index t)
{
    Index have = 0;
    int doublings = 0;
    for (Index n = 1; n <= rule.longest_freq && n <= plane.nc; n *= 2, ++doublings) {
        WindowLimit const limit(rule, scale, doublings, rule.transient_factor);
        if (have == 0) {
            restart_row(plane, t);
            for (have = 1; 2 * have < n; have *= 2) join_row(plane, have);
            if (n == 1) have = n;
        }
        bool const hit = row_hits(plane, t, n == 1 ? 1 : n / 2, n, limit);
        have = hit ? 0 : n;
    }
}

/// Median + limit · σ of the lines that have a good sample (rms ≥ 0); FLT_MAX where there is no scatter.
inline float line_limit(FlagPlane const& plane, float const* rms, Index lines, float limit)
{
    float* const sample = plane.fit[0];
    float most = 0;
    Index n = 0;
    for (Index i = 0; i < lines; ++i)
        if (rms[i] >= 0) sample[n++] = rms[i], most = rms[i] > most ? rms[i] : most;
    Index const pair = 2 * static_cast<Index>(hn::Lanes(Floats())), padded = (n + pair - 1) / pair * pair;
    for (Index i = n; i < n + pair; ++i) sample[i] = 3e38F;
    float const middle = median_of_sample(sample, n, padded, most, 0, false);
    float const sigma = mad_sigma * median_of_sample(sample, n, padded, farthest(sample, n, middle), middle, true);
    return sigma > 0 ? middle + limit * sigma : 3e38F;
}

inline void flag_rows_by_rms(FlagPlane const& plane, float limit)
{
    Floats const d;
    Words const u;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    for (Index t = 0; t < plane.nt; ++t) {
        auto sum = hn::Zero(d), count = sum;
        for (Index c = 0; c < plane.vectors_end(); c += lanes) {
            auto const good = hn::Not(has_bit(spoilt(plane, c), t));
            auto const value = hn::IfThenElseZero(good, hn::LoadU(d, plane.residual + t * plane.row + c));
            sum = hn::MulAdd(value, value, sum);
            count = hn::Add(count, hn::IfThenElseZero(good, hn::Set(d, 1.F)));
        }
        float const total = hn::GetLane(hn::SumOfLanes(d, sum)), n = hn::GetLane(hn::SumOfLanes(d, count));
        plane.line[t] = n > 0 ? std::sqrt(total / n) : -1;
    }
    float const most = line_limit(plane, plane.line, plane.nt, limit);
    std::uint32_t bits = 0;
    for (Index t = 0; t < plane.nt; ++t) bits |= static_cast<std::uint32_t>(plane.line[t] > most) << t;
    for (Index c = 0; bits != 0 && c < plane.vectors_end(); c += lanes)
        hn::StoreU(hn::Or(hn::LoadU(u, plane.found + c), hn::Set(u, bits)), u, plane.found + c);
}

inline void flag_channels_by_rms(FlagPlane const& plane, float limit)
{
    Floats const d;
    auto const one = hn::Set(d, 1.F);
    for (Index c = 0; c < plane.vectors_end(); c += static_cast<Index>(hn::Lanes(d))) {
        auto const words = spoilt(plane, c);
        auto sum = hn::Zero(d), count = sum;
        for (Index t = 0; t < plane.nt; ++t) {
            auto const good = hn::Not(has_bit(words, t));
            auto const value = hn::IfThenElseZero(good, hn::LoadU(d, plane.residual + t * plane.row + c));
            sum = hn::MulAdd(value, value, sum);
            count = hn::Add(count, hn::IfThenElseZero(good, one));
        }
        auto const some = hn::Gt(count, hn::Zero(d));
        hn::StoreU(hn::IfThenElse(some, hn::Sqrt(hn::Div(sum, hn::Max(count, one))), hn::Set(d, -1.F)), d,
                   plane.line + c);
    }
    float const most = line_limit(plane, plane.line, plane.nc, limit);
    for (Index c = 0; c < plane.nc; ++c)
        if (plane.line[c] > most) plane.found[c] |= 0xffffffffU;
}

/// In time: a vector of channels at once.
inline void rank_in_time(FlagPlane const& plane, float eta)
{
    Floats const d;
    Words const u;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    auto const up = hn::Set(d, eta), down = hn::Set(d, eta - 1);
    for (Index c = 0; c < plane.vectors_end(); c += lanes) {
        auto const marked = hn::LoadU(u, plane.joint + c), usable = hn::LoadU(u, plane.usable + c);
        if (hn::AllTrue(u, hn::Eq(marked, hn::Zero(u)))) continue;
        auto sum = hn::Zero(d), lowest = sum;
        for (Index t = 0; t < plane.nt; ++t) {
            hn::Store(lowest, d, plane.sums + t * lanes);
            sum = hn::Add(sum, hn::IfThenElseZero(has_bit(usable, t), hn::IfThenElse(has_bit(marked, t), up, down)));
            hn::Store(sum, d, plane.counts + t * lanes);
            lowest = hn::Min(lowest, sum);
        }
        auto highest = sum;
        auto out = marked;
        for (Index t = plane.nt; t-- > 0;) {
            highest = hn::Max(highest, hn::Load(d, plane.counts + t * lanes));
            auto const in = hn::Ge(hn::Sub(highest, hn::Load(d, plane.sums + t * lanes)), hn::Zero(d));
            out = hn::Or(out, hn::IfThenElseZero(hn::RebindMask(u, in), hn::Set(u, std::uint32_t(1) << t)));
        }
        hn::StoreU(out, u, plane.joint + c);
    }
}

/// In frequency: all integrations at once, as lanes. `memory`: 2 · 32 floats a channel.
inline void rank_in_freq(FlagPlane const& plane, float eta, float* memory)
{
    Floats const d;
    Words const u;
    auto const lanes = static_cast<Index>(hn::Lanes(d));
    auto const up = hn::Set(d, eta), down = hn::Set(d, eta - 1);
    for (Index t0 = 0; t0 < plane.nt; t0 += lanes) {
        auto const bit = hn::Shl(hn::Set(u, 1U), hn::Iota(u, static_cast<std::uint32_t>(t0)));
        auto const test = [&](std::uint32_t word) {
            return hn::RebindMask(d, hn::Ne(hn::And(hn::Set(u, word), bit), hn::Zero(u)));
        };
        auto sum = hn::Zero(d), lowest = sum;
        for (Index c = 0; c < plane.nc; ++c) {
            hn::StoreU(lowest, d, memory + 2 * c * lanes);
            sum =
                hn::Add(sum, hn::IfThenElseZero(test(plane.usable[c]), hn::IfThenElse(test(plane.joint[c]), up, down)));
            hn::StoreU(sum, d, memory + (2 * c + 1) * lanes);
            lowest = hn::Min(lowest, sum);
        }
        auto highest = sum;
        for (Index c = plane.nc; c-- > 0;) {
            highest = hn::Max(highest, hn::LoadU(d, memory + (2 * c + 1) * lanes));
            auto const in = hn::Ge(hn::Sub(highest, hn::LoadU(d, memory + 2 * c * lanes)), hn::Zero(d));
            std::uint8_t bits[8] = {};
            hn::StoreMaskBits(d, in, bits);
            plane.joint[c] |= (bits[0] | static_cast<std::uint32_t>(bits[1]) << 8) << t0;
        }
    }
}

}  // namespace nocturne::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
