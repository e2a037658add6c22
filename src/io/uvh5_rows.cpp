#include "io/damaged.hpp"
#include "io/header_parts.hpp"
#include "io/spacing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace nocturne {
namespace {

constexpr double same_time_s = 1e-3;  // as pyuvdata takes rows together
constexpr std::size_t most_cells_per_row = 2, most_ragged_cells_per_row = 32;

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

/// Small non-negative keys to numbers: a table where that is not much larger than the rows, else a hash map.
class Numbers {
public:
    Numbers(std::int64_t most_key, std::size_t n_rows)
    {
        constexpr std::size_t always = std::size_t(1) << 20;
        auto const n = static_cast<std::size_t>(most_key) + 1;
        if (n <= std::max(always, 4 * n_rows)) table_.assign(n, -1);
    }
    /// The number of a key, −1 = none yet.
    std::int32_t& operator[](std::int64_t key)
    {
        if (!table_.empty()) return table_[static_cast<std::size_t>(key)];
        return map_.try_emplace(key, -1).first->second;
    }

private:
    std::vector<std::int32_t> table_;
    std::unordered_map<std::int64_t, std::int32_t> map_;
};

/// Baselines of all rows, swapped to ant1 ≤ ant2.
std::vector<Baseline> row_baselines(Rows const& rows, std::vector<Antenna> const& antennas, RowMap& map)
{
    auto const most = static_cast<std::int64_t>(antennas.back().number);
    Numbers index(most, rows.ant1.size());
    for (std::size_t a = 0; a < antennas.size(); ++a) index[antennas[a].number] = static_cast<std::int32_t>(a);
    auto const find = [&](std::int64_t number) { return number < 0 || number > most ? -1 : index[number]; };
    std::vector<Baseline> baselines(rows.ant1.size());
    map.swapped.resize(rows.ant1.size());
    for (std::size_t r = 0; r < rows.ant1.size(); ++r) {
        auto const a = find(rows.ant1[r]), b = find(rows.ant2[r]);
        if (a < 0 || b < 0)
            throw bad_input("a row names an antenna that the header does not list",
                            "row " + std::to_string(r) + ": " + std::to_string(rows.ant1[r]) + "-" +
                                std::to_string(rows.ant2[r]) +
                                " (Header/ant_1_array, Header/ant_2_array against Header/antenna_numbers)",
                            "repair the header");
        map.swapped[r] = a > b;
        baselines[r] = {std::min(a, b), std::max(a, b)};
    }
    auto const turned = std::count(map.swapped.begin(), map.swapped.end(), 1);
    map.turned = turned == 0                         ? TurnedRows::none
                 : turned == std::ssize(map.swapped) ? TurnedRows::all
                                                     : TurnedRows::some;
    return baselines;
}

/// What the steps below share.
struct Sorting {
    std::vector<std::int64_t> time;      ///< [row] index of its time
    std::vector<std::int64_t> baseline;  ///< [row] index of its baseline
    std::vector<double> times;           ///< distinct, ascending
};

/// Numbers the baselines in the order of the first time, later ones after.
void number_baselines(std::vector<Baseline> const& of_row, std::size_t n_antennas, Sorting& sorting, RowMap& map)
{
    auto const n = static_cast<std::int64_t>(n_antennas);
    Numbers number(n * n - 1, of_row.size());
    sorting.baseline.resize(of_row.size());
    for (int const first_only : {1, 0})
        for (std::size_t r = 0; r < of_row.size(); ++r) {
            if (first_only && sorting.time[r] != 0) continue;
            auto& known = number[of_row[r].ant1 * n + of_row[r].ant2];
            if (known < 0) {
                known = static_cast<std::int32_t>(map.baselines.size());
                map.baselines.push_back(of_row[r]);
            }
            sorting.baseline[r] = known;
        }
}

/// Renumbers the baselines as another file of the group has them, where they are the same ones.
void adopt_order(std::vector<Baseline> const& like, std::size_t n_antennas, Sorting& sorting, RowMap& map)
{
    if (like.size() != map.baselines.size()) return;
    auto const n = static_cast<std::int64_t>(n_antennas);
    Numbers number(n * n - 1, like.size());
    for (std::size_t b = 0; b < like.size(); ++b)
        number[like[b].ant1 * n + like[b].ant2] = static_cast<std::int32_t>(b);
    std::vector<std::int32_t> to;
    for (auto const& baseline : map.baselines) to.push_back(number[baseline.ant1 * n + baseline.ant2]);
    if (std::count(to.begin(), to.end(), -1) > 0) return;
    map.baselines = like;
    for (auto& b : sorting.baseline) b = to[static_cast<std::size_t>(b)];
}

std::int32_t centre_index(Rows const& rows, std::size_t row) { return rows.centre.empty() ? 0 : rows.centre[row]; }

/// The centre of each time; nothing where a time has several.
std::optional<std::vector<std::int32_t>> one_centre_each(Rows const& rows, Sorting const& sorting)
{
    std::vector<std::int32_t> centre(sorting.times.size(), -1);
    for (std::size_t r = 0; r < sorting.time.size(); ++r) {
        auto& known = centre[static_cast<std::size_t>(sorting.time[r])];
        if (known < 0) known = centre_index(rows, r);
        if (known != centre_index(rows, r)) return {};
    }
    return centre;
}

/// Every time of the file is an integration. False where rows have a time and a baseline in common.
bool map_onto_times(Rows const& rows, Sorting const& sorting, std::vector<std::int32_t> const& centres, RowMap& map)
{
    auto const n_baselines = static_cast<std::int64_t>(map.baselines.size());
    std::size_t const n_cells = map.baselines.size() * sorting.times.size();
    map.time_mjd_s = sorting.times;
    std::vector<std::uint8_t> seen(n_cells, 0);
    for (std::size_t r = 0; r < sorting.time.size(); ++r) {
        map.target[r] = sorting.time[r] * n_baselines + sorting.baseline[r];
        auto& here = seen[static_cast<std::size_t>(map.target[r])];
        if (here) return false;
        here = 1;
    }
    if (sorting.time.size() < n_cells) map.present = std::move(seen);
    if (rows.centre.empty()) return true;
    for (std::size_t t = 0; t < centres.size(); ++t) map.moments.push_back({sorting.times[t], centres[t], 0});
    return true;
}

/// Rows in the order of baseline, time and centre, and of the file where all three are the same: those are counted.
std::vector<std::size_t> order_by_baseline(Rows const& rows, Sorting const& sorting, std::int64_t& n_repeated)
{
    std::vector<std::size_t> order(sorting.time.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    auto const key = [&](std::size_t r) {
        return std::tuple(sorting.baseline[r], sorting.time[r], centre_index(rows, r));
    };
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return std::pair(key(a), a) < std::pair(key(b), b); });
    for (std::size_t i = 1; i < order.size(); ++i) n_repeated += key(order[i]) == key(order[i - 1]);
    return order;
}

