// Noise of each antenna's hand, from what the gains leave of its baselines. Enters: solved gains and their rows. Leaves: factors, and rows
// weighed by them.
#include "stages/solve/unexplained.hpp"

#include "nocturne/median.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double stands_out = 1.1;       // of the usual variance, either way
constexpr double sigmas_out = 5;         // of what the number of samples leaves uncertain
constexpr double gross = 8;              // of the usual variance: counts less in the solve
constexpr double least_residual = 1e-7;  // of the power: below, sums of floats are what is left
constexpr double most_factor = 1e4;

constexpr Index abreast = Unexplained::channels;
constexpr Index most_parts = 8;  // of the band, in the middle of each so many columns are looked at
constexpr Index ahead = 8;       // rows, which lie far apart in memory

/// Sums over the baselines of antennas, [antenna][column].
class AntennaSums {
public:
    AntennaSums(Gains const& gains, Index hand)
        : n_((gains.n_columns + abreast - 1) / abreast * abreast),
          columns_(gains.n_columns),
          unexplained_(static_cast<std::size_t>(n_ / abreast)),
          antennas_(static_cast<std::size_t>(gains.n_antennas * n_))
    {
        for (Index a = 0; a < gains.n_antennas; ++a)
            for (Index c = 0; c < columns_; ++c) {
                auto const k = gains.at(hand, a, c);
                if (gains.flag[k] == gain_none) continue;
                antennas_.re[at(a, c)] = static_cast<float>(gains.value[k].real());
                antennas_.im[at(a, c)] = static_cast<float>(gains.value[k].imag());
                antennas_.there[at(a, c)] = 1;
            }
    }

    void add(SolveRows const& rows, Index row, Index hand, AntennaPair pair, std::vector<Index> const& columns)
    {
        for (Index c : columns) {
            Index const n = std::min(abreast, columns_ - c);
            float plane[5][abreast] = {};
            for (int k = 0; k < 5; ++k) {
                std::copy_n(rows.at(row, hand, k) + c, n, plane[k]);
                if (row + ahead < rows.n_rows) __builtin_prefetch(rows.at(row + ahead, hand, k) + c);
            }
            add_some(plane, at(pair.one, c), at(pair.two, c), unexplained_[static_cast<std::size_t>(c / abreast)]);
        }
    }

    /// Against all: their χ² and number of samples.
    void tell(Gains& gains, Index hand) const
    {
        for (std::size_t i = 0; i < unexplained_.size(); ++i)
            gains.left[static_cast<std::size_t>(hand * columns_) + i * abreast] = unexplained_[i].tell();
        for (Index c = 0; c < columns_; ++c) {
            auto const& all = gains.result[static_cast<std::size_t>(hand * columns_ + c)];
            double const chi2 = all.power_data - all.explained;
            if (!(all.count > 0) || !(chi2 > least_residual * all.power_data)) continue;
            for (Index a = 0; a < gains.n_antennas; ++a) {
                float const count = antennas_.count[at(a, c)];
                if (!(count > 0)) continue;
                gains.residual[gains.at(hand, a, c)] =
                    antennas_.chi2[at(a, c)] / count / static_cast<float>(chi2 / all.count);
            }
        }
    }

private:
    /// Gains by parts, 0 where there is none, and the sums.
    struct Antennas {
        explicit Antennas(std::size_t n) : re(n), im(n), there(n), chi2(n), count(n) {}
        std::vector<float> re, im, there, chi2, count;
    };
    std::size_t at(Index antenna, Index column) const { return static_cast<std::size_t>(antenna * n_ + column); }

