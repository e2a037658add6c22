// SumThreshold of one baseline by a team, for planes of any size. Enters: amplitudes and flags of one correlation after another. Leaves: the joint mask.
#pragma once

#include "kernels/shared/sumthreshold_sizes.hpp"
#include "kernels/shared/team_sum.hpp"
#include "nocturne/device.hpp"
#include "nocturne/vis.hpp"

#include <bit>

namespace nocturne {

class SumThresholdPlane {
public:
    NOCT_INLINE SumThresholdPlane(SumThresholdRule const& rule, Index nt, Index nc, float* work)
        : rule_(rule),
          nt_(nt),
          nc_(nc),
          n_(nt * nc),
          amplitude_(work),
          residual_(work + n_),
          a_(work + 2 * n_),
          b_(a_ + n_ + 2 * nc),
          line_(b_ + n_ + 2 * nc),
          taps_(line_ + nt + nc),
          bad_(reinterpret_cast<std::uint8_t*>(taps_ + fit_taps)),
          found_(bad_ + n_),
          joint_(found_ + n_),
          usable_(joint_ + n_)
    {}

    static constexpr std::uint8_t unusable = 0xff;  ///< of FlagReason: what a sample is not looked at for
    template<class Team>
    NOCT_INLINE void begin(Team& team)
    {
        for (Index i = team.rank(); i < n_; i += team.size()) joint_[i] = usable_[i] = 0;
        team.barrier();
    }

    /// Sample i of the next correlation. `joint_` and `usable_` of i belong to this thread until the next barrier.
    NOCT_INLINE void put(Index i, Vis v, bool bad)
    {
        amplitude_[i] = bad ? 0 : square_root(v.re * v.re + v.im * v.im);
        bad_[i] = bad;
        found_[i] = 0;
        usable_[i] |= !bad;
    }

    template<class Team>
    NOCT_INLINE void search(Team& team, std::int32_t* parts, View<float const, 2> const& course)
    {
        team.barrier();
        if (n_ < fewest_cells) return;
        Index const period = sample_step(nt_) * nc_;
        float const centre = median(team, parts, amplitude_, n_, period, 0, false);
        for (Index i = team.rank(); i < n_; i += team.size())
            residual_[i] = amplitude_[i] -= centre * course(i / nc_, i % nc_);
        team.barrier();
        for (int k = 0; k < rule_.iterations; ++k) {
            float const middle = median(team, parts, residual_, n_, period, 0, false);
            float const sigma = __builtin_fmaxf(mad_sigma * median(team, parts, residual_, n_, period, middle, true),
                                                SumThresholdRule::least_scatter * centre);
            if (!(sigma > 0)) break;
            float const common = rule_.structure == Structure::none ? 0 : common_part(team, parts, sigma);
            scale_ = {k, 0, sigma * rule_.small_plane(n_), common};
            windows(team, parts, true);
            windows(team, parts, false);
            if (k + 1 == rule_.iterations) break;
            bool const lines = nt_ >= fewest_lines && nc_ >= fewest_lines && !(common > 0);
            if (lines && rule_.row_rms > 0) by_rms(team, parts, rule_.row_rms, true);
            if (lines && rule_.channel_rms > 0) by_rms(team, parts, rule_.channel_limit(k), false);
            fit(team);
        }
        for (Index i = team.rank(); i < n_; i += team.size()) joint_[i] |= found_[i];
        team.barrier();
    }

    template<class Team>
    NOCT_INLINE void end(Team& team, std::int32_t* parts)
    {
        team.barrier();
        std::int32_t any = 0;
        for (Index i = team.rank(); i < n_; i += team.size()) any += joint_[i];
        if (team_sum(team, parts, any) == 0) return;
        for (Index i = team.rank(); i < n_; i += team.size()) found_[i] = joint_[i];
        team.barrier();
        if (!(rule_.rank > 0)) return;
        rank_operator(team, true);
        for (Index i = team.rank(); i < n_; i += team.size()) found_[i] = joint_[i];
        team.barrier();
        rank_operator(team, false);
    }

    NOCT_INLINE std::uint32_t word(Index w, Index c) const
    {
        std::uint32_t bits = 0;
        for (Index t = 32 * w; t < nt_ && t < 32 * w + 32; ++t)
            bits |= static_cast<std::uint32_t>(joint_[t * nc_ + c] != 0 && usable_[t * nc_ + c] != 0) << (t - 32 * w);
        return bits;
    }

protected:
    NOCT_INLINE bool good(Index i) const { return !bad_[i] && !found_[i]; }