/// All pairs of time and centre that occur become moments; returns the moment of each row.
std::vector<std::int32_t> number_moments(Rows const& rows, Sorting const& sorting, RowMap& map)
{
    std::map<std::pair<std::int64_t, std::int32_t>, std::int32_t> number;
    for (std::size_t r = 0; r < sorting.time.size(); ++r) number[{sorting.time[r], centre_index(rows, r)}] = 0;
    for (auto& [key, moment] : number) {
        moment = static_cast<std::int32_t>(map.moments.size());
        map.moments.push_back({sorting.times[static_cast<std::size_t>(key.first)], key.second, 0});
    }
    std::vector<std::int32_t> of_row(sorting.time.size());
    for (std::size_t r = 0; r < of_row.size(); ++r) of_row[r] = number.at({sorting.time[r], centre_index(rows, r)});
    return of_row;
}

/// Integration i of a baseline is its i-th sample.
void map_onto_samples(Rows const& rows, Sorting const& sorting, RowMap& map)
{
    auto const order = order_by_baseline(rows, sorting, map.n_repeated);
    std::vector<std::int64_t> count(map.baselines.size(), 0), sample(order.size());
    for (auto const r : order) sample[r] = count[static_cast<std::size_t>(sorting.baseline[r])]++;
    auto const n = static_cast<std::size_t>(*std::max_element(count.begin(), count.end()));
    std::size_t const n_cells = n * map.baselines.size();
    if (n_cells > most_ragged_cells_per_row * order.size())
        throw bad_input("the rows are too sparse",
                        std::to_string(order.size()) + " rows for " + std::to_string(n) + " samples by " +
                            std::to_string(map.baselines.size()) + " baselines",
                        "split the file by baseline length or by time");
    auto const moment = number_moments(rows, sorting, map);
    map.moment_of.assign(n_cells, -1);
    map.present.assign(n_cells, 0);
    map.time_mjd_s.assign(n, 0);
    std::vector<double> share(n, 0);
    for (std::size_t r = 0; r < order.size(); ++r) {
        auto const b = static_cast<std::size_t>(sorting.baseline[r]), i = static_cast<std::size_t>(sample[r]);
        std::size_t const cell = i * map.baselines.size() + b;
        map.target[r] = static_cast<std::int64_t>(cell);
        map.moment_of[cell] = moment[r];
        map.present[cell] = 1;
        if (count[b] < static_cast<std::int64_t>(n)) continue;  // baselines with all samples: so that the means ascend
        map.time_mjd_s[i] += sorting.times[static_cast<std::size_t>(sorting.time[r])];
        share[i] += 1;
    }
    for (std::size_t i = 0; i < n; ++i) {
        map.time_mjd_s[i] /= share[i];
        if (i > 0) map.time_mjd_s[i] = std::max(map.time_mjd_s[i], map.time_mjd_s[i - 1] + same_time_s);
    }
    if (std::all_of(map.present.begin(), map.present.end(), [](auto p) { return p != 0; })) map.present.clear();
}

