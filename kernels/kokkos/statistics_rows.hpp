// Rows of `statistics` on the host, eight pixels a vector where a row is contiguous (against the body, one core, 4096² pixels
// in perf/bench/statistics_bench: moments 25 → 5 ms, counts 99 → 9 ms); other rows go through the body.
#pragma once

#include "kernels/statistics.hpp"

#include <cstring>

namespace nocturne::kokkos {

typedef float Floats __attribute__((vector_size(32)));
typedef float HalfFloats __attribute__((vector_size(16)));
typedef std::int32_t Ints __attribute__((vector_size(32)));
typedef double Doubles __attribute__((vector_size(32)));
constexpr Index lanes = 8;

template<class Vector>
Vector load(float const* from)
{
    Vector vector;
    std::memcpy(&vector, from, sizeof vector);
    return vector;
}

/// Moments of a contiguous row: sums in eight lanes of double, added up in the order of the lanes.
struct MomentsRow {
    StatisticsTile tile;

    void operator()(SerialTeam& team, Index y) const
    {
        auto const& image = tile.args.image;
        if (image.stride[1] != 1) return tile(team, y);
        float const* row = &image(y, 0);
        Index const whole = image.extent[1] / lanes * lanes;
        Floats low = Floats{} + FLT_MAX, high = Floats{} - FLT_MAX;
        Ints finite = {};
        Doubles sum[2] = {}, squares[2] = {};
        for (Index x = 0; x < whole; x += lanes) {
            auto const pixels = load<Floats>(row + x);
            Ints const usable = (pixels >= -FLT_MAX) & (pixels <= FLT_MAX);
            Floats const under = usable ? pixels : Floats{} + FLT_MAX, over = usable ? pixels : Floats{} - FLT_MAX;
            low = under < low ? under : low;
            high = over > high ? over : high;
            finite -= usable;
            Floats const value = usable ? pixels : Floats{};
            HalfFloats half[2];
            std::memcpy(half, &value, sizeof value);
            for (int h = 0; h < 2; ++h) {
                auto const wide = __builtin_convertvector(half[h], Doubles);
                sum[h] += wide;
                squares[h] += wide * wide;
            }
        }
        RowMoments total;
        for (int l = 0; l < lanes; ++l)
            StatisticsTile::add(total, {finite[l], low[l], high[l], sum[l / 4][l % 4], squares[l / 4][l % 4]});
        for (Index x = whole; x < image.extent[1]; ++x) StatisticsTile::take(total, row[x]);
        tile.args.rows(y) = total;
    }
};

/// Counts of a contiguous row, eight thresholds at a time so that their counters stay in registers.
struct CountRow {
    CountTile tile;

    void operator()(SerialTeam& team, Index y) const
    {
        auto const& args = tile.args;
        Index const width = args.image.extent[1], whole = width / lanes * lanes;
        if (args.image.stride[1] != 1) return tile(team, y);
        tile_of(args.image.slice(1, whole, width - whole), team, y);
        for (int first = 0; first < CountArgs::n_thresholds; first += 8)
            if (args.of == CountArgs::Of::deviation)
                sweep(y, first,
                      [c = Floats{} + args.centre](Floats x) { return (Floats)((Ints)(x - c) & 0x7fffffff); });
            else
                sweep(y, first, [](Floats x) { return x; });
    }

    /// The columns that fill no vector, by the body.
    void tile_of(View<float const, 2> rest, SerialTeam& team, Index y) const
    {
        CountTile part = tile;
        part.args.image = rest;
        part(team, y);
    }

    template<class Function>
    void sweep(Index y, int first, Function const& of) const
    {
        auto const& args = tile.args;
        float const* row = &args.image(y, 0);
        Index const whole = args.image.extent[1] / lanes * lanes;
        Floats threshold[8];
        Ints count[8] = {};
        for (int k = 0; k < 8; ++k) threshold[k] = Floats{} + args.threshold[first + k];
        for (Index x = 0; x < whole; x += lanes) {
            Floats const value = of(load<Floats>(row + x));
            for (int k = 0; k < 8; ++k) count[k] -= value < threshold[k];
        }
        for (int k = 0; k < 8; ++k)
            for (int l = 0; l < lanes; ++l) args.below(y, first + k) += count[k][l];
    }
};

}  // namespace nocturne::kokkos
