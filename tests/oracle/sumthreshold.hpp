// Oracle of `sumthreshold`: SumThreshold, the fit and the rank operator transcribed from Offringa et al. 2010 and 2012, in double
// precision, with sums over each window taken afresh and medians by sorting.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

namespace nocturne::oracle {

using Grid = std::vector<std::vector<double>>;
using Marks = std::vector<std::vector<bool>>;

struct ThresholdRule {
    double base = 1.2, factor_step = 2, transient_factor = 0.8, rank = 0.05, row_rms = 6, channel_rms = 3,
           last_row_rms = 0;
    int iterations = 3, longest = 32;
    bool gaps_by_samples = true;  ///< a window with gaps has the threshold of the samples it has
    bool sky = true;              ///< structure that neighbours share raises thresholds
};

inline double median(std::vector<double> x)
{
    std::sort(x.begin(), x.end());
    return x.empty() ? 0 : x[(x.size() - 1) / 2];
}
inline double scatter(std::vector<double> x)
{
    double const middle = median(x);
    for (double& v : x) v = std::abs(v - middle);
    return 1.4826 * median(x);
}

inline std::vector<double> sample_of(Grid const& plane, Marks const& bad)
{
    std::vector<double> all;
    for (std::size_t t = 0; t < plane.size(); t += plane.size() < 16 ? 1 : 4)
        for (std::size_t c = 0; c < plane[t].size(); ++c)
            if (!bad[t][c]) all.push_back(plane[t][c]);
    return all;
}

/// 1 − (median step between neighbours over that of noise)², from 0.3 … 1 to 0 … 1; the larger of both directions.
inline double common_part(Grid const& plane, Marks const& bad, double sigma)
{
    std::size_t const nt = plane.size(), nc = plane[0].size();
    double most = 0;
    for (std::size_t dt = 0; dt < 2; ++dt) {
        std::vector<double> steps;
        for (std::size_t t = 0; t + dt < nt; t += nt < 16 ? 1 : 4)
            for (std::size_t c = 0; c + 1 - dt < nc; ++c)
                if (!bad[t][c] && !bad[t + dt][c + 1 - dt])
                    steps.push_back(std::abs(plane[t + dt][c + 1 - dt] - plane[t][c]));
        if (steps.size() < 8) continue;
        double const ratio = median(steps) / (0.6745 * std::sqrt(2.0) * sigma);
        most = std::max(most, (1 - ratio * ratio - 0.3) / 0.7);
    }
    return most;
}

/// Windows of 1, 2, 4 … along one direction; shorter ones first, what they find is left out of longer ones.
struct Limit {
    double single, common;  ///< of one sample; what neighbours have in common
};

inline void windows(Grid const& plane, Marks const& bad, Marks& found, Limit level, ThresholdRule const& rule,
                    bool in_time)
{
    int const nt = static_cast<int>(plane.size()), nc = static_cast<int>(plane[0].size());
    int const lines = in_time ? nc : nt, length = in_time ? nt : nc;
    double falling = 1;
    for (int n = 1; n <= rule.longest && n <= length; n *= 2, falling *= 0.75)
        for (int line = 0; line < lines; ++line) {
            double const first = level.single * std::sqrt(1 + (n - 1) * level.common) * (1 + level.common);
            auto const before = found;
            for (int start = 0; start + n <= length; ++start) {
                double sum = 0, count = 0;
                for (int i = start; i < start + n; ++i) {
                    int const t = in_time ? i : line, c = in_time ? line : i;
                    if (bad[t][c] || before[t][c]) continue;
                    sum += plane[t][c];
                    count += 1;
                }
                double const mean =
                    rule.gaps_by_samples && count > 0 ? first * std::pow(0.75, std::log2(count)) : first * falling;
                if (!(std::abs(sum) > mean * count)) continue;
                for (int i = start; i < start + n; ++i) found[in_time ? i : line][in_time ? line : i] = true;
            }
        }
}

inline void flag_by_rms(Grid const& plane, Marks const& bad, Marks& found, double limit, bool rows)
{
    std::size_t const nt = plane.size(), nc = plane[0].size(), lines = rows ? nt : nc;
    std::vector<double> rms(lines, -1), known;
    for (std::size_t line = 0; line < lines; ++line) {
        double sum = 0, count = 0;
        for (std::size_t k = 0; k < (rows ? nc : nt); ++k) {
            std::size_t const t = rows ? line : k, c = rows ? k : line;
            if (bad[t][c] || found[t][c]) continue;
            sum += plane[t][c] * plane[t][c];
            count += 1;
        }
        if (count > 0) known.push_back(rms[line] = std::sqrt(sum / count));
    }
    double const most = median(known) + limit * scatter(known);
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c)
            if (scatter(known) > 0 && rms[rows ? t : c] > most) found[t][c] = true;
}