    /// Of the good among n values, runs of nc_ of which every `period`-th is looked at (all where period ≤ nc_); of the distances from
    /// `middle` where `distance`. 0 where none is good. By halving [0 or −largest, largest].
    template<class Team>
    NOCT_INLINE float median(Team& team, std::int32_t* parts, float const* values, Index n, Index period, float middle,
                             bool distance) const
    {
        auto const value = [&](Index i) { return distance ? __builtin_fabsf(values[i] - middle) : values[i]; };
        std::int32_t count = 0;
        float largest = 0;
        auto const each = [&](auto const& visit) {
            for (Index start = 0; start < n; start += period) {
                Index const end = start + nc_ < n ? start + nc_ : n;
                for (Index i = start + team.rank(); i < end; i += team.size())
                    if (good(i)) visit(value(i));
            }
        };
        each([&](float x) { ++count, largest = __builtin_fabsf(x) > largest ? __builtin_fabsf(x) : largest; });
        count = team_sum(team, parts, count);
        largest = largest_of(team, parts, largest);
        float low = distance ? 0 : -largest, high = largest;
        for (int step = 0; step < median_steps; ++step) {
            float const half = 0.5F * (low + high);
            std::int32_t below = 0;
            each([&](float x) { below += x <= half; });
            (2 * team_sum(team, parts, below) >= count ? high : low) = half;
        }
        return count > 0 ? 0.5F * (low + high) : 0;
    }

    template<class Team>
    NOCT_INLINE float largest_of(Team& team, std::int32_t* parts, float mine) const
    {
        team.barrier();
        parts[team.rank()] = std::bit_cast<std::int32_t>(mine);  // of numbers ≥ 0 the order is that of their bits
        team.barrier();
        std::int32_t most = 0;
        for (int i = 0; i < team.size(); ++i) most = parts[i] > most ? parts[i] : most;
        return std::bit_cast<float>(most);
    }

    /// What neighbours in time or frequency, whichever is more, have in common, as SumThresholdRule::common_part says.
    template<class Team>
    NOCT_INLINE float common_part(Team& team, std::int32_t* parts, float sigma) const
    {
        float most = 0;
        for (int in_time = 0; in_time < 2; ++in_time) {
            std::int32_t all = 0,
                         near = steps_below(team, parts, in_time != 0, SumThresholdRule::largest_step * sigma, all);
            if (all < SumThresholdRule::fewest_steps || 2 * near < all) continue;
            float low = 0, high = SumThresholdRule::largest_step;
            for (int k = 0; k < SumThresholdRule::step_halvings; ++k) {
                float const half = 0.5F * (low + high);
                near = steps_below(team, parts, in_time != 0, half * sigma, all);
                (2 * near >= all ? high : low) = half;
            }
            float const common = SumThresholdRule::common_part(0.5F * (low + high));
            most = common > most ? common : most;
        }
        return most;
    }

    /// Of the pairs of good neighbours in sampled integrations (`all`), those whose residuals differ by no more than `limit`.
    template<class Team>
    NOCT_INLINE std::int32_t steps_below(Team& team, std::int32_t* parts, bool in_time, float limit,
                                         std::int32_t& all) const
    {
        std::int32_t near = 0, pairs = 0;
        Index const next = in_time ? nc_ : 1, last = in_time ? nc_ : nc_ - 1;
        for (Index t = 0; t + (in_time ? 1 : 0) < nt_; t += sample_step(nt_))
            for (Index c = team.rank(); c < last; c += team.size()) {
                Index const i = t * nc_ + c;
                if (!good(i) || !good(i + next)) continue;
                ++pairs;
                near += __builtin_fabsf(residual_[i + next] - residual_[i]) <= limit;
            }
        all = team_sum(team, parts, pairs);
        return team_sum(team, parts, near);
    }

    /// Windows of 1, 2, 4 … along time or frequency; each length leaves out what shorter ones found.
    template<class Team>
    NOCT_INLINE void windows(Team& team, std::int32_t* parts, bool in_time)
    {
        Index const length = in_time ? nt_ : nc_, longest = in_time ? rule_.longest_time : rule_.longest_freq;
        Index const stride = in_time ? nc_ : 1;
        bool fresh = false;
        int doublings = 0;
        for (Index n = 1; n <= longest && n <= length; n *= 2, ++doublings) {
            if (!fresh) restart(team);
            for (Index done = fresh ? n / 2 : 1; done < n; done *= 2) join(team, done, stride, length);
            fresh = true;
            std::int32_t hits = 0;
            Level const level{
                scale_.search, doublings,
                scale_.factor * (in_time ? 1 : rule_.transient_factor) * SumThresholdRule::widening(scale_.common, n),
                0};
            for (Index i = team.rank(); i < n_; i += team.size())
                hits += place(i, stride) + n <= length && exceeds(i, level);
            if (team_sum(team, parts, hits) == 0) continue;
            spread(team, n, {stride, length}, [&](Index i) { return exceeds(i, level); });
            fresh = false;
        }
    }

