// Kernel `stefcal`: gains of all antennas from sums over time, one solve per correlation and channel. Enters: Σ w V conj(M) and
// Σ w |M|² per baseline. Leaves: gains, flags, the diagonal of the normal matrix, how the solve went.
#pragma once

#include "kernels/shared/fringe_model.hpp"
#include "kernels/shared/linked_antennas.hpp"
#include "nocturne/device.hpp"

#include <cmath>
#include <cstdint>

namespace nocturne {

enum class SolveMode : int { amplitude_and_phase, phase };

/// One solve. χ² = power_data − explained over the baselines used; its degrees of freedom are 2 count less the parameters.
struct StefcalResult {
    std::int32_t iterations = 0;
    std::int32_t antennas = 0;  ///< with a solution; 0: the solve failed
    std::int32_t converged = 0;
    float change = 0;      ///< relative, over the last pair of iterations
    double explained = 0;  ///< Σ 2 Re(conj(G) product) − |G|² power_model, G = conj(g1) g2
    double power_data = 0, count = 0;
};

/// Shapes: product_re, product_im, power_model, power_data, count [baseline][correlation][channel], channels contiguous (the last
/// two may have no data: then the result says 0); pairs [baseline]; gain_re, gain_im, information [correlation][antenna][channel] and flag
/// of the same shape, result [correlation][channel]: written whole. A channel may stand for a solution interval.
///
/// Minimises Σ_b power_model |product / power_model − conj(g1) g2|² by StEFCal (Salvini & Wijnholds 2014, A&A 571 A97): each
/// gain by linear least squares with the others held, every second iteration averaged with the one before; converged where
/// the relative rms change over a pair of iterations is below `tolerance`. An antenna with fewer than `least_baselines`
/// baselines (to antennas that have enough themselves) is flagged, gain 1; a solve with fewer than `least_antennas`, or not
/// converged, is flagged whole. information = Σ_q |g_q|² power_model: the variance of each part of g is noise / information
/// where correlations between antennas are left out. The global phase is left where the start put it (`reference` at 0).
/// Sums over antennas run in four parts in a fixed order, whatever the team.
struct StefcalArgs {
    View<float const, 3> product_re, product_im, power_model, power_data, count;
    View<AntennaPair const, 1> pairs;
    Index n_antennas = 0;
    std::int32_t reference = 0;
    SolveMode mode = SolveMode::amplitude_and_phase;
    std::int32_t max_iterations = 100, least_baselines = 4, least_antennas = 4;
    float tolerance = 1e-5F;
    View<float, 3> gain_re, gain_im, information;
    View<std::uint8_t, 3> flag;
    View<StefcalResult, 2> result;
    static constexpr Index max_antennas = 184;  ///< a triangle of baselines must fit the shared memory of a GPU's block
};

/// Host: throws Error(defect) where shapes differ or there are too many antennas.
inline void check(StefcalArgs const& args)
{
    Index const np = args.product_re.extent[1], nc = args.product_re.extent[2], na = args.n_antennas;
    NOCT_CHECK(na >= 2 && na <= StefcalArgs::max_antennas, "stefcal: 2 to 184 antennas are needed");
    NOCT_CHECK(args.reference >= 0 && args.reference < na, "stefcal: the reference is none of the antennas");
    for (auto const* in : {&args.product_re, &args.product_im, &args.power_model, &args.power_data, &args.count})
        NOCT_CHECK(!in->data || (in->extent[0] == args.pairs.extent[0] && in->extent[1] == np && in->extent[2] == nc &&
                                 in->stride[2] == 1),
                   "stefcal: sums are [baseline][correlation][channel], channels contiguous");
    NOCT_CHECK(!args.power_data.data == !args.count.data, "stefcal: power_data and count come together");
    for (auto const* out : {&args.gain_re, &args.gain_im, &args.information})
        NOCT_CHECK(out->extent[0] == np && out->extent[1] == na && out->extent[2] == nc,
                   "stefcal: gains are [correlation][antenna][channel]");
    NOCT_CHECK(args.flag.extent[0] == np && args.flag.extent[1] == na && args.flag.extent[2] == nc,
               "stefcal: flags are [correlation][antenna][channel]");
    NOCT_CHECK(args.result.extent[0] == np && args.result.extent[1] == nc,
               "stefcal: one result per correlation and channel");
}

/// Place of baseline (low, high) in a triangle without its diagonal.
NOCT_INLINE Index triangle_at(Index a, Index b)
{
    Index const low = a < b ? a : b, high = a < b ? b : a;
    return high * (high - 1) / 2 + low;
}

/// One solve: tile = correlation × channels + channel.
struct StefcalTile {
    StefcalArgs args;
    static constexpr int parts = 4;  ///< of each sum over antennas

