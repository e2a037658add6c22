// Loops over channels keep 16 partial sums, so that they vectorise with a fixed order of additions.
#include "stages/solve/rows.hpp"

#include <algorithm>
#include <numeric>

namespace nocturne {
namespace {

constexpr Index lanes = 16;
constexpr Index band_planes = 5;

struct Partial {
    float re[lanes] = {}, im[lanes] = {}, power[lanes] = {};

    float total(float const* part) const
    {
        float sum = 0;
        for (Index k = 0; k < lanes; ++k) sum += part[k];
        return sum;
    }
};

/// Of one (interval, baseline, hand).
struct SumSpectrum {
    float const *re, *im, *power;
    SumSpectrum from(Index channel) const { return {re + channel, im + channel, power + channel}; }
};

SumSpectrum spectrum(SolveSums const& sums, Index i, Index b, Index p)
{
    Index const at = sums.cell(i, b, p);
    return {sums.re.data() + at, sums.im.data() + at, sums.power.data() + at};
}

/// Σ_c a conj(b).
void add_conjugate_products(SumSpectrum const& a, SumSpectrum const& b, Index n, Partial& sum)
{
    Index c = 0;
    for (; c + lanes <= n; c += lanes)
        for (Index k = 0; k < lanes; ++k) {
            sum.re[k] += a.re[c + k] * b.re[c + k] + a.im[c + k] * b.im[c + k];
            sum.im[k] += a.im[c + k] * b.re[c + k] - a.re[c + k] * b.im[c + k];
            sum.power[k] += a.power[c + k] * b.power[c + k];
        }
    for (; c < n; ++c) {
        sum.re[0] += a.re[c] * b.re[c] + a.im[c] * b.im[c];
        sum.im[0] += a.im[c] * b.re[c] - a.re[c] * b.im[c];
        sum.power[0] += a.power[c] * b.power[c];
    }
}

/// conj(g1) g2 of a baseline over columns.
void baseline_gain(GainParts const& gains, Index hand, AntennaPair pair, std::vector<float>& re, std::vector<float>& im)
{
    Index const one = gains.offset(hand, pair.one), two = gains.offset(hand, pair.two);
    float const *ar = gains.re.data() + one, *ai = gains.im.data() + one, *br = gains.re.data() + two,
                *bi = gains.im.data() + two;
    for (Index k = 0; k < gains.n_columns; ++k) {
        re[static_cast<std::size_t>(k)] = ar[k] * br[k] + ai[k] * bi[k];
        im[static_cast<std::size_t>(k)] = ar[k] * bi[k] - ai[k] * br[k];
    }
}

/// Σ_c product conj(G), Σ_c power |G|².
void add_modelled(SumSpectrum const& s, float const* gr, float const* gi, Index n, Partial& sum)
{
    auto const add = [&](Index c, Index k) {
        sum.re[k] += s.re[c] * gr[c] + s.im[c] * gi[c];
        sum.im[k] += s.im[c] * gr[c] - s.re[c] * gi[c];
        sum.power[k] += s.power[c] * (gr[c] * gr[c] + gi[c] * gi[c]);
    };
    Index c = 0;
    for (; c + lanes <= n; c += lanes)
        for (Index k = 0; k < lanes; ++k) add(c + k, k);
    for (; c < n; ++c) add(c, 0);
}

/// product conj(G) and power of up to `lanes` channels, of an interval that has a gain.
void add_turned(SumSpectrum const& s, float gr, float gi, Index n, Partial& sum)
{
    float const used = gr != 0 || gi != 0 ? 1.F : 0.F;
    auto const add = [&](Index c) {
        sum.re[c] += s.re[c] * gr + s.im[c] * gi;
        sum.im[c] += s.im[c] * gr - s.re[c] * gi;
        sum.power[c] += used * s.power[c];
    };
    if (n == lanes)
        for (Index c = 0; c < lanes; ++c) add(c);
    else
        for (Index c = 0; c < n; ++c) add(c);
}

/// Some channels of every interval lie far apart, where no processor looks ahead by itself.
void fetch_soon(SolveSums const& sums, Index b, Index p, ColumnRange channels)
{
    constexpr Index line = 64 / sizeof(float);
    for (Index i = 0; i < sums.n_intervals; ++i) {
        auto const s = spectrum(sums, i, b, p);
        for (float const* from : {s.re, s.im, s.power})
            for (Index c = 0; c < channels.count; c += line) __builtin_prefetch(from + channels.first + c);
    }
}

struct BaselineHand {
    Index baseline, hand;
};

/// Five planes of some channels.
void fill_band_row(SolveSums const& sums, BaselineHand of, std::vector<float> const& gr, std::vector<float> const& gi,
                   ColumnRange channels, float* planes)
{
    Index const n = channels.count;
    for (Index c = 0; c < n; c += lanes) {
        Index const some = std::min(lanes, n - c);
        Partial sum;
        for (Index i = 0; i < sums.n_intervals; ++i) {
            auto const s = spectrum(sums, i, of.baseline, of.hand).from(channels.first + c);
            add_turned(s, gr[static_cast<std::size_t>(i)], gi[static_cast<std::size_t>(i)], some, sum);
        }
        std::copy_n(sum.re, some, planes + c);
        std::copy_n(sum.im, some, planes + n + c);
        std::copy_n(sum.power, some, planes + 2 * n + c);
    }
    Index const at = sums.cell(0, of.baseline, of.hand) + channels.first;
    std::copy_n(sums.power_data.data() + at, n, planes + 3 * n);
    std::copy_n(sums.samples.data() + at, n, planes + 4 * n);
}

}  // namespace

SolveRows link_rows(SolveSums const& sums, Exchange const& exchange)
{
    SolveRows rows(std::ssize(sums.pairs), sums.n_hands, 4, sums.n_intervals);
    sums.for_each_row([&](Index b, Index row) {
        for (Index p = 0; p < sums.n_hands; ++p) {
            auto const middle = spectrum(sums, sums.middle, b, p);
            for (Index i = 0; i < sums.n_intervals; ++i) {
                Partial sum;
                add_conjugate_products(spectrum(sums, i, b, p), middle, sums.n_channels, sum);
                rows.at(row, p, 0)[i] = sum.total(sum.re);
                rows.at(row, p, 1)[i] = sum.total(sum.im);
                rows.at(row, p, 2)[i] = sum.total(sum.power) > 0 ? 1.F : 0.F;
            }
            float const* samples = sums.samples.data() + sums.cell(0, b, p);
            for (Index c = 0; c < sums.n_channels; ++c) rows.at(row, p, 3)[0] += samples[c];
        }
    });
    exchange.merge(rows.values);
    return rows;
}

void deal_band_rows(SolveSums const& sums, GainParts const& phases, std::vector<ColumnRange> const& shares, int rank,
                    Exchange const& exchange, SolveRows& rows, std::vector<float>& pieces)
{
    std::vector<std::size_t> counts;
    Index here = 0;
    sums.for_each_row([&](Index, Index) { ++here; });
    for (auto const& share : shares)
        counts.push_back(static_cast<std::size_t>(here * sums.n_hands * band_planes * share.count));
    pieces.resize(std::accumulate(counts.begin(), counts.end(), std::size_t(0)));
    std::vector<float> gr(static_cast<std::size_t>(sums.n_intervals)), gi(gr.size());
    ColumnRange const all{shares.front().first, shares.back().first + shares.back().count - shares.front().first};
    Index n = 0;
    sums.for_each_row([&](Index b, Index row) {
        for (Index p = 0; p < sums.n_hands; ++p, ++n) {
            if (b + 1 < sums.count) fetch_soon(sums, b + 1, p, all);
            baseline_gain(phases, p, sums.pairs[static_cast<std::size_t>(row)], gr, gi);
            float* piece = pieces.data();
            for (std::size_t r = 0; r < shares.size(); piece += counts[r++])
                fill_band_row(sums, {b, p}, gr, gi, shares[r], piece + n * band_planes * shares[r].count);
        }
    });
    exchange.deal(pieces, counts, rows.values);
    rows.n_rows = std::ssize(sums.pairs);
    rows.n_hands = sums.n_hands;
    rows.n_planes = band_planes;
    rows.n_columns = shares[static_cast<std::size_t>(rank)].count;
}

SolveRows gain_rows(SolveSums const& sums, GainParts const& band, std::vector<std::int32_t> const& column,
                    Exchange const& exchange)
{
    SolveRows rows(std::ssize(sums.pairs), sums.n_hands, 3, column.back() + 1);
    std::vector<float> gr(static_cast<std::size_t>(sums.n_channels)), gi(gr.size());
    sums.for_each_row([&](Index b, Index row) {
        for (Index p = 0; p < sums.n_hands; ++p) {
            baseline_gain(band, p, sums.pairs[static_cast<std::size_t>(row)], gr, gi);
            for (Index i = 0; i < sums.n_intervals; ++i) {
                Partial sum;
                add_modelled(spectrum(sums, i, b, p), gr.data(), gi.data(), sums.n_channels, sum);
                Index const to = column[static_cast<std::size_t>(i)];
                rows.at(row, p, 0)[to] += sum.total(sum.re);
                rows.at(row, p, 1)[to] += sum.total(sum.im);
                rows.at(row, p, 2)[to] += sum.total(sum.power);
            }
        }
    });
    exchange.merge(rows.values);
    return rows;
}

}  // namespace nocturne
