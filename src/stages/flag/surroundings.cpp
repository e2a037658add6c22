#include "stages/flag/surroundings.hpp"

#include "nocturne/median.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace nocturne {
namespace {

constexpr Index smooth_channels = 41;
constexpr Index fewest_channels = 2 * smooth_channels;  // below, a band's shape cannot be told from lasting lines
constexpr Index fewest_integrations = 8;
constexpr Index segments = 8;
constexpr double burst_z = 8;
constexpr float most_burst = 3e38F;
constexpr double sigma_floor = 0.2;  // of 1/√samples
constexpr float mad_to_sigma = 1.4826F;

/// What follow_sky takes for sky.
constexpr Index sky_integrations = 3, sky_channels = 21;
constexpr double sky_quantile = 0.01;  // so many of the smoothed residuals are lower than the depth of the sky's waves
constexpr float sky_noise = 0.45F;     // depth, in sigma, that noise has after the smoothing
constexpr float sky_crest = 3;         // height of crests over that depth

/// Running median over those of `width` values that are there; 0 where none is.
template<class Has>
std::vector<float> running_median(std::vector<float> const& values, Index width, Has has)
{
    auto const n = std::ssize(values);
    std::vector<float> out(values.size()), window;
    auto const put = [&](Index i) {
        if (i < n && has(values[i]))
            window.insert(std::lower_bound(window.begin(), window.end(), values[i]), values[i]);
    };
    auto const take = [&](Index i) {
        if (i >= 0 && has(values[i])) window.erase(std::lower_bound(window.begin(), window.end(), values[i]));
    };
    Index const half = width / 2;
    for (Index i = 0; i < half; ++i) put(i);
    for (Index i = 0; i < n; ++i) {
        put(i + half);
        take(i - half - 1);
        out[i] = window.empty() ? 0 : window[window.size() / 2];
    }
    return out;
}

/// One end of a band, where a running median has one side alone, is at least what windows there say, their slope taken out: one as
/// wide and one half as wide, which follows a bend. Their outermost third has no say, so that interference there stands out.
/// `value(k)` is that of channel k from the end inwards; `raise(k, least)`.
template<class Value, class Raise>
void follow_slope(Value value, Raise raise)
{
    std::vector<float> part;
    auto const median = [&](Index begin, Index end, float slope, Index at) {
        part.clear();
        for (Index k = begin; k < end; ++k)
            if (value(k) > 0) part.push_back(value(k) - slope * static_cast<float>(k - at));
        return median_of(part);
    };
    float wide = 0;
    for (Index const width : {smooth_channels, smooth_channels / 2}) {
        Index const third = width / 3;
        float const near = median(third, 2 * third, 0, 0), far = median(width - third, width, 0, 0);
        if (!(near > 0) || !(far > 0)) return;
        float slope = (far - near) / static_cast<float>(width - 2 * third);
        if (width == smooth_channels)
            wide = slope;
        else
            slope = std::clamp(slope, std::min(0.F, 2 * wide), std::max(0.F, 2 * wide));
        for (Index k = 0; k < width / 2; ++k) raise(k, median(third, width, slope, k));
    }
}

void follow_slope_at_ends(std::vector<float> const& values, std::vector<float>& smooth)
{
    auto const n = std::ssize(values);
    auto const raise = [&](Index at, float least) {
        if (smooth[at] > 0) smooth[at] = std::max(smooth[at], least);
    };
    follow_slope([&](Index k) { return values[k]; }, raise);
    follow_slope([&](Index k) { return values[n - 1 - k]; }, [&](Index k, float least) { raise(n - 1 - k, least); });
}

/// Median over time of each channel, smoothed over channels; 0 where nothing is good.
std::vector<float> shape_of_band(PowerPlane const& plane, std::vector<std::uint8_t> const& use)
{
    std::vector<float> shape(static_cast<std::size_t>(plane.n_channels)), times;
    for (Index c = 0; c < plane.n_channels; ++c) {
        times.clear();
        for (Index t = 0; t < plane.n_integrations; ++t)
            if (use[t * plane.n_channels + c]) times.push_back(plane.value[t * plane.n_channels + c]);
        shape[c] = median_of(times);
    }
    if (plane.n_channels >= fewest_channels) {
        auto smooth = running_median(shape, smooth_channels, [](float x) { return x > 0; });
        follow_slope_at_ends(shape, smooth);
        return smooth;
    }
    if (plane.n_integrations < fewest_integrations) std::fill(shape.begin(), shape.end(), 0.F);
    return shape;
}

/// offset + slope · (channel / n_channels − 1/2).
struct UsableLine {
    double offset = 0, slope = 0;
};

/// Theil–Sen through the medians of the segments.
UsableLine line_of(float const* value, std::uint8_t const* use, Index n)
{
    std::vector<float> part, at, level, slopes;
    for (Index s = 0; s < segments; ++s) {
        part.clear();
        Index const first = n * s / segments, last = n * (s + 1) / segments;
        for (Index c = first; c < last; ++c)
            if (use[c]) part.push_back(value[c]);
        if (4 * std::ssize(part) < last - first || part.empty()) continue;
        at.push_back(static_cast<float>(0.5 * static_cast<double>(first + last) / static_cast<double>(n) - 0.5));
        level.push_back(median_of(part));
    }
    for (std::size_t i = 0; i < at.size(); ++i)
        for (std::size_t k = i + 1; k < at.size(); ++k) slopes.push_back((level[k] - level[i]) / (at[k] - at[i]));
    UsableLine line;
    line.slope = static_cast<double>(median_of(slopes));
    for (std::size_t i = 0; i < at.size(); ++i) level[i] -= static_cast<float>(line.slope) * at[i];
    line.offset = static_cast<double>(median_of(level));
    return line;
}

/// By how much offsets exceed any smooth change in time, 0 where that may be noise.
std::vector<float> find_bursts(std::vector<double> const& offset, double sigma)
{
    auto const n = std::ssize(offset);
    std::vector<float> burst(offset.size(), n >= 8 ? most_burst : 0);
    for (Index span = 1; span <= 3 && n >= 8 && 3 * span <= n; ++span) {  // at the ends two on one side
        std::vector<double> excess(offset.size());
        std::vector<float> spread;
        for (Index t = 0; t < n; ++t) {
            bool const inside = t >= span && t + span < n;
            Index const a = inside      ? t - span
                            : t >= span ? t - span
                                        : t + span,
                        b = inside      ? t + span
                            : t >= span ? t - 2 * span
                                        : t + 2 * span;
            excess[t] = offset[t] - (inside ? 0.5 * (offset[a] + offset[b]) : 2 * offset[a] - offset[b]);
            spread.push_back(static_cast<float>(std::abs(excess[t])));
        }
        double const limit =
            burst_z * std::max<double>(static_cast<double>(mad_to_sigma * median_of(spread)), 0.1 * sigma);
        for (Index t = 0; t < n; ++t)
            burst[t] = excess[t] > limit ? std::min(burst[t], static_cast<float>(excess[t])) : 0;
    }
    return burst;
}

double scatter(PowerPlane const& plane, Residuals const& residuals, std::vector<std::uint8_t> const& use)
{
    std::vector<float> distance, samples;
    for (std::size_t i = 0; i < use.size(); ++i)
        if (use[i]) {
            distance.push_back(std::abs(residuals.value[i]));
            samples.push_back(plane.samples[i]);
        }
    auto const n = static_cast<double>(median_of(samples));
    return std::max<double>(static_cast<double>(mad_to_sigma * median_of(distance)),
                            sigma_floor / std::sqrt(std::max(1.0, n)));
}

/// A channel that lies low all the time is the receivers', no sky: it is lifted.
void fill_notches(std::vector<std::uint8_t> const& use, Index nt, Index nc, Residuals& residuals)
{
    std::vector<float> times;
    for (Index c = 0; c < nc; ++c) {
        times.clear();
        for (Index i = c; i < nt * nc; i += nc)
            if (use[i]) times.push_back(residuals.value[i]);
        float const level = median_of(times);
        if (static_cast<double>(level) > -residuals.sigma) continue;
        for (Index i = c; i < nt * nc; i += nc)
            if (residuals.good[i]) residuals.value[i] -= level;
    }
}

/// Medians over `sky_integrations`, then over `sky_channels`.
std::vector<float> smoothed(Residuals const& residuals, std::vector<std::uint8_t> const& use, Index nt, Index nc)
{
    std::vector<float> out, line(static_cast<std::size_t>(nc)), times;
    for (Index t = 0; t < nt; ++t) {
        Index const first = std::clamp<Index>(t - sky_integrations / 2, 0, nt - sky_integrations);
        for (Index c = 0; c < nc; ++c) {
            times.clear();
            for (Index k = first; k < first + sky_integrations; ++k)
                if (use[k * nc + c]) times.push_back(residuals.value[k * nc + c]);
            line[c] = times.empty() ? NAN : median_of(times);
        }
        auto const smooth = running_median(line, sky_channels, [](float x) { return !std::isnan(x); });
        out.insert(out.end(), smooth.begin(), smooth.end());
    }
    return out;
}

}  // namespace