    /// Cells one after another along time or frequency.
    struct Line {
        Index stride = 1, length = 1;
    };

    /// Which search, windows of which length; σ times what multiplies thresholds; what neighbours have in common.
    struct Level {
        int search = 0, doublings = 0;
        float factor = 0, common = 0;
    };

    NOCT_INLINE bool exceeds(Index i, Level const& level) const
    {
        return __builtin_fabsf(a_[i]) > level.factor * rule_.sum_limit(level.search, level.doublings, b_[i]);
    }

    NOCT_INLINE Index place(Index i, Index stride) const { return stride == 1 ? i % nc_ : i / nc_; }

    template<class Team>
    NOCT_INLINE void restart(Team& team)
    {
        for (Index i = team.rank(); i < n_; i += team.size()) {
            bool const use = good(i);
            a_[i] = use ? residual_[i] : 0;
            b_[i] = use ? 1.F : 0.F;
        }
        team.barrier();
    }

    /// Sums over `half` samples become sums over twice as many; a line a thread.
    template<class Team>
    NOCT_INLINE void join(Team& team, Index half, Index stride, Index length)
    {
        Index const lines = n_ / length, next = half * stride;
        auto const add = [&](Index i) { a_[i] += a_[i + next], b_[i] += b_[i + next]; };
        if (stride == 1)
            for (Index line = team.rank(); line < lines; line += team.size())
                for (Index k = 0; k + half < length; ++k) add(line * nc_ + k);
        else  // neighbouring lines lie side by side
            for (Index k = 0; k + half < length; ++k)
                for (Index line = team.rank(); line < lines; line += team.size()) add(k * stride + line);
        team.barrier();
    }

    /// Marks the cells of the windows that were hit; a line a thread.
    template<class Team, class Over>
    NOCT_INLINE void spread(Team& team, Index n, Line along, Over const& over)
    {
        for (Index line = team.rank(); line < n_ / along.length; line += team.size()) {
            Index const start = along.stride == 1 ? line * nc_ : line;
            for (Index k = 0, until = 0; k < along.length; ++k) {
                Index const i = start + k * along.stride;
                if (k + n <= along.length && over(i)) until = k + n;
                found_[i] |= k < until;
            }
        }
        team.barrier();
    }

    /// Rms of the good residuals of each integration (or channel); −1 where none is good.
    template<class Team>
    NOCT_INLINE void line_rms(Team& team, bool rows)
    {
        Index const lines = rows ? nt_ : nc_, length = n_ / lines;
        for (Index line = team.rank(); line < lines; line += team.size()) {
            float sum = 0, count = 0;
            for (Index k = 0; k < length; ++k) {
                Index const i = rows ? line * nc_ + k : k * nc_ + line;
                sum += good(i) ? residual_[i] * residual_[i] : 0;
                count += good(i) ? 1.F : 0.F;
            }
            line_[line] = count > 0 ? square_root(sum / count) : -1;
        }
        team.barrier();
    }

    /// Integrations (or channels) whose rms lies `limit` σ above the median of all.
    template<class Team>
    NOCT_INLINE void by_rms(Team& team, std::int32_t* parts, float limit, bool rows)
    {
        Index const lines = rows ? nt_ : nc_;
        line_rms(team, rows);
        float const middle = line_median(team, parts, lines, 0, false);
        float const sigma = mad_sigma * line_median(team, parts, lines, middle, true);
        for (Index i = team.rank(); i < n_ && sigma > 0; i += team.size())
            found_[i] |= line_[rows ? i / nc_ : i % nc_] > middle + limit * sigma;
        team.barrier();
    }