/// Squares of the Gaussian's σ, in averaged integrations and channels.
struct FitVariance {
    double time = 6.25, freq = 25;
    double residual_of_nothing = 0;  ///< share of the amplitude that is left where no sample near is good
};

inline Grid fit(Grid const& plane, Marks const& bad, Marks const& found, FitVariance variance = {})
{
    int const nt = static_cast<int>(plane.size()), nc = static_cast<int>(plane[0].size()), nd = (nt + 2) / 3;
    Grid average(nd, std::vector<double>(nc)), weight = average, out(nt, std::vector<double>(nc));
    for (int i = 0; i < nd; ++i)
        for (int c = 0; c < nc; ++c) {
            double sum = 0, n = 0;
            for (int t = 3 * i; t < std::min(nt, 3 * i + 3); ++t)
                if (!bad[t][c] && !found[t][c]) sum += plane[t][c], n += 1;
            average[i][c] = n > 0 ? sum / n : 0;
            weight[i][c] = n > 0;
        }
    for (int t = 0; t < nt; ++t)
        for (int c = 0; c < nc; ++c) {
            double sum = 0, total = 0;
            for (int i = std::max(0, t / 3 - 10); i <= std::min(nd - 1, t / 3 + 10); ++i)
                for (int k = std::max(0, c - 15); k <= std::min(nc - 1, c + 15); ++k) {
                    double const dt = i - t / 3, dc = k - c;
                    double const w =
                        weight[i][k] * std::exp(-0.5 * (dt * dt / variance.time + dc * dc / variance.freq));
                    sum += w * average[i][k];
                    total += w;
                }
            out[t][c] = total > 0 ? plane[t][c] - sum / total : variance.residual_of_nothing * plane[t][c];
        }
    return out;
}

/// Cells that lie in some run [i, j] of their line with Σ (flagged ? η : η − 1) ≥ 0; by trying all runs.
inline void rank_operator(Marks const& usable, Marks& marks, double eta, bool in_time)
{
    std::size_t const nt = marks.size(), nc = marks[0].size(), lines = in_time ? nc : nt, length = in_time ? nt : nc;
    for (std::size_t line = 0; line < lines; ++line) {
        std::vector<double> prefix{0};
        for (std::size_t i = 0; i < length; ++i) {
            std::size_t const t = in_time ? i : line, c = in_time ? line : i;
            prefix.push_back(prefix.back() + (!usable[t][c] ? 0 : marks[t][c] ? eta : eta - 1));
        }
        for (std::size_t i = 0; i < length; ++i)
            for (std::size_t first = 0; first <= i; ++first)
                for (std::size_t end = i + 1; end <= length; ++end)
                    if (prefix[end] - prefix[first] >= -1e-9) marks[in_time ? i : line][in_time ? line : i] = true;
    }
}

