// Kernel `jones`: 2 × 2 Jones matrices of all antennas from sums over time, one solve per interval and block of channels. Enters: JonesSumsArgs::sums.
// Leaves: matrices, flags, the diagonal blocks of the normal matrix, how the solve went.
#pragma once

#include "kernels/shared/jones_products.hpp"
#include "kernels/shared/linked_antennas.hpp"
#include "kernels/stefcal.hpp"

namespace nocturne {

/// Shapes: sums [baseline][column][JonesSumsArgs::planes]; row [antenna][antenna], symmetric: the baseline, −1 where there is none or one and the same
/// antenna; jones [column][antenna][4] by rows, information [column][antenna][4], flag [column][antenna], result [column]: written whole.
///
/// Minimises Σ w |V − J1 M J2ᴴ|² by full-polarisation StEFCal (Salvini & Wijnholds 2014, A&A 571 A97, 5): each antenna's matrix by linear
/// least squares with the others held, J_p = N_p D_p⁻¹ with N_p = Σ_q V_pq J_q M_pqᴴ and D_p = Σ_q M_pq J_qᴴ J_q M_pqᴴ; every second iteration
/// averaged with the one before. Where the model is polarised all matrices together creep toward J T with one T for all, which leaves the prediction
/// nearly as it is (exactly so for a constant coherency): such a T is taken by one step of Gauss and Newton after each pair of iterations, along
/// directions that the data fix. Converged where the relative rms change over a pair of iterations is below `tolerance`. Antennas and solves are dropped
/// as in `stefcal`, and antennas whose D is singular. information is D: its 11, its 22, the real and the imaginary part of its 12; the variance of each part of
/// J_a1 and J_a2 is the noise times the diagonal of D⁻¹, where correlations between antennas are left out. The unitary matrix that no data fix (for an
/// unpolarised model; else a phase) is left where the start put it: diagonal matrices, phases toward `reference`. χ² = power_data − explained, of 8 count
/// real numbers. Sums over antennas run in four parts in a fixed order, whatever the team.
struct JonesArgs {
    View<float const, 3> sums;
    View<std::int32_t const, 2> row;
    Index n_antennas = 0;
    std::int32_t reference = 0;
    std::int32_t max_iterations = 100, least_baselines = 4, least_antennas = 4;
    float tolerance = 1e-5F;
    View<Vis, 3> jones;
    View<float, 3> information;
    View<std::uint8_t, 2> flag;
    View<StefcalResult, 1> result;
};

/// Host: throws Error(defect) where shapes differ or there are too many antennas.
inline void check(JonesArgs const& args)
{
    Index const na = args.n_antennas, nc = args.sums.extent[1];
    NOCT_CHECK(na >= 2 && na <= StefcalArgs::max_antennas, "jones: 2 to 184 antennas are needed");
    NOCT_CHECK(args.reference >= 0 && args.reference < na, "jones: the reference is none of the antennas");
    NOCT_CHECK(args.sums.extent[2] == JonesSumsArgs::planes && args.sums.stride[2] == 1,
               "jones: sums are [baseline][column][planes]");
    NOCT_CHECK(args.row.extent[0] == na && args.row.extent[1] == na, "jones: rows are [antenna][antenna]");
    NOCT_CHECK(args.jones.extent[0] == nc && args.jones.extent[1] == na && args.jones.extent[2] == 4 &&
                   args.information.extent[0] == nc && args.information.extent[1] == na &&
                   args.information.extent[2] == 4 && args.flag.extent[0] == nc && args.flag.extent[1] == na &&
                   args.result.extent[0] == nc,
               "jones: matrices are [column][antenna][4]");
}

/// One solve: tile = column.
struct JonesTile {
    JonesArgs args;
    static constexpr int parts = 4;  ///< of each sum over antennas

