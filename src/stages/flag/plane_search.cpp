#include "stages/flag/plane_search.hpp"

#include "kernels/shared/sumthreshold_rule.hpp"
#include "nocturne/median.hpp"
#include "stages/flag/surroundings.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double lowest_of_noise = 4.3;  // in sigma, of windows of one shape
constexpr double most_raised = 2;
constexpr double lowest_cell = -6;  // one cell that lost its power says nothing of the sky

/// Factor on the limit where the lowest of windows is `lowest` sigma: sky that makes some so low makes others as high.
double raised(double lowest) { return std::clamp(-lowest / lowest_of_noise, 1.0, most_raised); }

/// A window of `n` cells along time or frequency.
struct SearchWindow {
    Index n = 1;
    bool in_time = false;
};

/// Means over windows along one line of cells; finds those above the limit and marks their cells.
class WindowSearch {
public:
    WindowSearch(Residuals const& residuals, Index nt, Index nc, SearchWindows const& windows,
                 std::vector<std::uint8_t>& found)
        : residuals_(residuals), nt_(nt), nc_(nc), sky_(windows.sky), least_(windows.least), found_(found)
    {}

    void run(SearchWindow window, double z)
    {
        Index const lines = window.in_time ? nc_ : nt_, length = window.in_time ? nt_ : nc_;
        if (window.n > length) return;
        stride_ = window.in_time ? nc_ : 1;
        mean_.resize(static_cast<std::size_t>(lines * length));
        for (Index line = 0; line < lines; ++line) sum_line(start_of(line, window), length, window.n, line);
        double const sigma = scatter(window, lines, length),
                     limit = std::max(z * sigma * (sky_ ? raised(lowest(window, length) / sigma) : 1),
                                      least_ * std::sqrt(static_cast<double>(window.n)));
        for (Index line = 0; line < lines; ++line)
            for (Index i = 0; i + window.n <= length; ++i)
                if (mean_[line * length + i] > limit) mark(start_of(line, window) + i * stride_, window.n);
    }

private:
    Index start_of(Index line, SearchWindow window) const { return window.in_time ? line : line * nc_; }

    void sum_line(Index start, Index length, Index n, Index line)
    {
        double sum = 0;
        Index count = 0;
        auto const add = [&](Index i, int sign) {
            Index const cell = start + i * stride_;
            if (!residuals_.good[cell] || found_[cell]) return;
            double const value = residuals_.value[cell];
            sum += sign * (sky_ ? std::max(value, lowest_cell * residuals_.sigma) : value);
            count += sign;
        };
        for (Index i = 0; i < length; ++i) {
            add(i, 1);
            if (i >= n) add(i - n, -1);
            if (i + 1 < n) continue;
            // As √n · mean, so that windows with gaps compare with full ones.
            bool const enough = 2 * count >= n;
            mean_[line * length + i + 1 - n] =
                enough ? static_cast<float>(sum / std::sqrt(static_cast<double>(count))) : NAN;
        }
    }

    /// Of the windows, every few: the larger of their own robust scatter and that of single cells.
    double scatter(SearchWindow window, Index lines, Index length)
    {
        std::vector<float> sample;
        Index const step = std::max<Index>(1, lines * (length - window.n + 1) / 4000);
        for (Index k = 0; k < lines * (length - window.n + 1); k += step) {
            float const mean = mean_[k / (length - window.n + 1) * length + k % (length - window.n + 1)];
            if (!std::isnan(mean)) sample.push_back(mean);
        }
        float const centre = median_of(sample);
        for (float& s : sample) s = std::abs(s - centre);
        return std::max(residuals_.sigma, 1.4826 * static_cast<double>(median_of(sample)));
    }

    double lowest(SearchWindow window, Index length) const
    {
        double lowest = 0;
        for (std::size_t i = 0; i < mean_.size(); ++i)
            if (static_cast<Index>(i) % length + window.n <= length && !std::isnan(mean_[i]))
                lowest = std::min(lowest, static_cast<double>(mean_[i]));
        return lowest;
    }

