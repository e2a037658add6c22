// Enters: an image on a device. Leaves: its statistics. Order statistics are found by counting pixels below 16 thresholds at
// a time within a bracket that a sample of 128 rows gives; counts are integers, so the result has no order.
#include "kernels/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace nocturne {
namespace {

/// The constant that makes the median absolute deviation of a Gaussian its standard deviation: 1 / Φ⁻¹(3/4).
constexpr double mad_to_sigma = 1.4826022185056018;
constexpr Index sample_rows = 128;
constexpr Index exact_below = 65536;  ///< pixels up to which order statistics are exact

struct Bracket {
    float low, high;
};

/// Counts over the pixels of one view, with memory kept from pass to pass.
class Counter {
public:
    Counter(Device const& device, View<float const, 2> image, CountArgs::Of of, float centre)
        : device_(device), counts_(device, image.extent[0] * n), n_rows_(image.extent[0])
    {
        args_.image = image;
        args_.below = counts_.view(n_rows_, Index(n));
        args_.of = of;
        args_.centre = centre;
    }

    /// Finite pixels below each of `thresholds`; the first of them must be −FLT_MAX (counts −∞).
    std::vector<Index> below(std::vector<float> const& thresholds)
    {
        std::copy(thresholds.begin(), thresholds.end(), args_.threshold);
        run(device_, args_);
        finish(device_);
        auto const rows = counts_.to_host();
        std::vector<Index> sum(n, 0);
        for (std::size_t i = 0; i < rows.size(); ++i) sum[i % n] += rows[i];
        for (std::size_t k = n; k-- > 0;) sum[k] -= sum[0];
        return sum;
    }

    static constexpr int n = CountArgs::n_thresholds;

private:
    Device device_;
    Buffer<std::int32_t> counts_;
    Index n_rows_;
    CountArgs args_;
};

/// −FLT_MAX and 15 values that cut the bracket into 14 equal parts, its ends included.
std::vector<float> cuts(Bracket bracket)
{
    std::vector<float> values{-FLT_MAX};
    double const low = bracket.low, width = static_cast<double>(bracket.high) - low;
    for (int i = 0; i + 1 < Counter::n; ++i) values.push_back(static_cast<float>(low + width * i / (Counter::n - 2)));
    values.back() = bracket.high;
    return values;
}

/// The value that `rank` of the pixels lie below, searched in `bracket` first and in `whole` (which holds every finite pixel)
/// where it is not there; linear between the last thresholds, which at most `tolerance` pixels lie between.
double value_of_rank(Counter& counter, double rank, Bracket bracket, Bracket whole, double tolerance)
{
    for (;;) {
        auto const at = cuts(bracket);
        auto const below = counter.below(at);
        if (static_cast<double>(below[1]) > rank && bracket.low > whole.low) {
            bracket = {whole.low, bracket.low};
            continue;
        }
        if (static_cast<double>(below.back()) <= rank && bracket.high < whole.high) {
            bracket = {bracket.high, whole.high};
            continue;
        }
        std::size_t k = 1;
        while (k + 2 < at.size() && static_cast<double>(below[k + 1]) <= rank) ++k;
        double const inside = static_cast<double>(below[k + 1] - below[k]);
        bool const narrow =
            std::nextafter(at[k], at[k + 1]) >= at[k + 1] || (at[k] <= bracket.low && at[k + 1] >= bracket.high);
        if (inside <= tolerance || narrow) {
            double const part = inside > 0 ? (rank - static_cast<double>(below[k])) / inside : 0.5;
            return narrow ? at[k] : at[k] + std::clamp(part, 0.0, 1.0) * (static_cast<double>(at[k + 1]) - at[k]);
        }
        bracket = {at[k], at[k + 1]};
    }
}

/// Every step-th row.
View<float const, 2> sample_of(View<float const, 2> image)
{
    Index const step = std::max<Index>(1, image.extent[0] / sample_rows);
    image.extent[0] = (image.extent[0] + step - 1) / step;
    image.stride[0] *= step;
    return image;
}

/// What the median is taken of.
struct MedianOf {
    CountArgs::Of of;
    float centre;
    Bracket whole;  ///< holds every finite pixel
    Index n;        ///< finite pixels
};

double median_of(Device const& device, View<float const, 2> image, MedianOf const& what)
{
    Counter all(device, image, what.of, what.centre), some(device, sample_of(image), what.of, what.centre);
    Bracket const whole{what.whole.low, std::nextafter(what.whole.high, FLT_MAX)};
    double const n = static_cast<double>(what.n), n_some = static_cast<double>(some.below(cuts(whole)).back());
    if (what.n <= exact_below || n_some < 1000) return value_of_rank(all, 0.5 * n, whole, whole, 0);
    // Eight standard deviations of the rank of the median for independent pixels; where the sample misleads, the search
    // finds that out and widens.
    double const spread = 4 * std::sqrt(n_some);
    Bracket bracket{static_cast<float>(value_of_rank(some, 0.5 * n_some - spread, whole, whole, 1)),
                    static_cast<float>(value_of_rank(some, 0.5 * n_some + spread, whole, whole, 1))};
    if (!(bracket.low < bracket.high)) bracket = whole;
    return value_of_rank(all, 0.5 * n, bracket, whole, 1e-3 * n);
}

/// The first column of row y that holds `value`.
Index column_of(Device const& device, View<float const, 2> image, Index y, float value)
{
    auto const row = image.slice(0, y, 1);
    std::vector<float> host(static_cast<std::size_t>(row.extent[1]));
    for (Index x = 0; x < row.extent[1]; x += row.stride[1] == 1 ? row.extent[1] : 1) {
        std::size_t const count = row.stride[1] == 1 ? host.size() : 1;
        std::visit(
            [&](auto const& d) { copy_out(d, &host[static_cast<std::size_t>(x)], &row(0, x), count * sizeof(float)); },
            device);
    }
    return std::find(host.begin(), host.end(), value) - host.begin();
}

}  // namespace