    static std::size_t scratch_bytes(Index antennas)
    {
        auto const n = static_cast<std::size_t>(antennas);
        auto const bytes = [](std::size_t size) { return (size + 63) / 64 * 64; };
        return bytes(n * parts * sizeof(Part)) + 2 * bytes(n * sizeof(Jones)) + bytes(n * sizeof(JonesTurnSums)) +
               bytes(sizeof(JonesTurnSums)) + bytes(72 * sizeof(double)) + bytes(sizeof(Step)) + 3 * bytes(4 * n);
    }

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index column) const
    {
        auto const n = static_cast<std::size_t>(args.n_antennas);
        Work w;
        w.n = args.n_antennas;
        w.part = team.template scratch<Part>(n * parts);
        w.turn = team.template scratch<JonesTurnSums>(n);
        w.total = team.template scratch<JonesTurnSums>(1);
        w.equations = team.template scratch<double>(72);
        w.step = team.template scratch<Step>(1);
        w.now = team.template scratch<Jones>(n);
        w.pair = team.template scratch<Jones>(n);
        w.change = team.template scratch<float>(n);
        w.norm = team.template scratch<float>(n);
        w.alive = team.template scratch<std::int32_t>(n);
        for (Index a = team.rank(); a < w.n; a += team.size()) w.alive[a] = 1;
        team.barrier();
        int const antennas = keep_linked(team, w.n, w.alive, w.change, args.least_baselines,
                                         [&](Index a, Index q) { return sums_of(a, q, column) != nullptr; });
        StefcalResult result;
        if (antennas >= args.least_antennas && antennas >= 2) {
            start(team, w, column);
            iterate(team, w, column, result);
        }
        write(team, w, column, result);
    }

private:
    union Part {
        JonesNormal normal;
        JonesCross cross;
    };
    struct Step {
        Vis turn[4];
        float change;
    };
    struct Work {
        Part* part;            ///< [antenna][part]
        JonesTurnSums* turn;   ///< [antenna]
        JonesTurnSums* total;  ///< of all antennas
        double* equations;     ///< [8][9]
        Step* step;
        Jones *now, *pair;
        float *change, *norm;
        std::int32_t* alive;
        Index n;
    };

    /// Sums of antennas a and q; null where they have none.
    NOCT_INLINE float const* sums_of(Index a, Index q, Index column) const
    {
        std::int32_t const row = args.row(a, q);
        if (row < 0) return nullptr;
        float const* sums = &args.sums(row, column, 0);
        return sums[JonesSumsArgs::count] > 0 ? sums : nullptr;
    }

    /// Diagonal matrices: phases of the reference's baselines, one amplitude for all.
    template<class Team>
    NOCT_INLINE void start(Team& team, Work const& w, Index column) const
    {
        for (Index a = team.rank(); a < w.n; a += team.size()) {
            w.change[a] = w.norm[a] = 0;
            for (Index q = 0; q < a; ++q) {
                float const* sums = sums_of(q, a, column);
                for (Index s = 0; sums && s < 16; s += 15) {
                    w.change[a] += sqrtf(sums[s] * sums[s] + sums[16 + s] * sums[16 + s]);
                    w.norm[a] += sums[32 + s];
                }
            }
        }
        team.barrier();
        float product = 0, power = 0;
        Index reference = args.reference;
        for (Index a = 0; a < w.n; ++a) {
            product += w.change[a];
            power += w.norm[a];
            if (!w.alive[reference] && w.alive[a]) reference = a;
        }
        float const size = product > 0 && power > 0 ? sqrtf(product / power) : 1.F;
        for (Index a = team.rank(); a < w.n; a += team.size()) {
            w.now[a] = Jones{};
            float const* sums = sums_of(a, reference, column);
            for (Index i = 0; w.alive[a] && i < 2; ++i) {
                Index const s = 15 * i;
                float const length = sums ? sqrtf(sums[s] * sums[s] + sums[16 + s] * sums[16 + s]) : 0.F;
                Vis to{size, 0};
                if (length > 0)
                    to = {size * sums[s] / length, size * (a < reference ? sums[16 + s] : -sums[16 + s]) / length};
                w.now[a].e[3 * i] = to;
            }
            w.pair[a] = w.now[a];
        }
        team.barrier();
    }

    template<class Team>
    NOCT_INLINE void sum_parts(Team& team, Work const& w, Index column) const
    {
        for (Index task = team.rank(); task < w.n * parts; task += team.size()) {
            Index const a = task / parts;
            JonesNormal sum;
            for (Index q = task % parts; q < w.n; q += parts) {
                if (!w.alive[a] || !w.alive[q]) continue;
                float const* sums = sums_of(a, q, column);
                if (sums) add_baseline(sums, a < q, w.now[q], sum);
            }
            w.part[task].normal = sum;
        }
        team.barrier();
    }

