#include "stages/flag/antenna_sums.hpp"

#include "nocturne/median.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double outlier_sigmas = 5;

}  // namespace

std::vector<float> ReceivedSums::means(std::vector<std::int64_t> const& sum, Index first, Index n) const
{
    std::vector<float> mean(static_cast<std::size_t>(n * n_antennas));
    for (Index a = 0; a < n_antennas; ++a)
        for (Index i = 0; i < n; ++i) {
            double const have = samples(a, first + i);
            mean[i * n_antennas + a] =
                have < 1 ? -1.0F : static_cast<float>(static_cast<double>(sum[a * n_cells + first + i]) / have);
        }
    return mean;
}

CellParts split(std::span<float const> all, double samples, std::uint8_t const* known)
{
    CellParts parts;
    parts.samples = samples;
    std::vector<float> mean;
    mean.reserve(all.size());
    double known_sum = 0;
    Index n_known = 0;
    for (std::size_t a = 0; a < all.size(); ++a) {
        if (all[a] < 0) continue;
        if (known[a])
            known_sum += static_cast<double>(all[a]), ++n_known;
        else
            mean.push_back(all[a]);
    }
    if (mean.empty()) return parts;
    auto const antennas = static_cast<double>(std::ssize(mean) + n_known);
    parts.others = std::max(1.0, antennas - 1);
    parts.middle = static_cast<double>(median_of(mean));
    parts.limit = parts.middle * outlier_sigmas / std::sqrt(std::max(1.0, parts.samples / antennas));
    for (float one : mean) parts.alone += parts.outlier(static_cast<double>(one), false);
    parts.alone += parts.share() * (known_sum - static_cast<double>(n_known) * parts.middle);
    parts.common = std::max(0.0, parts.middle - parts.alone / parts.others);
    return parts;
}

}  // namespace nocturne
