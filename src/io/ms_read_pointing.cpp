// POINTING of a Measurement Set that this program wrote: where the dishes looked while the sky drifted through their beam.
#include "io/ms_read_parts.hpp"
#include "io/ms_request.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne::ms {
namespace {

constexpr double copied_time_s = 1e-3;  // what other programs make of a time that they copy

/// [moment] from the rows, each standing for its interval; all antennas look the same way.
std::vector<Direction> pointings_of(Table const& table, std::vector<Moment> const& moments)
{
    auto const time = table.doubles("TIME"), interval = table.doubles("INTERVAL");
    std::vector<std::pair<double, std::size_t>> rows;
    for (std::size_t r = 0; r < time.size(); ++r)
        if (std::isfinite(time[r]) && std::isfinite(interval[r])) rows.emplace_back(time[r], r);
    std::sort(rows.begin(), rows.end());
    std::vector<Direction> pointings;
    for (auto const& moment : moments) {
        auto nearest = std::lower_bound(rows.begin(), rows.end(), std::pair(moment.time_mjd_s, std::size_t(0)));
        auto const distance_s = [&](auto const& row) { return std::abs(row->first - moment.time_mjd_s); };
        if (nearest != rows.begin() && (nearest == rows.end() || distance_s(nearest - 1) < distance_s(nearest)))
            --nearest;
        if (nearest == rows.end() || distance_s(nearest) > std::max(interval[nearest->second], copied_time_s))
            throw unreadable("table " + table.title(),
                             "it says nothing of MJD " + std::to_string(moment.time_mjd_s / day_s));
        auto const direction = table.double_cell("DIRECTION", nearest->second, 2);
        if (direction.size() != 2 || !(std::abs(direction[0]) <= 2 * pi && std::abs(direction[1]) <= pi / 2))
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
        if (table.rows() == 0 || !table.has("NAME") || table.reference("DIRECTION") != "ICRS") return {};
        auto const names = table.strings("NAME");
        auto const n_ours = std::count(names.begin(), names.end(), pointing_name);
        if (n_ours == 0) return {};
        if (n_ours < std::ssize(names))
            throw unreadable("table " + table.title(), "only some of its rows are of this program");
        return pointings_of(table, moments);
    } catch (Error const& error) {
        notes.push_back(error.problem() + " (" + error.reason() + "): the beam is taken to follow the phase centre");
        return {};
    }
}

}  // namespace nocturne::ms