    NOCT_INLINE static Vis sum_of(Vis a, Vis b) { return {a.re + b.re, a.im + b.im}; }

    NOCT_INLINE static JonesNormal whole(Part const* part)
    {
        JonesNormal const &p = part[0].normal, &q = part[1].normal, &r = part[2].normal, &t = part[3].normal;
        JonesNormal sum;
        for (int i = 0; i < 4; ++i) sum.n[i] = sum_of(sum_of(p.n[i], q.n[i]), sum_of(r.n[i], t.n[i]));
        sum.d11 = (p.d11 + q.d11) + (r.d11 + t.d11);
        sum.d22 = (p.d22 + q.d22) + (r.d22 + t.d22);
        sum.d12 = sum_of(sum_of(p.d12, q.d12), sum_of(r.d12, t.d12));
        return sum;
    }

    NOCT_INLINE static void renew(Work const& w, Index a, bool average)
    {
        Jones next;
        if (!divide(whole(w.part + a * parts), next)) {
            w.alive[a] = 0;
            w.now[a] = w.pair[a] = Jones{};
            return;
        }
        float change = 0, norm = 0;
        for (int i = 0; average && i < 4; ++i) {
            Vis const old = w.now[a].e[i], before = w.pair[a].e[i];
            Vis const mean{0.5F * (next.e[i].re + old.re), 0.5F * (next.e[i].im + old.im)};
            float const dr = mean.re - before.re, di = mean.im - before.im;
            change += dr * dr + di * di;
            norm += mean.re * mean.re + mean.im * mean.im;
            next.e[i] = w.pair[a].e[i] = mean;
        }
        w.change[a] = change;
        w.norm[a] = norm;
        w.now[a] = next;
    }

    /// The model differs from a multiple of the unit matrix.
    NOCT_INLINE bool is_polarised(Work const& w, Index column) const
    {
        float parallel = 0, other = 0;
        for (Index a = 0; a < w.n; ++a)
            for (Index q = 0; q < a; ++q)
                if (float const* sums = sums_of(q, a, column)) {
                    float const* power = sums + 32;
                    float const both = power[jones_slot(0, 0, 0, 0)] + power[jones_slot(1, 1, 1, 1)],
                                difference = both - 2 * power[jones_slot(0, 1, 0, 1)];
                    parallel += both;
                    other += power[jones_slot(1, 1, 0, 0)] + power[jones_slot(0, 0, 1, 1)] +
                             (difference > 0 ? difference : 0.F);
                }
        return other > 1e-5F * parallel;
    }

    /// One step along T, the same for all antennas.
    template<class Team>
    NOCT_INLINE void take_turn(Team& team, Work const& w, Index column) const
    {
        sum_parts(team, w, column);
        for (Index a = team.rank(); a < w.n; a += team.size()) {
            w.turn[a] = JonesTurnSums{};
            if (w.alive[a]) set_own(whole(w.part + a * parts), w.now[a], w.turn[a]);
        }
        team.barrier();
        for (Index task = team.rank(); task < w.n * parts; task += team.size()) {
            Index const a = task / parts;
            JonesCross sum{};
            Jones const own = square_of(w.now[a]);
            for (Index q = task % parts; q < w.n; q += parts) {
                if (!w.alive[a] || !w.alive[q]) continue;
                float const* sums = sums_of(a, q, column);
                if (sums) add_cross(sums, a < q, square_of(w.now[q]), own, sum);
            }
            w.part[task].cross = sum;
        }
        team.barrier();
        add_turns(team, w);
        team.barrier();
        if (team.rank() == 0)
            w.step->change = sqrtf(static_cast<float>(solve_turn(*w.total, w.equations, w.step->turn)));
        team.barrier();
        for (Index a = team.rank(); a < w.n; a += team.size())
            if (w.alive[a]) w.now[a] = w.pair[a] = turned(w.now[a], w.step->turn);
        team.barrier();
    }