    void add_some(float const (&plane)[5][abreast], std::size_t a, std::size_t b, Unexplained& unexplained)
    {
        float left[abreast], used[abreast], gains[2][abreast];
        float const *ar = &antennas_.re[a], *ai = &antennas_.im[a], *br = &antennas_.re[b], *bi = &antennas_.im[b],
                    *one = &antennas_.there[a], *two = &antennas_.there[b];
        for (Index k = 0; k < abreast; ++k) {
            float const gr = ar[k] * br[k] + ai[k] * bi[k], gi = ar[k] * bi[k] - ai[k] * br[k];
            gains[0][k] = gr, gains[1][k] = gi;
            used[k] = one[k] * two[k] * (plane[2][k] > 0 ? 1.F : 0.F);
            left[k] =
                used[k] * (plane[3][k] - 2 * (gr * plane[0][k] + gi * plane[1][k]) + (gr * gr + gi * gi) * plane[2][k]);
            used[k] *= plane[4][k];
        }
        unexplained.add(plane, gains);
        for (auto antenna : {a, b})
            for (std::size_t k = 0; k < abreast; ++k) {
                antennas_.chi2[antenna + k] += left[k];
                antennas_.count[antenna + k] += used[k];
            }
    }

    Index n_, columns_;
    std::vector<Unexplained> unexplained_;
    Antennas antennas_;
};

/// Columns of a part.
Index part_columns(Index columns)
{
    return std::max<Index>(1, (columns + abreast * most_parts - 1) / (abreast * most_parts)) * abreast;
}

/// s with x_i = s_i mean s of the others; 1 where nothing is known (x = 0).
std::vector<double> own_noise(std::vector<double> const& x)
{
    std::vector<double> s;
    for (double value : x) s.push_back(value > 0 ? value : 1);
    double n = 0;
    for (double value : x) n += value > 0;
    for (int round = 0; round < 60 && n > 1; ++round) {
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] > 0 ? s[i] : 0;
        auto next = s;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (x[i] > 0) next[i] = std::sqrt(s[i] * x[i] * (n - 1) / (sum - s[i]));
        s = next;
    }
    return s;
}

/// Means over some channels, of one hand.
struct HandMeans {
    std::vector<double> residual, samples;  ///< [antenna]; residual 0: not known

    HandMeans(Gains const& gains, Index hand, ColumnRange columns)
    {
        for (Index a = 0; a < gains.n_antennas; ++a) {
            double sum = 0, n = 0;
            for (Index c = columns.first; c < columns.first + columns.count; ++c) {
                auto const left = static_cast<double>(gains.residual[gains.at(hand, a, c)]);
                if (left == 0) continue;
                auto const& all = gains.result[static_cast<std::size_t>(hand * gains.n_columns + c)];
                double const usual = 2 * all.count / all.antennas;
                sum += left * usual;
                n += usual;
            }
            residual.push_back(n > 0 ? std::max(0.0, sum / n) : 0);
            samples.push_back(n);
        }
    }
    bool any_stands_out() const
    {
        for (std::size_t a = 0; a < residual.size(); ++a)
            if (residual[a] > 0 &&
                std::abs(std::log(residual[a])) > std::max(std::log(stands_out), sigmas_out / std::sqrt(samples[a])))
                return true;
        return false;
    }
};

}  // namespace

void set_residuals(Gains& gains, SolveRows const& rows, std::vector<AntennaPair> const& pairs, ColumnRange of)
{
    gains.residual.assign(gains.value.size(), 0);
    gains.left.assign(gains.result.size(), {});
    Index const every = part_columns(of.count) / abreast;
    std::vector<Index> columns;
    for (Index c = 0; c < rows.n_columns; c += abreast)
        if ((of.first + c) / abreast % every == every / 2) columns.push_back(c);
    for (Index p = 0; p < gains.n_hands && !columns.empty(); ++p) {
        AntennaSums left(gains, p);
        for (Index row = 0; row < rows.n_rows; ++row)
            left.add(rows, row, p, pairs[static_cast<std::size_t>(row)], columns);
        left.tell(gains, p);
    }
}

