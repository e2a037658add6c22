// Kernel `statistics`: what a plane of pixels holds. Enters: an image. Leaves: moments and extremes of each row, numbers of
// pixels below thresholds; from both `measure_statistics` makes extremes with position, mean, rms, median and robust noise.
#pragma once

#include "nocturne/device.hpp"
#include "nocturne/team.hpp"

#include <cfloat>

namespace nocturne {

/// Of the finite pixels of one row; min > max where there is none.
struct RowMoments {
    Index n_finite = 0;
    float min = FLT_MAX, max = -FLT_MAX;
    double sum = 0, sum_squares = 0;
};

/// Shapes: image [y][x] (any strides), rows [y]. Sums run over a row in an order that depends on the back end alone.
struct StatisticsArgs {
    View<float const, 2> image;
    View<RowMoments, 1> rows;
};

/// Counts pixels below thresholds: of the value, or of its distance from `centre`, |x − centre|. NaN is below nothing.
/// Shapes: image [y][x] (any strides), below [y][n_thresholds]. Integers: the same on every device.
struct CountArgs {
    static constexpr int n_thresholds = 16;
    enum class Of { value, deviation };
    View<float const, 2> image;
    View<std::int32_t, 2> below;
    Of of = Of::value;
    float centre = 0;
    float threshold[n_thresholds] = {};
};

/// Host: throws Error(defect) where shapes differ.
inline void check(StatisticsArgs const& args)
{
    NOCT_CHECK(args.rows.extent[0] == args.image.extent[0],
               "statistics: one entry of rows per row of the image is needed");
}
inline void check(CountArgs const& args)
{
    NOCT_CHECK(args.below.extent[0] == args.image.extent[0],
               "statistics: one row of counts per row of the image is needed");
    NOCT_CHECK(args.below.extent[1] == CountArgs::n_thresholds, "statistics: counts and thresholds differ in number");
    NOCT_CHECK(args.image.extent[1] < (Index(1) << 31), "statistics: a row is too long for 32-bit counts");
}

/// Bytes of scratch for a team of `size` threads.
constexpr std::size_t statistics_scratch_bytes(int size)
{
    std::size_t const n = static_cast<std::size_t>(size);
    return (n * sizeof(RowMoments) + 63) / 64 * 64;
}
constexpr std::size_t count_scratch_bytes(int size)
{
    return static_cast<std::size_t>(size) * CountArgs::n_thresholds * sizeof(std::int32_t);
}

/// One row, a pixel a thread.
struct StatisticsTile {
    StatisticsArgs args;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index y) const
    {
        RowMoments* parts = team.template scratch<RowMoments>(static_cast<std::size_t>(team.size()));
        RowMoments mine;
        for (Index x = team.rank(); x < args.image.extent[1]; x += team.size()) take(mine, args.image(y, x));
        parts[team.rank()] = mine;
        team.barrier();
        if (team.rank() != 0) return;
        for (int i = 1; i < team.size(); ++i) add(mine, parts[i]);
        args.rows(y) = mine;
    }

    NOCT_INLINE static void take(RowMoments& to, float value)
    {
        if (!(value >= -FLT_MAX && value <= FLT_MAX)) return;  // NaN too
        add(to, {1, value, value, static_cast<double>(value), static_cast<double>(value) * static_cast<double>(value)});
    }

    NOCT_INLINE static void add(RowMoments& to, RowMoments const& from)
    {
        to.n_finite += from.n_finite;
        to.min = from.min < to.min ? from.min : to.min;
        to.max = from.max > to.max ? from.max : to.max;
        to.sum += from.sum;
        to.sum_squares += from.sum_squares;
    }
};

/// One row, a pixel a thread; all thresholds while a pixel is in a register.
struct CountTile {
    CountArgs args;

    template<class Team>
    NOCT_INLINE void operator()(Team& team, Index y) const
    {
        constexpr int n = CountArgs::n_thresholds;
        std::int32_t* parts = team.template scratch<std::int32_t>(static_cast<std::size_t>(team.size() * n));
        std::int32_t counts[n] = {};
        bool const deviation = args.of == CountArgs::Of::deviation;
        for (Index x = team.rank(); x < args.image.extent[1]; x += team.size()) {
            float const pixel = args.image(y, x);
            float const from_centre = pixel < args.centre ? args.centre - pixel : pixel - args.centre;
            float const value = deviation ? from_centre : pixel;
            for (int k = 0; k < n; ++k) counts[k] += value < args.threshold[k];
        }
        for (int k = 0; k < n; ++k) parts[team.rank() * n + k] = counts[k];
        team.barrier();
        for (int k = team.rank(); k < n; k += team.size()) {
            std::int32_t total = 0;
            for (int i = 0; i < team.size(); ++i) total += parts[i * n + k];
            args.below(y, k) = total;
        }
    }
};

void launch(KokkosDevice const&, StatisticsArgs const&);
void launch(CudaDevice const&, StatisticsArgs const&);
void launch(KokkosDevice const&, CountArgs const&);
void launch(CudaDevice const&, CountArgs const&);

/// Of the finite pixels. Positions are the first in row order where several pixels are equal.
struct ImageStatistics {
    Index n_finite = 0, n_nonfinite = 0;
    float min = 0, max = 0;
    Index min_x = 0, min_y = 0, max_x = 0, max_y = 0;
    double mean = 0;
    double rms = 0;           ///< about 0: sqrt(Σ x² / n)
    double median = 0;        ///< exact up to 65,536 pixels, else interpolated between values that hold 0.1 % of them
    double robust_noise = 0;  ///< 1.4826 × median |x − median|: the standard deviation of Gaussian noise
};

/// All of it; `image` lies on `device` ([y][x], any strides). Three passes over the pixels and some over
/// a sample. An image without a finite pixel gives zeros and n_finite = 0.
ImageStatistics measure_statistics(Device const& device, View<float const, 2> image);

}  // namespace nocturne
