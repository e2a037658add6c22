// POINTING of a Measurement Set that this program wrote: where the dishes looked while the sky drifted through their beam.
#include "io/ms_read_parts.hpp"
#include "io/ms_request.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne::ms {
namespace {

constexpr double copied_time_s = 1e-3;  // what other programs make of a time that they copy

struct TimedRow {
    double time_s, interval_s;
    std::size_t row;
};

Direction direction_in(Table const& table, TimedRow const& at)
{
    auto const cell = table.double_cell("DIRECTION", at.row, 2);
    if (cell.size() != 2 || !(std::abs(cell[0]) <= 2 * pi && std::abs(cell[1]) <= pi / 2))
        throw unreadable("column DIRECTION of " + table.title(), "it is no direction");
    return {Radians(cell[0]), Radians(cell[1])};
}

/// The rows that have a time, by time; all antennas look the same way.
std::vector<TimedRow> rows_by_time(Table const& table)
{
    auto const time = table.doubles("TIME"), interval = table.doubles("INTERVAL");
    std::vector<TimedRow> rows;
    for (std::size_t r = 0; r < time.size(); ++r)
        if (std::isfinite(time[r]) && std::isfinite(interval[r])) rows.push_back({time[r], interval[r], r});
    std::stable_sort(rows.begin(), rows.end(),
                     [](TimedRow const& a, TimedRow const& b) { return a.time_s < b.time_s; });
    return rows;
}

/// By a share of the way from one to the other.
Direction between(Direction one, Direction other, double share)
{
    if (share == 1) return other;
    double const way = std::remainder(other.ra.value() - one.ra.value(), 2 * pi);
    return {Radians(one.ra.value() + share * way),
            Radians(one.dec.value() + share * (other.dec.value() - one.dec.value()))};
}

/// [moment] from the rows, each of which stands for its interval; averages of times lie between two of them.
std::vector<Direction> pointings_of(Table const& table, std::vector<Moment> const& moments)
{
    auto const rows = rows_by_time(table);
    std::vector<Direction> pointings;
    for (auto const& moment : moments) {
        double const time_s = moment.time_mjd_s;
        auto const after = std::lower_bound(rows.begin(), rows.end(), time_s,
                                            [](TimedRow const& row, double time) { return row.time_s < time; });
        auto const holds = [&](auto const& row) {
            return std::abs(row->time_s - time_s) <= std::max(row->interval_s, copied_time_s);
        };
        bool const late = after != rows.end() && holds(after), early = after != rows.begin() && holds(after - 1);
        if (!late && !early)
            throw unreadable("table " + table.title(), "it says nothing of MJD " + std::to_string(time_s / day_s));
        auto const one = direction_in(table, early ? *(after - 1) : *after);
        double const share = late && early ? (time_s - (after - 1)->time_s) / (after->time_s - (after - 1)->time_s) : 0;
        pointings.push_back(share == 0 ? one : between(one, direction_in(table, *after), share));
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