    static std::size_t scratch_bytes(Index antennas)
    {
        auto const n = static_cast<std::size_t>(antennas);
        auto const bytes = [](std::size_t values) { return (4 * values + 63) / 64 * 64; };
        return 3 * bytes(n * (n - 1) / 2) + 3 * bytes(n * parts) + 7 * bytes(n);
    }

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index tile) const
    {
        Index const nc = args.product_re.extent[2], p = tile / nc, c = tile % nc;
        Work w = take_scratch(team);
        load(team, w, p, c);
        int const antennas = keep_linked(team, w.n, w.alive, w.change, args.least_baselines,
                                         [&](Index a, Index q) { return w.power[triangle_at(a, q)] > 0; });
        StefcalResult result;
        if (antennas >= args.least_antennas && antennas >= 2) {
            start(team, w);
            result.antennas = antennas;
            iterate(team, w, result);
        }
        write(team, w, p, c, result);
    }

private:
    struct Work {
        float *re, *im, *power;                 ///< triangle: product (of one < two), power_model
        float *part_re, *part_im, *part_power;  ///< [antenna][part]
        float *gain_re, *gain_im, *pair_re, *pair_im, *change, *norm;
        std::int32_t* alive;
        Index n;
    };

    template<class Team>
    NOCT_INLINE Work take_scratch(Team& team) const
    {
        auto const n = static_cast<std::size_t>(args.n_antennas), triangle = n * (n - 1) / 2;
        Work w;
        w.n = args.n_antennas;
        w.re = team.template scratch<float>(triangle);
        w.im = team.template scratch<float>(triangle);
        w.power = team.template scratch<float>(triangle);
        w.part_re = team.template scratch<float>(n * parts);
        w.part_im = team.template scratch<float>(n * parts);
        w.part_power = team.template scratch<float>(n * parts);
        w.gain_re = team.template scratch<float>(n);
        w.gain_im = team.template scratch<float>(n);
        w.pair_re = team.template scratch<float>(n);
        w.pair_im = team.template scratch<float>(n);
        w.change = team.template scratch<float>(n);
        w.norm = team.template scratch<float>(n);
        w.alive = team.template scratch<std::int32_t>(n);
        return w;
    }

    template<class Team>
    NOCT_INLINE void load(Team& team, Work const& w, Index p, Index c) const
    {
        for (Index i = team.rank(); i < w.n * (w.n - 1) / 2; i += team.size()) w.re[i] = w.im[i] = w.power[i] = 0;
        for (Index a = team.rank(); a < w.n; a += team.size()) w.alive[a] = 1;
        team.barrier();
        for (Index b = team.rank(); b < args.pairs.extent[0]; b += team.size()) {
            AntennaPair const pair = args.pairs.data[b];
            Index const at = triangle_at(pair.one, pair.two);
            w.power[at] = args.power_model(b, p, c);
            if (!(w.power[at] > 0)) continue;
            w.re[at] = args.product_re(b, p, c);
            w.im[at] = args.product_im(b, p, c);
        }
        team.barrier();
    }