HandNoise measure_noise(Gains const& gains)
{
    auto const na = static_cast<std::size_t>(gains.n_antennas), n = na * static_cast<std::size_t>(gains.n_hands);
    Index const columns = part_columns(gains.n_columns), parts = (gains.n_columns + columns - 1) / columns;
    HandNoise noise{std::vector<double>(n, 1), std::vector<double>(n, 1),
                    std::vector<double>(n * static_cast<std::size_t>(parts), 1), parts};
    for (Index p = 0; p < gains.n_hands; ++p) {
        HandMeans const means(gains, p, {0, gains.n_columns});
        auto const first = static_cast<std::size_t>(p) * na;
        if (means.any_stands_out()) {
            auto const own = own_noise(means.residual);
            std::vector<double> known;
            for (std::size_t a = 0; a < na; ++a)
                if (means.residual[a] > 0) known.push_back(own[a]);
            double const usual = median_of(known);
            for (std::size_t a = 0; a < na; ++a) {
                if (!(means.residual[a] > 0)) continue;
                noise.of_baselines[first + a] = means.residual[a];
                noise.own[first + a] = std::clamp(own[a] / usual, 1 / most_factor, most_factor);
            }
        }
        for (Index part = 0; part < parts; ++part) {
            ColumnRange const range{part * columns, std::min(columns, gains.n_columns - part * columns)};
            HandMeans const here(gains, p, range);
            bool const out = here.any_stands_out();
            for (std::size_t a = 0; a < na; ++a)
                noise.of_parts[(first + a) * static_cast<std::size_t>(parts) + static_cast<std::size_t>(part)] =
                    !(here.residual[a] > 0) ? noise.of_baselines[first + a]
                    : out                   ? here.residual[a]
                                            : 1;
        }
    }
    return noise;
}

std::vector<double> HandNoise::divisors(std::vector<std::uint8_t> const& lost) const
{
    std::vector<double> divisors;
    for (std::size_t i = 0; i < own.size(); ++i) divisors.push_back(lost[i] || own[i] > gross ? own[i] : 1);
    return divisors;
}

namespace {

void scale(Gains& gains, std::size_t k, double by, double least)
{
    gains.amplitude_var[k] *= by;
    gains.phase_var[k] *= by;
    if (gains.flag[k] == gain_good && least * std::sqrt(gains.amplitude_var[k]) > 1) gains.flag[k] = gain_weak;
}

}  // namespace

void scale_errors_of_band(Gains& gains, HandNoise const& noise, double least)
{
    auto const columns = static_cast<std::size_t>(gains.n_columns), parts = static_cast<std::size_t>(noise.parts);
    auto const in_part = static_cast<std::size_t>(part_columns(gains.n_columns));
    for (std::size_t k = 0; k < gains.value.size(); ++k)
        scale(gains, k, noise.of_parts[k / columns * parts + k % columns / in_part], least);
}

void scale_errors(Gains& gains, HandNoise const& noise, double least)
{
    for (std::size_t k = 0; k < gains.value.size(); ++k)
        scale(gains, k, noise.of_baselines[k / static_cast<std::size_t>(gains.n_columns)], least);
}

void weigh_rows(SolveRows& rows, std::vector<AntennaPair> const& pairs, std::vector<double> const& divisor)
{
    auto const na = divisor.size() / static_cast<std::size_t>(rows.n_hands);
    for (Index row = 0; row < rows.n_rows; ++row)
        for (Index p = 0; p < rows.n_hands; ++p) {
            auto const pair = pairs[static_cast<std::size_t>(row)];
            double const* of = &divisor[static_cast<std::size_t>(p) * na];
            auto const by = static_cast<float>(1 / (of[pair.one] * of[pair.two]));
            if (by == 1) continue;
            for (Index plane = 0; plane < std::min<Index>(rows.n_planes, 4); ++plane) {
                float* const values = rows.at(row, p, plane);
                for (Index c = 0; c < rows.n_columns; ++c) values[c] *= by;
            }
        }
}

}  // namespace nocturne
