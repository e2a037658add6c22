#include "sky/transits.hpp"

#include "sky/beam.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace nocturne {
namespace {

/// Of the Earth's rotation against the stars (IERS Conventions 2010, 5.4.4), seconds of UT1.
constexpr double sidereal_day_s = 86164.09053;

}  // namespace

MjdSeconds transit_near(Site const& site, EarthOrientation const& earth, Direction direction, MjdSeconds around)
{
    MjdSeconds when = around;
    for (int step = 0; step < 3;
         ++step) {  // what is left of an error shrinks by the change of place in that time, 1e-4 and less
        double const turn = Instant(site, earth, when).apparent(direction).hour_angle.value() / (2 * pi);
        when = MjdSeconds(when.value() - (turn - std::round(turn)) * sidereal_day_s);
    }
    return when;
}

std::vector<Transit> transits(std::vector<Source> const& catalogue, EarthOrientation const& earth,
                              TransitSearch const& search)
{
    std::vector<Transit> found;
    double const begin = search.begin.value(), end = begin + search.span_s;
    Instant const first(search.site, earth, search.begin);
    for (auto const& source : catalogue) {
        // The apparent declination changes by less than 0.01 degrees in a day.
        double const away = std::abs(first.apparent(source.direction).dec.value() - search.dec.value());
        if (away > search.radius.value() + 0.01 * degree_rad) continue;
        auto when = transit_near(search.site, earth, source.direction, search.begin);
        if (when.value() < begin)
            when = transit_near(search.site, earth, source.direction, MjdSeconds(when.value() + sidereal_day_s));
        for (; when.value() < end;
             when = transit_near(search.site, earth, source.direction, MjdSeconds(when.value() + sidereal_day_s))) {
            auto const pointing = Instant(search.site, earth, when).meridian(search.dec);
            auto const apart = separation(source.direction, pointing);
            if (apart > search.radius) continue;
            double const beam = airy_power(search.dish_diameter_m, std::sin(apart.value()), search.freq_hz);
            found.push_back({source, when, apart, beam, source.flux_at(search.freq_hz) * beam});
        }
    }
    std::sort(found.begin(), found.end(), [](Transit const& a, Transit const& b) {
        return std::tuple(a.when, a.source.name) < std::tuple(b.when, b.source.name);
    });
    return found;
}

}  // namespace nocturne