/// The integration times of the rows. One of 0 was never written: the distance to the nearest time of the row's baseline stands for
/// it, or to the nearest of the file where the baseline has one time.
std::vector<double> known_integration_times(Rows const& rows, Sorting const& sorting, RowMap& map)
{
    auto known = rows.integration_s;
    map.n_without_length = std::count(known.begin(), known.end(), 0.0);
    if (map.n_without_length == 0) return known;
    std::vector<std::vector<double>> of_baseline(map.baselines.size());
    auto const time = [&](std::size_t r) { return sorting.times[static_cast<std::size_t>(sorting.time[r])]; };
    for (std::size_t r = 0; r < known.size(); ++r)
        of_baseline[static_cast<std::size_t>(sorting.baseline[r])].push_back(time(r));
    for (auto& times : of_baseline) std::sort(times.begin(), times.end());
    for (std::size_t r = 0; r < known.size(); ++r) {
        if (known[r] != 0) continue;
        known[r] =
            distance_to_nearest(of_baseline[static_cast<std::size_t>(sorting.baseline[r])], time(r), same_time_s);
        if (known[r] == 0) known[r] = distance_to_nearest(sorting.times, time(r), same_time_s);
        if (known[r] == 0)
            throw bad_input("Header/integration_time is 0", "and the file has one time, row " + std::to_string(r),
                            "write how long it was integrated");
    }
    return known;
}

/// The integration time of each integration, and of each sample where they differ.
void set_integration_times(Rows const& rows, Sorting const& sorting, RowMap& map)
{
    auto const integration_s = known_integration_times(rows, sorting, map);
    constexpr double same = 1e-6;
    auto const n_baselines = static_cast<std::int64_t>(map.baselines.size());
    map.integration_s.assign(map.time_mjd_s.size(), 0);
    bool differ = false;
    for (std::size_t r = 0; r < map.target.size(); ++r) {
        double const s = integration_s[r];
        if (s < 0)
            throw bad_input("Header/integration_time is negative", "row " + std::to_string(r), "repair the header");
        double& known = map.integration_s[static_cast<std::size_t>(map.target[r] / n_baselines)];
        if (known == 0) known = s;
        differ = differ || std::abs(s - known) > same * known;
    }
    if (!differ) return;
    map.exposure_s.assign(map.time_mjd_s.size() * map.baselines.size(), 0);
    for (std::size_t r = 0; r < map.target.size(); ++r)
        map.exposure_s[static_cast<std::size_t>(map.target[r])] = integration_s[r];
}

/// Times that rows have of their own, apart from their moment's.
void set_offsets(Rows const& rows, Sorting const& sorting, RowMap& map)
{
    std::vector<double> offset(map.time_mjd_s.size() * map.baselines.size(), 0);
    bool any = false;
    for (std::size_t r = 0; r < map.target.size(); ++r) {
        double const own = rows.time_mjd_s[r] - sorting.times[static_cast<std::size_t>(sorting.time[r])];
        offset[static_cast<std::size_t>(map.target[r])] = own;
        any = any || std::abs(own) > own_time_s;
    }
    if (any) map.offset_s = std::move(offset);
}

void set_file_w(Rows const& rows, RowMap& map)
{
    if (rows.w_m.empty()) return;
    map.stopped_w_m.assign(map.time_mjd_s.size() * map.baselines.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t r = 0; r < map.target.size(); ++r)
        map.stopped_w_m[static_cast<std::size_t>(map.target[r])] = map.swapped[r] ? -rows.w_m[r] : rows.w_m[r];
}

}  // namespace

std::shared_ptr<RowMap const> map_rows(Rows rows, std::vector<Antenna> const& antennas, RowMap const* like)
{
    auto map = std::make_shared<RowMap>();
    Sorting sorting;
    sorting.time = index_times(rows.time_mjd_s, sorting.times);
    number_baselines(row_baselines(rows, antennas, *map), antennas.size(), sorting, *map);
    if (like) adopt_order(like->baselines, antennas.size(), sorting, *map);
    map->target.resize(sorting.time.size());
    auto const centres = one_centre_each(rows, sorting);
    std::size_t const n_cells = map->baselines.size() * sorting.times.size();
    bool const fits = centres && n_cells <= most_cells_per_row * sorting.time.size();
    if (!fits || !map_onto_times(rows, sorting, *centres, *map)) map_onto_samples(rows, sorting, *map);
    set_integration_times(rows, sorting, *map);
    set_offsets(rows, sorting, *map);
    set_file_w(rows, *map);
    map->rows = std::move(rows);
    return map;
}

}  // namespace nocturne