    /// Sums over antennas, a thread each.
    template<class Team>
    NOCT_INLINE void add_turns(Team& team, Work const& w) const
    {
        for (Index a = team.rank(); a < w.n; a += team.size())
            for (int k = 0; k < 16; ++k) {
                Part const* p = w.part + a * parts;
                w.turn[a].cross[k] =
                    sum_of(sum_of(p[0].cross.c[k], p[1].cross.c[k]), sum_of(p[2].cross.c[k], p[3].cross.c[k]));
            }
        team.barrier();
        for (Index k = team.rank(); k < JonesTurnSums::size; k += team.size()) {
            double sum = 0;
            for (Index a = 0; a < w.n; ++a) sum += reinterpret_cast<float const*>(w.turn + a)[k];
            reinterpret_cast<float*>(w.total)[k] = static_cast<float>(sum);
        }
    }

    template<class Team>
    NOCT_INLINE void iterate(Team& team, Work const& w, Index column, StefcalResult& result) const
    {
        bool const turning = is_polarised(w, column);
        while (result.iterations < args.max_iterations && !result.converged) {
            bool const average = ++result.iterations % 2 == 0;
            sum_parts(team, w, column);
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
            if (turning) {
                take_turn(team, w, column);
                result.change = w.step->change > result.change ? w.step->change : result.change;
            }
            result.converged = result.change < args.tolerance;
        }
        sum_parts(team, w, column);
        for (Index a = 0; a < w.n; ++a) result.antennas += w.alive[a];
        if (result.antennas < args.least_antennas || result.antennas < 2) result.converged = 0;
    }

    template<class Team>
    NOCT_INLINE void write(Team& team, Work const& w, Index column, StefcalResult result) const
    {
        bool const good = result.converged != 0;
        for (Index a = team.rank(); a < w.n; a += team.size()) {
            bool const solved = good && w.alive[a];
            JonesNormal const s = solved ? whole(w.part + a * parts) : JonesNormal{};
            float const information[4] = {s.d11, s.d22, s.d12.re, s.d12.im};
            for (Index i = 0; i < 4; ++i) {
                args.jones(column, a, i) = solved ? w.now[a].e[i] : Vis{i % 3 == 0 ? 1.F : 0.F, 0};
                args.information(column, a, i) = information[i];
            }
            args.flag(column, a) = solved ? 0 : 1;
        }
        if (!good) result.antennas = 0;
        if (team.rank() != 0) return;
        if (good) sum_powers(w, column, result);
        args.result(column) = result;
    }

    /// explained = Σ_p Re tr(J_pᴴ N_p) − ½ tr(J_p D_p J_pᴴ): both antennas of a baseline count.
    NOCT_INLINE void sum_powers(Work const& w, Index column, StefcalResult& result) const
    {
        for (Index a = 0; a < w.n; ++a) {
            if (!w.alive[a]) continue;
            JonesNormal const s = whole(w.part + a * parts);
            for (int row = 0; row < 2; ++row) {
                Vis const one = w.now[a].e[2 * row], two = w.now[a].e[2 * row + 1];
                result.explained += dot(one, s.n[2 * row]) + dot(two, s.n[2 * row + 1]);
                Vis const cross{one.re * two.re + one.im * two.im, one.im * two.re - one.re * two.im};  // one conj(two)
                result.explained -=
                    0.5 * (dot(one, one) * s.d11 + dot(two, two) * s.d22) +
                    (static_cast<double>(cross.re) * s.d12.re - static_cast<double>(cross.im) * s.d12.im);
            }
            for (Index q = 0; q < a; ++q) {
                float const* sums = w.alive[q] ? sums_of(q, a, column) : nullptr;
                if (!sums) continue;
                result.power_data += sums[JonesSumsArgs::power_data];
                result.count += sums[JonesSumsArgs::count];
            }
        }
    }

    /// Re(conj(a) b) in double.
    NOCT_INLINE static double dot(Vis a, Vis b)
    {
        return static_cast<double>(a.re) * b.re + static_cast<double>(a.im) * b.im;
    }
};

void launch(KokkosDevice const&, JonesArgs const&);
void launch(CudaDevice const&, JonesArgs const&);

}  // namespace nocturne