ImageStatistics measure_statistics(Device const& device, View<float const, 2> image)
{
    ImageStatistics result;
    if (image.size() == 0) return result;
    Buffer<RowMoments> rows(device, image.extent[0]);
    run(device, StatisticsArgs{image, rows.view(image.extent[0])});
    finish(device);
    RowMoments total;
    auto const moments = rows.to_host();
    for (std::size_t y = 0; y < moments.size(); ++y) {
        if (moments[y].min < total.min || (total.n_finite == 0 && moments[y].n_finite > 0))
            result.min_y = static_cast<Index>(y);
        if (moments[y].max > total.max || (total.n_finite == 0 && moments[y].n_finite > 0))
            result.max_y = static_cast<Index>(y);
        StatisticsTile::add(total, moments[y]);
    }
    result.n_finite = total.n_finite;
    result.n_nonfinite = image.size() - total.n_finite;
    if (total.n_finite == 0) return {0, result.n_nonfinite};
    double const n = static_cast<double>(total.n_finite);
    result.min = total.min;
    result.max = total.max;
    result.min_x = column_of(device, image, result.min_y, total.min);
    result.max_x = column_of(device, image, result.max_y, total.max);
    result.mean = total.sum / n;
    result.rms = std::sqrt(total.sum_squares / n);
    using Of = CountArgs::Of;
    result.median = median_of(device, image, {Of::value, 0, {total.min, total.max}, total.n_finite});
    auto const centre = static_cast<float>(result.median);
    float const farthest = std::min(FLT_MAX, std::max(total.max - centre, centre - total.min));
    result.robust_noise =
        mad_to_sigma * median_of(device, image, {Of::deviation, centre, {0, farthest}, total.n_finite});
    return result;
}

}  // namespace nocturne
