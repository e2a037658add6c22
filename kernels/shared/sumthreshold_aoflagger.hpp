// AOFlagger's default strategy for one baseline by a team, for planes of any size. Enters: amplitudes and flags of one correlation after another. Leaves: the
// joint mask. What its operators do was measured on the library itself, one operator at a time (tests/peers/flagging.py compares the whole).
#pragma once

#include "kernels/shared/sumthreshold_tile.hpp"

namespace nocturne {

/// Amplitudes as they are, no median taken off, of all samples that there are: flags and zeros of the files are looked at as anything else (its
/// exclude_original_flags is false). Thresholds are multiples of the mode of a Rayleigh distribution; each length of window is tried along time, then along
/// frequency, before the next; what a round found serves its fit and the next round's mode, then it is searched for anew. Integrations and channels go by the
/// standard deviation of their rms, again and again until none stands out. Planes of any size are searched.
class AoflaggerPlane : public SumThresholdPlane {
public:
    /// Of FlagReason: what a sample is not looked at for.
    static constexpr std::uint8_t unusable = flag_missing | flag_nonfinite;

    NOCT_INLINE AoflaggerPlane(SumThresholdRule const& rule, Index nt, Index nc, float* work)
        : SumThresholdPlane(rule, nt, nc, work), first_(work + sumthreshold_work(nt, nc) - nt * nc)
    {}

    template<class Team>
    NOCT_INLINE void search(Team& team, std::int32_t* parts, View<float const, 2> const&)
    {
        team.barrier();
        for (Index i = team.rank(); i < n_; i += team.size()) residual_[i] = amplitude_[i];
        team.barrier();
        for (int k = 0; k < rule_.iterations; ++k) {
            float const sigma = mode(team, parts);
            for (Index i = team.rank(); i < n_; i += team.size()) found_[i] = 0;
            team.barrier();
            scale_ = {k, 0, sigma > 0 ? sigma : 1, 0};
            windows_in_turn(team, parts);
            if (k + 1 == rule_.iterations) break;
            mark_lines(team, parts, {rule_.row_rms, rule_.channel_rms > 0 ? rule_.channel_limit(k) : 0});
            fit(team);
        }
        for (Index i = team.rank(); i < n_; i += team.size()) {
            joint_[i] |= found_[i];
            if (correlations_ == 0) first_[i] = residual_[i];
        }
        ++correlations_;
        team.barrier();
    }

    /// Integrations are tried once more, on what is left of the first and the last correlation together (of three, of the first).
    template<class Team>
    NOCT_INLINE void end(Team& team, std::int32_t* parts)
    {
        SumThresholdPlane::end(team, parts);
        if (!(rule_.last_row_rms > 0)) return;
        bool const both = correlations_ == 2 || correlations_ == 4;
        for (Index i = team.rank(); i < n_; i += team.size()) {
            bad_[i] = !usable_[i];
            found_[i] = joint_[i];
            residual_[i] = both ? first_[i] + residual_[i] : first_[i];
        }
        team.barrier();
        mark_lines(team, parts, {rule_.last_row_rms, 0});
        for (Index i = team.rank(); i < n_; i += team.size()) joint_[i] |= found_[i];
        team.barrier();
    }

private:
    static constexpr float mode_correction = 1.0541F;  ///< for the largest tenth, which is cut
    static constexpr Index median_reach = 256;         ///< integrations to either side

    /// In σ; 0: not looked at.
    struct LineLimits {
        float rows = 0, channels = 0;
    };

    /// Bits of floats as integers of the same order.
    NOCT_INLINE static std::int32_t key(float x)
    {
        auto const bits = std::bit_cast<std::int32_t>(x);
        return bits < 0 ? static_cast<std::int32_t>(0x80000000U - static_cast<std::uint32_t>(bits)) : bits;
    }
    NOCT_INLINE static float number(std::int32_t k)
    {
        return std::bit_cast<float>(k < 0 ? static_cast<std::int32_t>(0x80000000U - static_cast<std::uint32_t>(k)) : k);
    }

    /// The value of which `rank` others among n are smaller, over those that `used` allows; exact, by halving the range of keys.
    template<class Team, class Values, class Used>
    NOCT_INLINE float ranked(Team& team, std::int32_t* parts, Index n, std::int32_t rank, Values const& value,
                             Used const& used) const
    {
        std::int64_t low = key(-3.4e38F), high = key(3.4e38F);
        while (low < high) {
            std::int64_t const half = low + (high - low) / 2;
            std::int32_t below = 0;
            for (Index i = team.rank(); i < n; i += team.size()) below += used(i) && key(value(i)) <= half;
            if (team_sum(team, parts, below) > rank)
                high = half;
            else
                low = half + 1;
        }
        return number(static_cast<std::int32_t>(low));
    }

    /// √(Σ x² / 2n) of the good residuals, those above their 90th percentile counted as that.
    template<class Team>
    NOCT_INLINE float mode(Team& team, std::int32_t* parts)
    {
        std::int32_t count = 0;
        for (Index i = team.rank(); i < n_; i += team.size()) count += good(i);
        count = team_sum(team, parts, count);
        if (count == 0) return 0;
        float const high = ranked(
            team, parts, n_, count / 10 * 9 + count % 10 * 9 / 10, [&](Index i) { return residual_[i]; },
            [&](Index i) { return good(i); });
        for (Index t = team.rank(); t < nt_; t += team.size()) {
            float sum = 0;
            for (Index i = t * nc_; i < t * nc_ + nc_; ++i) {
                float const x = residual_[i] < high ? residual_[i] : high;
                sum += good(i) ? x * x : 0;
            }
            line_[t] = sum;
        }
        team.barrier();
        float sum = 0;
        for (Index t = 0; t < nt_; ++t) sum += line_[t];
        team.barrier();
        return mode_correction * square_root(sum / (2 * static_cast<float>(count)));
    }

