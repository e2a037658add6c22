// Enters: named files. Leaves: groups, each with one file a subband.
#include "driver/grouping.hpp"

#include "nocturne/error.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace nocturne {
namespace {

constexpr double default_tolerance_s = 60;  // dsa110-contimg's cluster_tolerance_s

/// The least time between successive files of one subband. Files closer than half a file's duration are versions of the
/// same; where names jitter around a continuous drift, the duration is the better number.
std::optional<double> cadence_of(std::vector<NamedFile> const& files, double duration_s)
{
    std::map<int, std::vector<double>> times;
    for (auto const& file : files) times[file.subband].push_back(file.stamp_mjd_s);
    double least = INFINITY;
    for (auto& [subband, list] : times) {
        std::sort(list.begin(), list.end());
        for (std::size_t i = 1; i < list.size(); ++i) {
            double const step = list[i] - list[i - 1];
            if (step > std::max(0.5 * duration_s, 1.0)) least = std::min(least, step);
        }
    }
    if (!std::isfinite(least)) return std::nullopt;
    bool const continuous = duration_s > 0 && std::abs(least - duration_s) < 0.25 * duration_s;
    return continuous ? duration_s : least;
}

double tolerance_of(GroupingOptions const& options, std::optional<double> cadence_s)
{
    if (!options.tolerance_s) return cadence_s ? std::min(default_tolerance_s, 0.49 * *cadence_s) : default_tolerance_s;
    double const tolerance = *options.tolerance_s;
    double const cadence = cadence_s.value_or(options.duration_s);  // 0 = unknown
    if (!(tolerance >= 0) || (cadence > 0 && tolerance >= 0.5 * cadence))
        throw Error(Code::bad_config,
                    "cluster tolerance " + std::to_string(tolerance) + " s does not tell groups apart",
                    cadence > 0 ? "groups follow each other every " + std::to_string(cadence) + " s" : "it is negative",
                    "give --cluster-tolerance less than half of that");
    return tolerance;
}

/// Where groups stand: the stamps of the lowest subbands, each farther than the tolerance from all others. Rising.
std::vector<double> find_anchors(std::vector<NamedFile> const& files, std::vector<std::size_t> order,
                                 double tolerance_s)
{
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::tuple(files[a].subband, files[a].stamp_mjd_s) < std::tuple(files[b].subband, files[b].stamp_mjd_s);
    });
    std::vector<double> anchors;
    for (std::size_t i : order) {
        double const time = files[i].stamp_mjd_s;
        auto const after = std::lower_bound(anchors.begin(), anchors.end(), time);
        bool const near = (after != anchors.end() && *after - time <= tolerance_s) ||
                          (after != anchors.begin() && time - *(after - 1) <= tolerance_s);
        if (!near) anchors.insert(after, time);
    }
    return anchors;
}

/// The anchor nearest to `time`; the earlier one of two equally near.
std::size_t nearest_anchor(std::vector<double> const& anchors, double time)
{
    auto const after =
        static_cast<std::size_t>(std::lower_bound(anchors.begin(), anchors.end(), time) - anchors.begin());
    if (after == 0) return 0;
    if (after == anchors.size()) return after - 1;
    return time - anchors[after - 1] <= anchors[after] - time ? after - 1 : after;
}

bool wins(NamedFile const& a, NamedFile const& b)
{
    if (a.modified_s != b.modified_s) return a.modified_s > b.modified_s;
    if (a.bytes != b.bytes) return a.bytes > b.bytes;
    return a.path < b.path;
}

/// Chooses one file a subband among `members` and names the group.
FileGroup make_group(std::vector<NamedFile> const& files, std::vector<std::size_t> members, int expected)
{
    std::sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
        if (files[a].subband != files[b].subband) return files[a].subband < files[b].subband;
        return files[a].usable != files[b].usable ? files[a].usable : wins(files[a], files[b]);
    });
    FileGroup group;
    group.group_id = files[members.front()].stamp;
    group.stamp_mjd_s = files[members.front()].stamp_mjd_s;
    for (std::size_t i : members) {
        bool const taken = !group.chosen.empty() && files[group.chosen.back()].subband == files[i].subband;
        if (!files[i].usable)
            group.unusable.push_back(i);
        else if (taken)
            group.superseded.push_back({i, group.chosen.back()});
        else
            group.chosen.push_back(i);
    }
    std::size_t next = 0;
    for (int subband = 0; subband < expected; ++subband) {
        if (next < group.chosen.size() && files[group.chosen[next]].subband == subband)
            ++next;
        else
            group.missing.push_back(subband);
    }
    return group;
}

}  // namespace

Grouping group_files(std::vector<NamedFile> const& files, GroupingOptions const& options)
{
    Grouping result;
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < files.size(); ++i)
        (files[i].subband < options.expected_subbands ? members : result.out_of_range).push_back(i);
    result.cadence_s = cadence_of(files, options.duration_s);
    result.tolerance_s = tolerance_of(options, result.cadence_s);
    if (!result.cadence_s && options.duration_s > 0) result.cadence_s = options.duration_s;
    auto const anchors = find_anchors(files, members, result.tolerance_s);
    std::vector<std::vector<std::size_t>> clusters(anchors.size());
    for (std::size_t i : members) clusters[nearest_anchor(anchors, files[i].stamp_mjd_s)].push_back(i);
    for (auto& cluster : clusters)
        if (!cluster.empty()) result.groups.push_back(make_group(files, std::move(cluster), options.expected_subbands));
    std::sort(result.groups.begin(), result.groups.end(), [](FileGroup const& a, FileGroup const& b) {
        return std::tie(a.stamp_mjd_s, a.group_id) < std::tie(b.stamp_mjd_s, b.group_id);
    });
    return result;
}

}  // namespace nocturne