/// amplitude[correlation][integration][channel], bad likewise; the joint mask.
inline Marks sumthreshold(std::vector<Grid> amplitude, std::vector<Marks> const& bad, Grid const& course,
                          ThresholdRule const& rule)
{
    std::size_t const nt = amplitude[0].size(), nc = amplitude[0][0].size();
    Marks joint(nt, std::vector<bool>(nc)), usable = joint;
    for (std::size_t p = 0; p < amplitude.size(); ++p) {
        if (nt * nc < 64) break;
        Marks found(nt, std::vector<bool>(nc));
        double const centre = median(sample_of(amplitude[p], bad[p]));
        for (std::size_t t = 0; t < nt; ++t)
            for (std::size_t c = 0; c < nc; ++c) amplitude[p][t][c] -= centre * course[t][c];
        Grid plane = amplitude[p];
        for (int k = 0; k < rule.iterations; ++k) {
            Marks skip = bad[p];
            for (std::size_t t = 0; t < nt; ++t)
                for (std::size_t c = 0; c < nc; ++c) skip[t][c] = skip[t][c] || found[t][c];
            double const factor = std::pow(rule.factor_step, rule.iterations - 1 - k);
            double const sigma = std::max(scatter(sample_of(plane, skip)), 1e-4 * centre);
            if (!(sigma > 0)) break;
            double const common = rule.sky ? common_part(plane, skip, sigma) : 0;
            double const few = rule.sky ? 1 + std::max(0.0, 8 / std::sqrt(static_cast<double>(nt * nc)) - 0.125) : 1;
            double const limit = 6 * 0.7 * rule.base * factor * sigma * few;
            windows(plane, bad[p], found, {limit, common}, rule, true);
            windows(plane, bad[p], found, {limit * rule.transient_factor, common}, rule, false);
            if (k + 1 == rule.iterations) break;
            bool const lines = nt >= 16 && nc >= 16 && !(common > 0);
            if (lines && rule.row_rms > 0) flag_by_rms(plane, bad[p], found, rule.row_rms, true);
            if (lines) flag_by_rms(plane, bad[p], found, rule.channel_rms * factor, false);
            plane = fit(amplitude[p], bad[p], found);
        }
        for (std::size_t t = 0; t < nt; ++t)
            for (std::size_t c = 0; c < nc; ++c) {
                joint[t][c] = joint[t][c] || found[t][c];
                usable[t][c] = usable[t][c] || !bad[p][t][c];
            }
    }
    rank_operator(usable, joint, rule.rank, true);
    rank_operator(usable, joint, rule.rank, false);
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c) joint[t][c] = joint[t][c] && usable[t][c];
    return joint;
}

/// AOFlagger's default strategy as its library does it: amplitudes as they are, σ a Rayleigh mode, windows of a length in time and then in frequency, each round
/// from nothing, lines by the standard deviation of their rms until none stands out, Gaussians whose squares of σ are 2.5 and 5.
struct AoflaggerRule {
    double base = 1, factor_step = 2, rank = 0.2, row_rms = 3.5, channel_rms = 3, last_row_rms = 4;
    int iterations = 3, longest = 256;
};

inline double rayleigh_mode(Grid const& plane, Marks const& skip)
{
    std::vector<double> all;
    for (std::size_t t = 0; t < plane.size(); ++t)
        for (std::size_t c = 0; c < plane[t].size(); ++c)
            if (!skip[t][c]) all.push_back(plane[t][c]);
    if (all.empty()) return 0;
    std::sort(all.begin(), all.end());
    double const high = all[all.size() * 9 / 10];
    double sum = 0;
    for (double x : all) sum += std::pow(std::min(x, high), 2);
    return 1.0541 * std::sqrt(sum / (2.0 * static_cast<double>(all.size())));
}

