#include "stages/flag/antenna_sums.hpp"

#include "nocturne/median.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double outlier_sigmas = 5;

}  // namespace

CellParts split(ReceivedSums const& sums, std::vector<std::int64_t> const& sum, Index cell, std::uint8_t const* known)
{
    CellParts parts;
    std::vector<float> mean;
    double known_sum = 0;
    Index n_known = 0;
    for (Index a = 0; a < sums.n_antennas; ++a) {
        double const n = sums.samples(a, cell);
        parts.samples += n;
        if (n < 1) continue;
        auto const one = static_cast<float>(static_cast<double>(sum[a * sums.n_cells + cell]) / n);
        if (known[a])
            known_sum += static_cast<double>(one), ++n_known;
        else
            mean.push_back(one);
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