    /// Phases of the reference's baselines, one amplitude for all.
    template<class Team>
    NOCT_INLINE void start(Team& team, Work const& w) const
    {
        for (Index a = team.rank(); a < w.n; a += team.size()) {
            float product = 0, power = 0;
            for (Index q = 0; q < a; ++q) {
                Index const at = triangle_at(q, a);
                product += sqrtf(w.re[at] * w.re[at] + w.im[at] * w.im[at]);
                power += w.power[at];
            }
            w.change[a] = product;
            w.norm[a] = power;
        }
        team.barrier();
        float product = 0, power = 0;
        Index reference = args.reference;
        for (Index a = 0; a < w.n; ++a) {
            product += w.change[a];
            power += w.norm[a];
            if (!w.alive[reference] && w.alive[a]) reference = a;
        }
        bool const amplitudes = args.mode == SolveMode::amplitude_and_phase;
        float const size = amplitudes && product > 0 && power > 0 ? sqrtf(product / power) : 1.F;
        for (Index a = team.rank(); a < w.n; a += team.size()) {
            float re = 1, im = 0;
            if (a != reference) {
                Index const at = triangle_at(a, reference);
                float const length = sqrtf(w.re[at] * w.re[at] + w.im[at] * w.im[at]);
                if (length > 0) {
                    re = w.re[at] / length;
                    im = (reference < a ? w.im[at] : -w.im[at]) / length;
                }
            }
            w.gain_re[a] = w.pair_re[a] = w.alive[a] ? size * re : 0.F;
            w.gain_im[a] = w.pair_im[a] = w.alive[a] ? size * im : 0.F;
        }
        team.barrier();
    }

    /// Σ_q of antenna a, in parts: numerator and denominator of its least-squares gain.
    template<class Team>
    NOCT_INLINE void sum_parts(Team& team, Work const& w) const
    {
        for (Index task = team.rank(); task < w.n * parts; task += team.size()) {
            Index const a = task / parts;
            float re = 0, im = 0, power = 0;
            for (Index q = task % parts; q < w.n; q += parts) {
                if (q == a) continue;
                Index const at = triangle_at(q, a);
                float const gr = w.gain_re[q], gi = w.gain_im[q], vr = w.re[at], vi = q < a ? w.im[at] : -w.im[at];
                re += vr * gr - vi * gi;
                im += vr * gi + vi * gr;
                power += (gr * gr + gi * gi) * w.power[at];
            }
            w.part_re[task] = re;
            w.part_im[task] = im;
            w.part_power[task] = power;
        }
        team.barrier();
    }

    NOCT_INLINE static float whole(float const* part, Index a)
    {
        return (part[a * parts] + part[a * parts + 1]) + (part[a * parts + 2] + part[a * parts + 3]);
    }

    NOCT_INLINE void renew(Work const& w, Index a, bool average) const
    {
        float re = whole(w.part_re, a), im = whole(w.part_im, a);
        float const power = whole(w.part_power, a), length = sqrtf(re * re + im * im);
        bool const phase = args.mode == SolveMode::phase;
        float const by = phase ? length : power;
        float const factor = by > 0 ? 1 / by : 0.F;
        re *= factor;
        im *= factor;
        if (average) {
            re = 0.5F * (re + w.gain_re[a]);
            im = 0.5F * (im + w.gain_im[a]);
            float const size = phase ? sqrtf(re * re + im * im) : 1.F;
            re = size > 0 ? re / size : re;
            im = size > 0 ? im / size : im;
            float const dr = re - w.pair_re[a], di = im - w.pair_im[a];
            w.change[a] = dr * dr + di * di;
            w.norm[a] = re * re + im * im;
            w.pair_re[a] = re;
            w.pair_im[a] = im;
        }
        w.gain_re[a] = re;
        w.gain_im[a] = im;
    }

