#include "driver/ms_geometry.hpp"

#include "nocturne/set_layout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nocturne {
namespace {

/// UVW further than this from geometry, relative, are those of another direction: precession since 1950 is 0.017.
constexpr double other_direction = 0.01;
constexpr double unexplained = 0.01;  // of the squares, where a shift of direction is taken for the reason

}  // namespace

void for_each_file_uvw(GroupHeader const& header,
                       std::function<void(std::size_t, std::size_t, double const*)> const& body)
{
    auto const nb = header.baselines.size();
    if (header.file_uvw_m.empty()) return;
    for (std::size_t t = 0; t < header.time_mjd_s.size(); ++t)
        for (std::size_t b = 0; b < nb; ++b) {
            bool const there = header.present.empty() || header.present[t * nb + b];
            if (there && header.baselines[b].ant1 != header.baselines[b].ant2)
                body(t, b, header.file_uvw_m.data() + 3 * (t * nb + b));
        }
}

namespace {

/// [integration][baseline][3] from antennas, times and phase centres.
std::vector<double> expected_uvw(GroupHeader const& header, GroupMoments const& moments)
{
    std::vector<Direction> own;
    for (Index m = 0; m < moments.size(); ++m) own.push_back(moments.own_direction(m));
    auto fresh = header;
    fresh.file_uvw_m.clear();
    return plan_phasing(fresh, moments, own).uvw_m;
}

/// w of the file less the expected w as a shift of direction, w = l u + m v, by least squares: one for each centre.
struct Shift {
    double uu = 0, uv = 0, vv = 0, uw = 0, vw = 0, ww = 0;
    double l = 0, m = 0;

    void add(double const* uvw, double excess)
    {
        uu += uvw[0] * uvw[0];
        uv += uvw[0] * uvw[1];
        vv += uvw[1] * uvw[1];
        uw += uvw[0] * excess;
        vw += uvw[1] * excess;
        ww += excess * excess;
    }
    /// Where a shift is all that there is; else 0.
    void solve()
    {
        double const determinant = uu * vv - uv * uv;
        if (!(determinant > 1e-12 * uu * vv)) return;  // all on one line: nothing can be said
        double const x = (vv * uw - uv * vw) / determinant, y = (uu * vw - uv * uw) / determinant;
        double const left = ww - x * uw - y * vw;
        if (left > unexplained * ww) return;
        l = x;
        m = y;
    }
};

std::size_t centre_of(GroupHeader const& header, GroupMoments const& moments, std::size_t row)
{
    auto const m = header.ragged() ? header.moment_of[row] : static_cast<std::int32_t>(row / header.baselines.size());
    return m < 0 ? 0 : static_cast<std::size_t>(moments.moment(m).centre);
}

}  // namespace

UvwComparison compare_uvw(GroupHeader const& header, GroupMoments const& moments)
{
    auto const expected = expected_uvw(header, moments);
    double across = 0, squared = 0, apart = 0, lengths = 0;
    UvwComparison found;
    for_each_file_uvw(header, [&](std::size_t t, std::size_t b, double const* uvw) {
        double const* wanted = expected.data() + 3 * (t * header.baselines.size() + b);
        double difference = 0, length = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            across += uvw[i] * wanted[i];
            length += wanted[i] * wanted[i];
            difference += (uvw[i] - wanted[i]) * (uvw[i] - wanted[i]);
        }
        squared += length;
        found.worst_m = std::max(found.worst_m, std::sqrt(difference));
        if (uvw[0] == 0 && uvw[1] == 0 && uvw[2] == 0) return;
        apart += difference;
        lengths += length;
    });
    if (squared > 0) found.factor = across / squared;
    if (lengths > 0) found.unlike = std::sqrt(apart / lengths);
    return found;
}

std::string choose_times(GroupHeader& header)
{
    constexpr double clearly = 0.5;
    if (header.offset_s.empty() || header.file_uvw_m.empty()) return "";
    GroupMoments const moments(header, EarthOrientation::load());
    double const by_centroid = compare_uvw(header, moments).unlike;
    auto by_time = header;
    by_time.offset_s.clear();
    if (!(compare_uvw(by_time, moments).unlike < clearly * by_centroid)) return "";
    header.offset_s.clear();
    return "TIME_CENTROID differs from TIME, and UVW are those of TIME: it is taken for the time of the data";
}

std::string use_file_w(GroupHeader& header)
{
    bool const directions = std::all_of(header.centres.begin(), header.centres.end(),
                                        [](PhaseCentre const& c) { return c.kind == PhaseReference::icrs; });
    if (header.file_uvw_m.empty() || !directions) return "";
    GroupMoments const moments(header, EarthOrientation::load());
    auto const unlike = compare_uvw(header, moments).unlike;
    if (!(unlike <= other_direction))
        return "its UVW differ by " + std::to_string(unlike) +
               " of their lengths from what antennas, times and phase centres give: moved to another centre, it is "
               "taken for stopped on its own by antenna positions";
    auto const expected = expected_uvw(header, moments);
    std::vector<Shift> shifts(header.centres.size());
    auto const nb = header.baselines.size();
    bool const as_applied = header.set && header.set->phased_by_uvw;
    if (!as_applied)
        for_each_file_uvw(header, [&](std::size_t t, std::size_t b, double const* uvw) {
            auto const row = t * nb + b;
            shifts[centre_of(header, moments, row)].add(uvw, uvw[2] - expected[3 * row + 2]);
        });
    for (auto& shift : shifts) shift.solve();
    header.stopped_w_m.assign(header.file_uvw_m.size() / 3, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t row = 0; row < header.stopped_w_m.size(); ++row) {
        double const* uvw = header.file_uvw_m.data() + 3 * row;
        if (uvw[0] != 0 || uvw[1] != 0 || uvw[2] != 0) {
            auto const& shift = shifts[centre_of(header, moments, row)];
            header.stopped_w_m[row] = uvw[2] - shift.l * uvw[0] - shift.m * uvw[1];
        }
    }
    return "";
}

}  // namespace nocturne
