#include "sky/calibrators.hpp"

#include "sky/beam.hpp"
#include "sky/data_path.hpp"
#include "sky/frames.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace nocturne {

std::vector<Source> shipped_calibrators() { return read_sources(data_path("catalogs/vla_calibrators.csv")); }

std::vector<CalibratorMatch> match_calibrators(std::vector<Source> const& catalogue, CalibratorSearch const& search)
{
    std::vector<CalibratorMatch> matches;
    for (auto const& source : catalogue) {
        auto const apart = separation(source.direction, search.direction);
        if (apart > search.radius) continue;
        double const beam = airy_power(search.dish_diameter_m, std::sin(apart.value()), search.freq_hz);
        matches.push_back({source, apart, source.flux_at(search.freq_hz) * beam});
    }
    std::sort(matches.begin(), matches.end(), [](auto const& a, auto const& b) {
        return std::tuple(-a.seen_flux_jy, a.separation, a.source.name) <
               std::tuple(-b.seen_flux_jy, b.separation, b.source.name);
    });
    return matches;
}

}  // namespace nocturne