    template<class Team>
    NOCT_INLINE void iterate(Team& team, Work const& w, StefcalResult& result) const
    {
        while (result.iterations < args.max_iterations && !result.converged) {
            bool const average = ++result.iterations % 2 == 0;
            sum_parts(team, w);
            for (Index a = team.rank(); a < w.n; a += team.size())
                if (w.alive[a]) renew(w, a, average);
            team.barrier();
            if (!average) continue;
            float change = 0, norm = 0;
            for (Index a = 0; a < w.n; ++a) {
                if (!w.alive[a]) continue;
                change += w.change[a];
                norm += w.norm[a];
            }
            result.change = norm > 0 ? sqrtf(change / norm) : 1.F;
            result.converged = result.change < args.tolerance;
        }
        sum_parts(team, w);
    }

    /// Σ over the baselines of antenna a to lower ones, in double: what the gains explain.
    NOCT_INLINE double explained(Work const& w, Index a) const
    {
        double sum = 0;
        for (Index q = 0; q < a; ++q) {
            Index const at = triangle_at(q, a);
            double const re =
                static_cast<double>(w.gain_re[q]) * w.gain_re[a] + static_cast<double>(w.gain_im[q]) * w.gain_im[a];
            double const im =
                static_cast<double>(w.gain_re[q]) * w.gain_im[a] - static_cast<double>(w.gain_im[q]) * w.gain_re[a];
            sum += 2 * (re * w.re[at] + im * w.im[at]) - (re * re + im * im) * w.power[at];
        }
        return sum;
    }

    template<class Team>
    NOCT_INLINE void write(Team& team, Work const& w, Index p, Index c, StefcalResult result) const
    {
        bool const good = result.converged != 0;
        for (Index a = team.rank(); a < w.n; a += team.size()) {
            bool const solved = good && w.alive[a];
            args.gain_re(p, a, c) = solved ? w.gain_re[a] : 1.F;
            args.gain_im(p, a, c) = solved ? w.gain_im[a] : 0.F;
            args.information(p, a, c) = solved ? whole(w.part_power, a) : 0.F;
            args.flag(p, a, c) = solved ? 0 : 1;
        }
        if (good) sum_powers(team, w, p, c, result);
        if (!good) result.antennas = 0;
        if (team.rank() == 0) args.result(p, c) = result;
    }

    /// A double as two floats.
    NOCT_INLINE static void split(double value, float& high, float& low)
    {
        high = static_cast<float>(value);
        low = static_cast<float>(value - static_cast<double>(high));
    }

    /// explained, power_data and count over the baselines used; complete on rank 0.
    template<class Team>
    NOCT_INLINE void sum_powers(Team& team, Work const& w, Index p, Index c, StefcalResult& result) const
    {
        Index const tasks = w.n * parts;
        team.barrier();
        for (Index a = team.rank(); a < w.n; a += team.size())
            split(w.alive[a] ? explained(w, a) : 0, w.change[a], w.norm[a]);
        for (Index task = team.rank(); task < tasks; task += team.size()) {
            double power = 0;
            float count = 0;
            for (Index b = task; args.power_data.data && b < args.pairs.extent[0]; b += tasks) {
                AntennaPair const pair = args.pairs.data[b];
                if (!w.alive[pair.one] || !w.alive[pair.two]) continue;
                power += args.power_data(b, p, c);
                count += args.count(b, p, c);
            }
            split(power, w.part_re[task], w.part_im[task]);
            w.part_power[task] = count;
        }
        team.barrier();
        if (team.rank() != 0) return;
        for (Index a = 0; a < w.n; ++a) {
            result.explained += w.change[a];
            result.explained += w.norm[a];
        }
        for (Index task = 0; task < tasks; ++task) {
            result.power_data += w.part_re[task];
            result.power_data += w.part_im[task];
            result.count += w.part_power[task];
        }
    }
};

void launch(KokkosDevice const&, StefcalArgs const&);
void launch(CudaDevice const&, StefcalArgs const&);

}  // namespace nocturne