inline double middle_of(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

/// Lines to be marked: rms against a running median over 512 integrations, or against the median of the channels that are left.
inline std::vector<bool> lines_out(Grid const& plane, Marks const& skip, double limit, bool rows)
{
    std::size_t const lines = rows ? plane.size() : plane[0].size(), length = rows ? plane[0].size() : plane.size();
    std::vector<double> rms(lines, NAN);
    std::vector<bool> out(lines);
    for (std::size_t line = 0; line < lines; ++line) {
        double sum = 0, n = 0;
        for (std::size_t k = 0; k < length; ++k)
            if (std::size_t const t = rows ? line : k, c = rows ? k : line; !skip[t][c])
                sum += plane[t][c] * plane[t][c], n += 1;
        if (n > 0) rms[line] = std::sqrt(sum / n);
    }
    auto const left = [&](std::size_t first, std::size_t end) {
        std::vector<double> known;
        for (std::size_t i = first; i < end; ++i)
            if (!std::isnan(rms[i]) && !out[i]) known.push_back(rms[i]);
        return known;
    };
    if (left(0, lines).empty()) return out;
    if (rows) {
        auto const raw = rms;
        std::vector<double> middle;
        for (std::size_t t = 0; t < lines; ++t) {
            auto const near = left(t < 256 ? 0 : t - 256, std::min(lines, t + 256));
            middle.push_back(near.empty() ? 0 : middle_of(near));
        }
        for (std::size_t t = 0; t < lines; ++t) rms[t] = raw[t] - middle[t];
    }
    for (bool again = true; again;) {
        auto const known = left(0, lines);
        if (known.empty()) return out;
        double const middle = rows ? 0 : middle_of(known);
        double square = 0;
        for (double r : known) square += (r - middle) * (r - middle) / static_cast<double>(known.size());
        again = false;
        for (std::size_t i = 0; i < lines; ++i)
            if (!std::isnan(rms[i]) && !out[i] && std::abs(rms[i] - middle) > limit * std::sqrt(square))
                out[i] = again = true;
    }
    return out;
}

inline void one_window(Grid const& plane, Marks& skip, double limit, int n, bool in_time)
{
    int const nt = static_cast<int>(plane.size()), nc = static_cast<int>(plane[0].size());
    int const lines = in_time ? nc : nt, length = in_time ? nt : nc;
    auto const before = skip;
    for (int line = 0; line < lines; ++line)
        for (int start = 0; start + n <= length; ++start) {
            double sum = 0, count = 0;
            for (int i = start; i < start + n; ++i)
                if (int const t = in_time ? i : line, c = in_time ? line : i; !before[t][c])
                    sum += plane[t][c], count += 1;
            if (!(std::abs(sum) > limit * count)) continue;
            for (int i = start; i < start + n; ++i) skip[in_time ? i : line][in_time ? line : i] = true;
        }
}

inline Marks aoflagger(std::vector<Grid> const& amplitude, std::vector<Marks> const& bad, AoflaggerRule const& rule)
{
    std::size_t const nt = amplitude[0].size(), nc = amplitude[0][0].size();
    Marks joint(nt, std::vector<bool>(nc)), usable = joint, skip;
    Grid plane, of_first;
    for (std::size_t p = 0; p < amplitude.size(); ++p) {
        plane = amplitude[p];
        skip = bad[p];
        for (int k = 0; k < rule.iterations; ++k) {
            double const factor = std::pow(rule.factor_step, rule.iterations - 1 - k);
            double const mode = rayleigh_mode(plane, skip), first = 6 * rule.base * factor * (mode > 0 ? mode : 1);
            double falling = 1;
            skip = bad[p];
            for (int n = 1; n <= rule.longest; n *= 2, falling *= 0.75) {
                one_window(plane, skip, first * falling, n, true);
                one_window(plane, skip, first * falling, n, false);
            }
            if (k + 1 == rule.iterations) break;
            auto const rows = lines_out(plane, skip, rule.row_rms, true),
                       channels = lines_out(plane, skip, rule.channel_rms * factor, false);
            for (std::size_t t = 0; t < nt; ++t)
                for (std::size_t c = 0; c < nc; ++c) skip[t][c] = skip[t][c] || rows[t] || channels[c];
            plane = fit(amplitude[p], bad[p], skip, {2.5, 5, 1});
        }
        if (p == 0) of_first = plane;
        for (std::size_t t = 0; t < nt; ++t)
            for (std::size_t c = 0; c < nc; ++c) {
                joint[t][c] = joint[t][c] || (skip[t][c] && !bad[p][t][c]);
                usable[t][c] = usable[t][c] || !bad[p][t][c];
            }
    }
    rank_operator(usable, joint, rule.rank, true);
    rank_operator(usable, joint, rule.rank, false);
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c) {
            skip[t][c] = joint[t][c] || !usable[t][c];
            if (amplitude.size() == 2 || amplitude.size() == 4) of_first[t][c] += plane[t][c];
        }
    auto const last = lines_out(of_first, skip, rule.last_row_rms, true);
    for (std::size_t t = 0; t < nt; ++t)
        for (std::size_t c = 0; c < nc; ++c) joint[t][c] = (joint[t][c] || last[t]) && usable[t][c];
    return joint;
}

}  // namespace nocturne::oracle