    void mark(Index start, Index n)
    {
        for (Index i = 0; i < n; ++i) found_[start + i * stride_] |= residuals_.good[start + i * stride_];
    }

    Residuals const& residuals_;
    Index nt_, nc_, stride_ = 1;
    bool sky_;
    double least_;
    std::vector<std::uint8_t>& found_;
    std::vector<float> mean_;
};

/// What neighbours in time or frequency have in common, as SumThresholdRule::common_part says: sky that the surroundings do not follow.
double common_part(Residuals const& residuals, std::vector<std::uint8_t> const& found, Index nt, Index nc)
{
    auto const use = [&](Index i) { return residuals.good[i] && !found[i]; };
    float most = 0;
    for (Index const next : {Index(1), nc}) {
        std::vector<float> steps;
        for (Index i = 0; i + next < nt * nc; ++i)
            if (use(i) && use(i + next) && (next > 1 || (i + 1) % nc != 0))
                steps.push_back(std::abs(residuals.value[i + next] - residuals.value[i]));
        if (std::ssize(steps) < SumThresholdRule::fewest_steps) continue;
        most = std::max(most, SumThresholdRule::common_part(median_of(steps) / static_cast<float>(residuals.sigma)));
    }
    return static_cast<double>(most);
}

void search_round(PowerPlane const& plane, SearchWindows const& windows, std::vector<std::uint8_t>& found)
{
    auto residuals = against_surroundings(plane, found);
    Index const nt = plane.n_integrations, nc = plane.n_channels;
    double const z = windows.z * (1 + 3 * common_part(residuals, found, nt, nc));
    bool const sky = windows.sky && follow_sky(plane, found, residuals);
    double lowest = 0;
    for (Index i = 0; i < plane.size() && sky; ++i)
        if (residuals.good[i] && !found[i]) lowest = std::min(lowest, static_cast<double>(residuals.value[i]));
    double const limit =
        std::max(z * residuals.sigma * raised(std::max(lowest_cell, lowest / residuals.sigma)), windows.least);
    for (Index i = 0; i < plane.size(); ++i)
        found[i] |=
            residuals.good[i] && ((windows.bursts && static_cast<double>(residuals.burst[i / nc]) > windows.least) ||
                                  static_cast<double>(residuals.value[i]) > limit);
    SearchWindows searched = windows;
    searched.sky = sky;
    WindowSearch search(residuals, nt, nc, searched, found);
    auto const most = std::max(windows.integrations.size(), windows.channels.size());
    for (std::size_t i = 0; i < most; ++i) {
        if (i < windows.integrations.size()) search.run({windows.integrations[i], true}, z);
        if (i < windows.channels.size()) search.run({windows.channels[i], false}, z);
    }
}

std::vector<std::uint8_t> search_rounds(PowerPlane const& plane, SearchWindows const& windows)
{
    std::vector<std::uint8_t> found(static_cast<std::size_t>(plane.size()), 0);
    for (int round = 0; round < windows.rounds; ++round) search_round(plane, windows, found);
    return found;
}

}  // namespace

std::vector<std::uint8_t> search_plane(PowerPlane const& plane, SearchWindows const& windows)
{
    if (plane.size() == 0) return {};
    SearchWindows fitting = windows;
    fitting.z *= static_cast<double>(SumThresholdRule{}.small_plane(plane.size()));
    fitting.sky = false;
    auto found = search_rounds(plane, fitting);
    if (!windows.sky || std::find(found.begin(), found.end(), 1) == found.end()) return found;
    fitting.sky = true;
    auto const beside_sky = search_rounds(plane, fitting);
    for (std::size_t i = 0; i < found.size(); ++i) found[i] &= beside_sky[i];
    return found;
}

}  // namespace nocturne
