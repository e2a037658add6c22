#include "stages/image/track.hpp"

#include "stages/image/chebyshev.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// Of `n` integrations, `count` different ones near the Chebyshev positions of the segment, ascending.
std::vector<std::size_t> spread(std::size_t n, std::size_t count)
{
    auto const wanted = chebyshev_nodes(static_cast<int>(count), 0, static_cast<double>(n - 1));
    std::vector<std::size_t> chosen;
    for (std::size_t k = 0; k < count; ++k) {
        auto const nearest = static_cast<std::size_t>(std::lround(wanted[k]));
        std::size_t const least = chosen.empty() ? 0 : chosen.back() + 1;
        chosen.push_back(std::clamp(nearest, least, n - count + k));
    }
    return chosen;
}

}  // namespace

Track::Track(std::vector<double> time_s, std::vector<Uvw> uvw_m) : time_s_(std::move(time_s)), uvw_m_(std::move(uvw_m))
{
    double const scale = 4 / (time_s_.back() - time_s_.front());
    weight_.assign(time_s_.size(), 1);
    for (std::size_t i = 0; i < time_s_.size(); ++i)
        for (std::size_t j = 0; j < time_s_.size(); ++j)
            if (i != j) weight_[i] /= scale * (time_s_[i] - time_s_[j]);
}

std::optional<Track> Track::fit(std::span<double const> time_s, std::span<Uvw const> uvw_m)
{
    std::size_t const n = time_s.size();
    if (n < 4) return std::nullopt;
    for (std::size_t count : {5, 7, 9, 12, 16}) {
        count = std::min(count, n - 1);
        std::vector<double> times;
        std::vector<Uvw> points;
        for (std::size_t i : spread(n, count)) {
            times.push_back(time_s[i]);
            points.push_back(uvw_m[i]);
        }
        Track const track(std::move(times), std::move(points));
        double worst = 0;
        for (std::size_t i = 0; i < n; ++i) {
            auto const found = track.at(time_s[i]);
            for (std::size_t axis = 0; axis < 3; ++axis)
                worst = std::max(worst, std::abs(found[axis] - uvw_m[i][axis]));
        }
        if (worst <= tolerance_m) return track;
        if (count == n - 1) break;
    }
    return std::nullopt;
}

Uvw Track::at(double time_s) const
{
    double below = 0;
    Uvw above{};
    for (std::size_t i = 0; i < time_s_.size(); ++i) {
        if (time_s == time_s_[i]) return uvw_m_[i];
        double const term = weight_[i] / (time_s - time_s_[i]);
        below += term;
        for (std::size_t axis = 0; axis < 3; ++axis) above[axis] += term * uvw_m_[i][axis];
    }
    return {above[0] / below, above[1] / below, above[2] / below};
}

}  // namespace nocturne
