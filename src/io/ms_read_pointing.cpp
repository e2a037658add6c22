// POINTING of a Measurement Set that this program wrote: where the dishes looked while the sky drifted through their beam.
#include "io/ms_read_parts.hpp"
#include "io/ms_request.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne::ms {
namespace {

/// [moment] from the rows of one antenna, each standing for its interval.
std::vector<Direction> pointings_of(Table const& table, std::vector<Moment> const& moments)
{
    auto const antenna = table.integers("ANTENNA_ID");
    auto const time = table.doubles("TIME"), interval = table.doubles("INTERVAL");
    std::vector<std::pair<double, std::size_t>> rows;
    for (std::size_t r = 0; r < antenna.size(); ++r)
        if (antenna[r] == antenna.front()) rows.emplace_back(time[r], r);
    std::sort(rows.begin(), rows.end());
    std::vector<Direction> pointings;
    for (auto const& moment : moments) {
        auto const after = std::lower_bound(rows.begin(), rows.end(), std::pair(moment.time_mjd_s, std::size_t(0)));
        auto nearest = after == rows.end() ? after - 1 : after;
        if (after != rows.begin() &&
            moment.time_mjd_s - (after - 1)->first < std::abs(nearest->first - moment.time_mjd_s))
            nearest = after - 1;
        if (std::abs(nearest->first - moment.time_mjd_s) > interval[nearest->second])
            throw unreadable("table " + table.title(),
                             "it says nothing of MJD " + std::to_string(moment.time_mjd_s / day_s));
        auto const direction = table.double_cell("DIRECTION", nearest->second, 2);
        if (direction.size() != 2 || !std::isfinite(direction[0] + direction[1]))
            throw unreadable("column DIRECTION of " + table.title(), "it is no direction");
        pointings.push_back({Radians(direction[0]), Radians(direction[1])});
    }
    return pointings;
}

}  // namespace

std::vector<Direction> read_pointings(Table const& main, std::vector<Moment> const& moments,
                                      std::vector<std::string>& notes)
{
    try {
        if (!main.has_subtable("POINTING")) return {};
        auto const table = main.subtable("POINTING");
        if (table.rows() == 0 || !table.has("NAME")) return {};
        auto const names = table.strings("NAME");
        auto const ours = [](std::string const& name) { return name == pointing_name; };
        if (!std::all_of(names.begin(), names.end(), ours) || table.reference("DIRECTION") != "ICRS") return {};
        return pointings_of(table, moments);
    } catch (Error const& error) {
        notes.push_back(error.problem() + " (" + error.reason() + "): the beam is taken to follow the phase centre");
        return {};
    }
}

}  // namespace nocturne::ms
