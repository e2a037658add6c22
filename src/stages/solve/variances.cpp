// Standard errors from the normal equations. With V = conj(g1) g2 M (1 + ρ1 + ρ2 + i(φ2 − φ1)) and W = |g1 g2|² Σ w |M|² per baseline, the
// matrix of the ρ has Σ W on its diagonal and W beside it; that of the φ is the Laplacian of W, whose inverse C is taken against the mean
// phase of the m antennas that stay: C_aa − 2 x_a / m + Σ x / m², x = Σ C over these.
#include "stages/solve/gains.hpp"
#include "stages/solve/inverse.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr Index few_antennas = 32;
constexpr double lost_share = 0.2;

class Variances {
public:
    Variances(Gains& gains, SolveRows const& rows, std::vector<AntennaPair> const& pairs, double least)
        : gains_(gains), rows_(rows), pairs_(pairs), least_(least)
    {}

    void set()
    {
        gains_.amplitude_var.assign(gains_.value.size(), 0);
        gains_.phase_var.assign(gains_.value.size(), 0);
        for (Index p = 0; p < gains_.n_hands; ++p) {
            count_links(p);
            for (Index c = 0; c < gains_.n_columns; ++c)
                if (needs_inverse(p, c))
                    invert(p, c);
                else
                    close(p, c);
        }
    }

private:
    std::size_t link(Index a, Index c) const { return static_cast<std::size_t>(a * gains_.n_columns + c); }
    Index solved(Index p, Index c) const
    {
        return gains_.result[static_cast<std::size_t>(p * gains_.n_columns + c)].antennas;
    }
    double noise(Index p, Index c) const { return gains_.noise[static_cast<std::size_t>(p * gains_.n_columns + c)]; }

    /// Baselines with data of each antenna.
    void count_links(Index p)
    {
        links_.assign(static_cast<std::size_t>(gains_.n_antennas * gains_.n_columns), 0);
        for (Index row = 0; row < rows_.n_rows; ++row) {
            auto const pair = pairs_[static_cast<std::size_t>(row)];
            float const* power = rows_.at(row, p, 2);
            std::uint16_t *one = &links_[link(pair.one, 0)], *two = &links_[link(pair.two, 0)];
            for (Index c = 0; c < gains_.n_columns; ++c) {
                auto const there = static_cast<std::uint16_t>(power[c] > 0);
                one[c] = static_cast<std::uint16_t>(one[c] + there);
                two[c] = static_cast<std::uint16_t>(two[c] + there);
            }
        }
    }

    bool needs_inverse(Index p, Index c) const
    {
        Index const n = solved(p, c);
        if (n < few_antennas) return n > 0;
        for (Index a = 0; a < gains_.n_antennas; ++a)
            if (gains_.flag[gains_.at(p, a, c)] != gain_none &&
                links_[link(a, c)] < (1 - lost_share) * static_cast<double>(n - 1))
                return true;
        return false;
    }

    void judge(std::size_t k) const
    {
        if (least_ * std::sqrt(gains_.amplitude_var[k]) > 1) gains_.flag[k] = gain_weak;
    }

    /// Equal weights: n antennas, every baseline there.
    void close(Index p, Index c)
    {
        auto const n = static_cast<double>(solved(p, c));
        double const amplitude = (2 * n - 3) / (2 * (n - 2));
        double m = 0;
        for (Index a = 0; a < gains_.n_antennas; ++a) {
            auto const k = gains_.at(p, a, c);
            if (gains_.flag[k] == gain_none) continue;
            double const plain = noise(p, c) / (std::norm(gains_.value[k]) * gains_.information[k]);
            gains_.amplitude_var[k] = plain * amplitude;
            gains_.phase_var[k] = plain * (n - 1) / n;
            judge(k);
            m += gains_.flag[k] == gain_good;
        }
        for (Index a = 0; a < gains_.n_antennas; ++a) gains_.phase_var[gains_.at(p, a, c)] *= 1 - 1 / std::max(2.0, m);
    }

    /// Antennas with a solution: places of their gains; `place` [antenna] says which is whose.
    std::vector<std::size_t> list_cells(Index p, Index c, std::vector<std::int32_t>& place) const
    {
        place.assign(static_cast<std::size_t>(gains_.n_antennas), -1);
        std::vector<std::size_t> cells;
        for (Index a = 0; a < gains_.n_antennas; ++a)
            if (auto const k = gains_.at(p, a, c); gains_.flag[k] != gain_none) {
                place[static_cast<std::size_t>(a)] = static_cast<std::int32_t>(cells.size());
                cells.push_back(k);
            }
        return cells;
    }

    void invert(Index p, Index c)
    {
        std::vector<std::int32_t> place;
        auto const cells = list_cells(p, c, place);
        std::size_t const n = cells.size();
        std::vector<double> amplitude(n * n), phase(n * n);
        double trace = 0;
        for (Index row = 0; row < rows_.n_rows; ++row) {
            auto const pair = pairs_[static_cast<std::size_t>(row)];
            int const one = place[static_cast<std::size_t>(pair.one)], two = place[static_cast<std::size_t>(pair.two)];
            if (one < 0 || two < 0) continue;
            auto const i = static_cast<std::size_t>(one), j = static_cast<std::size_t>(two);
            double const w =
                std::norm(gains_.value[cells[i]]) * std::norm(gains_.value[cells[j]]) * rows_.at(row, p, 2)[c];
            for (auto* matrix : {&amplitude, &phase})
                for (auto k : {i, j}) (*matrix)[k * n + k] += w;
            amplitude[i * n + j] += w, amplitude[j * n + i] += w;
            phase[i * n + j] -= w, phase[j * n + i] -= w;
            trace += 2 * w;
        }
        auto const rho = inverse_diagonal(amplitude, n);
        for (std::size_t i = 0; i < n; ++i) {
            gains_.amplitude_var[cells[i]] = rho[i] >= 0 ? noise(p, c) * rho[i] : 1;
            judge(cells[i]);
        }
        double const lift = trace / static_cast<double>(n * n);  // of the constant phase, which drops out
        for (auto& value : phase) value += lift;
        set_phases(cells, phase, noise(p, c));
    }

    void set_phases(std::vector<std::size_t> const& cells, std::vector<double>& matrix, double noise)
    {
        std::size_t const n = cells.size();
        auto const phi = inverse_diagonal(matrix, n);
        std::vector<double> good(n);
        double m = 0, all = 0;
        for (std::size_t i = 0; i < n; ++i) m += good[i] = gains_.flag[cells[i]] == gain_good ? 1 : 0;
        bool const positive = phi.empty() || phi.front() >= 0;
        auto const with = positive ? solve_factored(matrix, n, good) : std::vector<double>(n);
        for (std::size_t i = 0; i < n; ++i) all += good[i] * with[i];
        for (std::size_t i = 0; i < n; ++i)
            gains_.phase_var[cells[i]] = positive && m > 1 ? noise * (phi[i] - 2 * with[i] / m + all / (m * m)) : 1;
    }

    Gains& gains_;
    SolveRows const& rows_;
    std::vector<AntennaPair> const& pairs_;
    double least_;
    std::vector<std::uint16_t> links_;  ///< [antenna][column]
};

}  // namespace

void set_errors(Gains& gains, SolveRows const& rows, std::vector<AntennaPair> const& pairs, double least)
{
    Variances(gains, rows, pairs, least).set();
}

}  // namespace nocturne