bool follow_sky(PowerPlane const& plane, std::vector<std::uint8_t> const& found, Residuals& residuals)
{
    if (plane.n_channels < fewest_channels || plane.n_integrations < fewest_integrations) return false;
    std::vector<std::uint8_t> use(found.size());
    for (std::size_t i = 0; i < use.size(); ++i) use[i] = residuals.good[i] && !found[i];
    fill_notches(use, plane.n_integrations, plane.n_channels, residuals);
    auto const smooth = smoothed(residuals, use, plane.n_integrations, plane.n_channels);
    std::vector<float> depths;
    for (std::size_t i = 0; i < use.size(); ++i)
        if (use[i]) depths.push_back(smooth[i]);
    if (depths.empty()) return true;
    auto const at = depths.begin() + static_cast<std::ptrdiff_t>(sky_quantile * static_cast<double>(depths.size()));
    std::nth_element(depths.begin(), at, depths.end());
    float const depth = -*at - sky_noise * static_cast<float>(residuals.sigma);
    if (!(depth > 0)) return true;
    for (std::size_t i = 0; i < use.size(); ++i)
        if (residuals.good[i]) residuals.value[i] -= std::min(smooth[i], sky_crest * depth);
    return true;
}

Residuals against_surroundings(PowerPlane const& plane, std::vector<std::uint8_t> const& found)
{
    auto const n = static_cast<std::size_t>(plane.size());
    Index const nc = plane.n_channels;
    Residuals out{std::vector<float>(n), std::vector<float>(n), std::vector<std::uint8_t>(n), {}, 0};
    std::vector<std::uint8_t> use(n);
    for (std::size_t i = 0; i < n; ++i) use[i] = plane.samples[i] > 0 && (found.empty() || !found[i]);
    auto const shape = shape_of_band(plane, use);
    for (std::size_t i = 0; i < n; ++i) {
        float const expected = shape[i % static_cast<std::size_t>(nc)];
        out.good[i] = plane.samples[i] > 0 && expected > 0;
        use[i] &= out.good[i];
        if (out.good[i]) out.value[i] = plane.value[i] / expected - 1;
    }
    std::vector<UsableLine> lines;
    std::vector<double> offset;
    for (Index t = 0; t < plane.n_integrations; ++t) {
        lines.push_back(line_of(&out.value[t * nc], &use[t * nc], nc));
        offset.push_back(lines.back().offset);
    }
    for (Index i = 0; i < plane.size(); ++i) {
        auto const& line = lines[i / nc];
        double const at = (static_cast<double>(i % nc) + 0.5) / static_cast<double>(nc) - 0.5;
        if (!out.good[i]) continue;
        auto const course = static_cast<float>(line.offset + line.slope * at);
        out.value[i] -= course;
        out.expected[i] = shape[i % nc] * std::max(0.05F, 1 + course);
    }
    out.sigma = scatter(plane, out, use);
    out.burst = find_bursts(offset, out.sigma);
    return out;
}

}  // namespace nocturne
