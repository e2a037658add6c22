#include "stages/image/point_source.hpp"

#include "nocturne/units.hpp"

#include <cmath>

namespace nocturne {

std::vector<Vis> point_source(NodeGeometry const& points, Slant const& slant, PlaneCosines at, float flux_jy)
{
    auto const plain = plain_of(slant, at);
    double const q = slant.n_minus_1(at.l, at.m);
    std::vector<Vis> values(static_cast<std::size_t>(points.n_points));
    for (auto const& line : points.lines) {
        double const turns_per_hz =
            (line.uvw_m[0] * plain.l + line.uvw_m[1] * plain.m + line.uvw_m[2] * q) / speed_of_light_m_s;
        double const* const freq_hz = points.freq_hz.data() + line.first_freq;
        Vis* const out = values.data() + line.first_value;
        for (int p = 0; p < line.n; ++p) {
            double const turns = turns_per_hz * freq_hz[p];
            auto const angle = static_cast<float>(2 * pi * (turns - std::nearbyint(turns)));
            out[p] = {flux_jy * std::cos(angle), flux_jy * std::sin(angle)};
        }
    }
    return values;
}

}  // namespace nocturne