    template<class Team>
    NOCT_INLINE void windows_in_turn(Team& team, std::int32_t* parts)
    {
        Index const longest = rule_.longest_time > rule_.longest_freq ? rule_.longest_time : rule_.longest_freq;
        int doublings = 0;
        for (Index n = 1; n <= longest; n *= 2, ++doublings) {
            float const limit = scale_.factor * rule_.threshold(scale_.search, doublings);
            if (n <= rule_.longest_time && n <= nt_) window(team, parts, n, {nc_, nt_}, limit);
            if (n <= rule_.longest_freq && n <= nc_) window(team, parts, n, {1, nc_}, limit * rule_.transient_factor);
        }
    }

    template<class Team>
    NOCT_INLINE void window(Team& team, std::int32_t* parts, Index n, Line along, float limit)
    {
        restart(team);
        for (Index done = 1; done < n; done *= 2) join(team, done, along.stride, along.length);
        auto const over = [&](Index i) { return __builtin_fabsf(a_[i]) > limit * b_[i]; };
        std::int32_t hits = 0;
        for (Index i = team.rank(); i < n_; i += team.size())
            hits += over(i);  // shorter ends are seen, too: spread looks
        if (team_sum(team, parts, hits) > 0) spread(team, n, along, over);
    }

    /// Channels do not know which integrations go, nor the other way round.
    template<class Team>
    NOCT_INLINE void mark_lines(Team& team, std::int32_t* parts, LineLimits limits)
    {
        float *const rows = b_, *const channels = b_ + nt_;
        if (limits.rows > 0) find_lines(team, parts, limits.rows, true, rows);
        if (limits.channels > 0) find_lines(team, parts, limits.channels, false, channels);
        for (Index i = team.rank(); i < n_; i += team.size())
            found_[i] |= (limits.rows > 0 && rows[i / nc_] != 0) || (limits.channels > 0 && channels[i % nc_] != 0);
        team.barrier();
    }

    /// 1 in `out` for lines whose rms lies more than `limit` standard deviations from the middle to either side, until none is left that does. The middle of
    /// integrations is a running median, that of channels the median of those that are left.
    template<class Team>
    NOCT_INLINE void find_lines(Team& team, std::int32_t* parts, float limit, bool rows, float* out)
    {
        Index const lines = rows ? nt_ : nc_;
        line_rms(team, rows);
        for (Index i = team.rank(); i < lines; i += team.size()) out[i] = line_[i] >= 0 ? 0.F : 1.F;
        team.barrier();
        if (rows) running_median(team, parts, out);
        for (std::int32_t marked = 1; marked > 0;) {
            float const common = rows ? 0 : line_median(team, parts, {0, lines}, out);
            float sum = 0, count = 0;
            auto const away = [&](Index i) { return line_[i] - (rows ? a_[i] : common); };
            for (Index i = 0; i < lines; ++i)
                if (out[i] == 0) sum += away(i) * away(i), count += 1;
            float const most = count > 0 ? limit * square_root(sum / count) : 0;
            team.barrier();
            marked = 0;
            for (Index i = team.rank(); i < lines; i += team.size()) {
                if (out[i] != 0 || !(__builtin_fabsf(away(i)) > most)) continue;
                out[i] = 1;
                ++marked;
            }
            marked = team_sum(team, parts, marked);
            team.barrier();
        }
    }

    /// Lines [first, end).
    struct LineRange {
        Index first = 0, end = 0;
    };

    template<class Team>
    NOCT_INLINE float line_median(Team& team, std::int32_t* parts, LineRange range, float const* out) const
    {
        auto const used = [&](Index i) { return out[range.first + i] == 0; };
        auto const value = [&](Index i) { return line_[range.first + i]; };
        Index const n = range.end - range.first;
        std::int32_t count = 0;
        for (Index i = 0; i < n; ++i) count += used(i);
        if (count == 0) return 0;
        return 0.5F *
               (ranked(team, parts, n, (count - 1) / 2, value, used) + ranked(team, parts, n, count / 2, value, used));
    }

    /// Of the rms of integrations, into a_.
    template<class Team>
    NOCT_INLINE void running_median(Team& team, std::int32_t* parts, float const* out)
    {
        bool const one = nt_ <= median_reach;
        for (Index t = 0; t < nt_; ++t) {
            if (t > 0 && one) break;
            Index const first = t > median_reach ? t - median_reach : 0,
                        end = t + median_reach < nt_ ? t + median_reach : nt_;
            float const middle = line_median(team, parts, {first, end}, out);
            for (Index i = one ? team.rank() : t; i < (one ? nt_ : t + 1); i += one ? team.size() : 1)
                if (one || team.rank() == 0) a_[i] = middle;
        }
        team.barrier();
    }

    float* first_;  ///< what is left of the first correlation
    int correlations_ = 0;
};

}  // namespace nocturne
