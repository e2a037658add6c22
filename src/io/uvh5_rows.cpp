#include "io/header_parts.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace nocturne {
namespace {

constexpr double same_time_s = 1e-3;  // a JD in double resolves 40 µs

Error bad(std::string problem, std::string reason, std::string advice)
{
    return Error(Code::bad_input, std::move(problem), std::move(reason), std::move(advice));
}

/// Distinct times, ascending, and the index of each row's.
std::vector<std::int64_t> index_times(std::vector<double> const& row_time, std::vector<double>& times)
{
    std::vector<double> changes;
    for (std::size_t r = 0; r < row_time.size(); ++r)
        if (r == 0 || row_time[r] != row_time[r - 1]) changes.push_back(row_time[r]);
    std::sort(changes.begin(), changes.end());
    for (double t : changes)
        if (times.empty() || t - times.back() > same_time_s) times.push_back(t);
    std::vector<std::int64_t> index(row_time.size());
    for (std::size_t r = 0; r < row_time.size(); ++r) {
        if (r > 0 && row_time[r] == row_time[r - 1]) {
            index[r] = index[r - 1];
            continue;
        }
        auto const after = std::upper_bound(times.begin(), times.end(), row_time[r]);
        index[r] = after - times.begin() - 1;
    }
    return index;
}

std::unordered_map<std::int64_t, std::int32_t> index_antennas(std::vector<Antenna> const& antennas)
{
    std::unordered_map<std::int64_t, std::int32_t> index;
    for (std::size_t a = 0; a < antennas.size(); ++a) index[antennas[a].number] = static_cast<std::int32_t>(a);
    return index;
}

/// Baselines of all rows, swapped to ant1 ≤ ant2.
std::vector<Baseline> row_baselines(Rows const& rows, std::vector<Antenna> const& antennas, RowMap& map)
{
    auto const index = index_antennas(antennas);
    std::vector<Baseline> baselines(rows.ant1.size());
    map.swapped.resize(rows.ant1.size());
    for (std::size_t r = 0; r < rows.ant1.size(); ++r) {
        auto const a = index.find(rows.ant1[r]), b = index.find(rows.ant2[r]);
        if (a == index.end() || b == index.end())
            throw bad("a row names an antenna that the header does not list",
                      "row " + std::to_string(r) + ": " + std::to_string(rows.ant1[r]) + "-" +
                          std::to_string(rows.ant2[r]) +
                          " (Header/ant_1_array, Header/ant_2_array against Header/antenna_numbers)",
                      "repair the header");
        map.swapped[r] = a->second > b->second;
        baselines[r] = {std::min(a->second, b->second), std::max(a->second, b->second)};
    }
    return baselines;
}

/// Numbers the baselines in the order of the first integration (later ones after) and fills map.target.
void number_baselines(std::vector<Baseline> const& of_row, std::vector<std::int64_t> const& integration, RowMap& map)
{
    std::unordered_map<std::int64_t, std::int64_t> number;
    auto const key = [](Baseline b) { return (static_cast<std::int64_t>(b.ant1) << 32) | b.ant2; };
    for (int const first_only : {1, 0})
        for (std::size_t r = 0; r < of_row.size(); ++r) {
            if (first_only && integration[r] != 0) continue;
            if (number.try_emplace(key(of_row[r]), static_cast<std::int64_t>(map.baselines.size())).second)
                map.baselines.push_back(of_row[r]);
        }
    auto const n_baselines = static_cast<std::int64_t>(map.baselines.size());
    auto const n_cells = n_baselines * static_cast<std::int64_t>(map.time_mjd_s.size());
    if (n_cells > 2 * static_cast<std::int64_t>(of_row.size()))
        throw bad("the rows are too sparse",
                  std::to_string(of_row.size()) + " rows for " + std::to_string(map.time_mjd_s.size()) + " times by " +
                      std::to_string(n_baselines) + " baselines",
                  "split the file by baseline length or by time");
    map.target.resize(of_row.size());
    std::vector<bool> seen(static_cast<std::size_t>(n_cells), false);
    for (std::size_t r = 0; r < of_row.size(); ++r) {
        map.target[r] = integration[r] * n_baselines + number.at(key(of_row[r]));
        if (seen[static_cast<std::size_t>(map.target[r])])
            throw bad("a row appears twice", "row " + std::to_string(r) + " repeats a time and a baseline",
                      "repair the file");
        seen[static_cast<std::size_t>(map.target[r])] = true;
    }
}

/// The integration time of each integration; rows of one integration must agree to 1 %.
void set_integration_times(Rows const& rows, std::vector<std::int64_t> const& integration, RowMap& map)
{
    map.integration_s.assign(map.time_mjd_s.size(), 0);
    for (std::size_t r = 0; r < integration.size(); ++r) {
        double& known = map.integration_s[static_cast<std::size_t>(integration[r])];
        double const s = rows.integration_s[r];
        if (s <= 0)
            throw bad("Header/integration_time is not positive", "row " + std::to_string(r), "repair the header");
        if (known == 0) known = s;
        if (std::abs(s - known) > 0.01 * known)
            throw bad(
                "the integration time differs between baselines",
                "row " + std::to_string(r) + ": " + std::to_string(s) + " s against " + std::to_string(known) + " s",
                "files with baseline-dependent averaging are not read: average or expand them to one time axis");
    }
}

}  // namespace

std::shared_ptr<RowMap const> map_rows(Rows rows, std::vector<Antenna> const& antennas)
{
    auto map = std::make_shared<RowMap>();
    auto const integration = index_times(rows.time_mjd_s, map->time_mjd_s);
    set_integration_times(rows, integration, *map);
    number_baselines(row_baselines(rows, antennas, *map), integration, *map);
    map->rows = std::move(rows);
    return map;
}

}  // namespace nocturne
