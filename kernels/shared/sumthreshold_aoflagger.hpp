// AOFlagger's default strategy for one baseline by a team, for planes of any size. Enters: amplitudes and flags of one correlation after another. Leaves: the
// joint mask. What its operators do was measured on the library itself, one operator at a time (tests/peers/flagging.py compares the whole).
#pragma once

#include "kernels/shared/sumthreshold_tile.hpp"

namespace nocturne {

/// Amplitudes as they are, no median taken off; thresholds are multiples of the mode of a Rayleigh distribution; each length of window is tried along time, then along
/// frequency, before the next; integrations and channels go by winsorised statistics, again and again until none stands out; planes of any size are searched.
class AoflaggerPlane : public SumThresholdPlane {
public:
    using SumThresholdPlane::SumThresholdPlane;

    template<class Team>
    NOCT_INLINE void search(Team& team, std::int32_t* parts, View<float const, 2> const&)
    {
        team.barrier();
        for (Index i = team.rank(); i < n_; i += team.size()) residual_[i] = amplitude_[i];
        team.barrier();
        for (int k = 0; k < rule_.iterations; ++k) {
            float const sigma = mode(team, parts);
            scale_ = {k, 0, sigma > 0 ? sigma : 1, 0};
            windows_in_turn(team, parts);
            if (k + 1 == rule_.iterations) break;
            if (rule_.row_rms > 0) by_lines(team, parts, {rule_.row_rms, row_spread, true});
            if (rule_.channel_rms > 0) by_lines(team, parts, {rule_.channel_limit(k), channel_spread, false});
            fit(team);
        }
        for (Index i = team.rank(); i < n_; i += team.size()) joint_[i] |= found_[i];
        team.barrier();
    }

    template<class Team>
    NOCT_INLINE void end(Team& team, std::int32_t* parts)
    {
        SumThresholdPlane::end(team, parts);
        if (!(rule_.last_row_rms > 0)) return;
        for (Index i = team.rank(); i < n_; i += team.size()) {
            bad_[i] = !usable_[i];
            found_[i] = joint_[i];
        }
        team.barrier();
        by_lines(team, parts, {rule_.last_row_rms, row_spread, true});
        for (Index i = team.rank(); i < n_; i += team.size()) joint_[i] |= found_[i];
        team.barrier();
    }

private:
    /// Variance over that of values winsorised at 10 and 90 %: AOFlagger's is 1.54 for many lines; these agree best with it for 4 to 24 integrations and 4 to 1,024 channels.
    static constexpr float row_spread = 2.2F, channel_spread = 1.7F;
    static constexpr float mode_correction = 1.0541F;  ///< for the largest tenth, which is cut

    struct Lines {
        float limit = 0, spread = 0;
        bool rows = true;
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

    /// Lines whose rms lies more than `limit` σ from the median of all, to either side, until none does.
    template<class Team>
    NOCT_INLINE void by_lines(Team& team, std::int32_t* parts, Lines which)
    {
        Index const lines = which.rows ? nt_ : nc_;
        for (std::int32_t marked = 1; marked > 0;) {
            line_rms(team, which.rows);
            std::int32_t count = 0;
            for (Index i = 0; i < lines; ++i) count += line_[i] >= 0;
            if (count == 0) return;
            auto const ranked_line = [&](std::int32_t rank) {
                return ranked(
                    team, parts, lines, rank, [&](Index i) { return line_[i]; },
                    [&](Index i) { return line_[i] >= 0; });
            };
            std::int32_t const top = (9 * count + 9) / 10;
            float const low = ranked_line(count / 10), high = ranked_line(top < count ? top : count - 1),
                        middle = 0.5F * (ranked_line((count - 1) / 2) + ranked_line(count / 2));
            float const sigma = square_root(which.spread * winsorised_variance(lines, low, high));
            marked = 0;
            for (Index i = team.rank(); i < n_; i += team.size()) {
                float const rms = line_[which.rows ? i / nc_ : i % nc_];
                bool const out = good(i) && __builtin_fabsf(rms - middle) > which.limit * sigma;
                found_[i] |= out;
                marked += out;
            }
            marked = team_sum(team, parts, marked);
            team.barrier();
        }
    }

    NOCT_INLINE float winsorised_variance(Index lines, float low, float high) const
    {
        float sum = 0, count = 0;
        auto const cut = [&](float x) { return x < low ? low : x > high ? high : x; };
        for (Index i = 0; i < lines; ++i)
            if (line_[i] >= 0) sum += cut(line_[i]), count += 1;
        float const mean = sum / count;
        sum = 0;
        for (Index i = 0; i < lines; ++i)
            if (line_[i] >= 0) sum += (cut(line_[i]) - mean) * (cut(line_[i]) - mean);
        return sum / count;
    }
};

}  // namespace nocturne