    /// Of the lines whose rms is ≥ 0, as `median`.
    template<class Team>
    NOCT_INLINE float line_median(Team& team, std::int32_t* parts, Index lines, float middle, bool distance) const
    {
        auto const value = [&](Index i) { return distance ? __builtin_fabsf(line_[i] - middle) : line_[i]; };
        std::int32_t count = 0;
        float largest = 0;
        for (Index i = team.rank(); i < lines; i += team.size())
            if (line_[i] >= 0) ++count, largest = value(i) > largest ? value(i) : largest;
        count = team_sum(team, parts, count);
        largest = largest_of(team, parts, largest);
        float low = 0, high = largest;
        for (int step = 0; step < median_steps; ++step) {
            float const half = 0.5F * (low + high);
            std::int32_t below = 0;
            for (Index i = team.rank(); i < lines; i += team.size()) below += line_[i] >= 0 && value(i) <= half;
            (2 * team_sum(team, parts, below) >= count ? high : low) = half;
        }
        return 0.5F * (low + high);
    }

    /// residual = amplitude − smooth background of the good samples.
    template<class Team>
    NOCT_INLINE void fit(Team& team)
    {
        Index const nd = (nt_ + fit_average - 1) / fit_average;
        for (Index k = team.rank(); k < fit_taps; k += team.size()) taps_[k] = fit_tap(k, rule_.strategy);
        for (Index i = team.rank(); i < nd * nc_; i += team.size()) {
            float sum = 0, count = 0;
            for (Index t = i / nc_ * fit_average; t < nt_ && t < i / nc_ * fit_average + fit_average; ++t) {
                Index const k = t * nc_ + i % nc_;
                sum += good(k) ? amplitude_[k] : 0;
                count += good(k) ? 1.F : 0.F;
            }
            residual_[i] = count > 0 ? sum / count : 0;
            b_[i] = count > 0 ? 1.F : 0.F;
        }
        team.barrier();
        smooth(team, nd, residual_, b_, a_, a_ + nd * nc_, false);
        smooth(team, nd, a_, a_ + nd * nc_, b_, b_ + nd * nc_, true);
        for (Index i = team.rank(); i < n_; i += team.size()) {
            Index const k = i / nc_ / fit_average * nc_ + i % nc_;
            float const weight = b_[nd * nc_ + k];
            residual_[i] = weight > 0 ? amplitude_[i] - b_[k] / weight : rule_.residual_of_nothing() * amplitude_[i];
        }
        team.barrier();
    }

    template<class Team>
    NOCT_INLINE void smooth(Team& team, Index nd, float const* value, float const* weight, float* to, float* to_weight,
                            bool in_time)
    {
        Index const half = in_time ? fit_half_time : fit_half_freq, length = in_time ? nd : nc_,
                    stride = in_time ? nc_ : 1;
        float const* const taps = taps_ + (in_time ? fit_half_freq + 1 : 0);
        for (Index i = team.rank(); i < nd * nc_; i += team.size()) {
            Index const at = in_time ? i / nc_ : i % nc_;
            Index const low = at < half ? -at : -half, high = at + half < length ? half : length - 1 - at;
            float sum = 0, total = 0;
            for (Index k = low; k <= high; ++k) {
                float const tap = taps[k < 0 ? -k : k], w = tap * weight[i + k * stride];
                sum += in_time ? tap * value[i + k * stride] : w * value[i + k * stride];
                total += w;
            }
            to[i] = sum;
            to_weight[i] = total;
        }
        team.barrier();
    }

    /// Joint mask, one line a thread: cells in a run of which a share of at least 1 − η is found. Reads found_, adds to joint_.
    template<class Team>
    NOCT_INLINE void rank_operator(Team& team, bool in_time)
    {
        Index const length = in_time ? nt_ : nc_, stride = in_time ? nc_ : 1;
        for (Index line = team.rank(); line < n_ / length; line += team.size()) {
            Index const start = in_time ? line : line * nc_;
            float sum = 0, lowest = 0;
            for (Index k = 0; k < length; ++k) {  // a_: least prefix up to the cell, b_: prefix after it
                Index const i = start + k * stride;
                a_[i] = lowest;
                sum += !usable_[i] ? 0 : found_[i] ? rule_.rank : rule_.rank - 1;
                b_[i] = sum;
                lowest = sum < lowest ? sum : lowest;
            }
            float highest = sum;
            for (Index k = length; k-- > 0;) {
                Index const i = start + k * stride;
                highest = b_[i] > highest ? b_[i] : highest;
                joint_[i] |= highest - a_[i] >= 0;
            }
        }
        team.barrier();
    }

    SumThresholdRule rule_;
    Index nt_, nc_, n_;
    float *amplitude_, *residual_, *a_, *b_, *line_, *taps_;
    std::uint8_t *bad_, *found_, *joint_, *usable_;
    Level scale_;
};

}  // namespace nocturne
