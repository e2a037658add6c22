#include "sky/phasing.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace nocturne {
namespace {

constexpr double one_field_rad = 3 * degree_rad;

/// The mean of directions as unit vectors: no seam at RA 0 h.
Direction middle_of(std::vector<Direction> const& directions)
{
    Vec3 sum{};
    for (auto const& direction : directions)
        for (std::size_t i = 0; i < 3; ++i) sum[i] += unit(direction)[i];
    double const ra = std::atan2(sum[1], sum[0]);
    return {Radians(ra < 0 ? ra + 2 * pi : ra), Radians(std::atan2(sum[2], std::hypot(sum[0], sum[1])))};
}

/// The ICRS direction of a phase centre at one time.
Direction direction_of(PhaseCentre const& centre, Instant const& instant)
{
    switch (centre.kind) {
        case PhaseReference::icrs:
            return centre.direction;
        case PhaseReference::meridian:
            return instant.meridian(centre.direction.dec);
        case PhaseReference::horizon:
            return instant.icrs(instant.at_horizon(centre.direction.ra, centre.direction.dec));
        case PhaseReference::unphased:
            break;
    }
    return instant.zenith();
}

/// As nobody can write a direction in degrees and mean another one: 0.02 mas, 1e-5 rad of phase on 2.6 km at 1.5 GHz.
bool same(Direction a, Direction b)
{
    constexpr double least_rad = 1e-10;
    return std::abs(a.dec.value() - b.dec.value()) < least_rad &&
           std::abs(std::remainder(a.ra.value() - b.ra.value(), 2 * pi)) * std::cos(a.dec.value()) < least_rad;
}

/// Moments of one time share an instant; making one costs 0.1 ms.
std::vector<Instant> instants_of(std::vector<Moment> const& moments, Site const& site, EarthOrientation const& earth)
{
    std::map<double, Instant> known;
    std::vector<Instant> all;
    all.reserve(moments.size());
    for (auto const& moment : moments) {
        auto const at = known.try_emplace(moment.time_mjd_s, site, earth, MjdSeconds(moment.time_mjd_s)).first;
        all.push_back(at->second);
    }
    return all;
}

/// Positions of all antennas on one axis.
std::vector<double> along(Vec3 const& axis, std::vector<Antenna> const& antennas)
{
    std::vector<double> values;
    values.reserve(antennas.size());
    for (auto const& antenna : antennas) values.push_back(dot(axis, antenna.position_m));
    return values;
}

}  // namespace

GroupMoments::GroupMoments(GroupHeader const& header, EarthOrientation const& earth)
    : header_(header),
      moments_(header.all_moments()),
      instants_(instants_of(moments_, header.site, earth)),
      middle_(header.site, earth, MjdSeconds(header.mid_time_mjd_s()))
{
    NOCT_CHECK(!moments_.empty(), "phasing: a group without times");
    NOCT_CHECK(header.ragged() || moments_.size() == header.time_mjd_s.size(), "phasing: one moment per integration");
    for (auto const& moment : moments_)
        NOCT_CHECK(moment.centre >= 0 && moment.centre < std::ssize(header.centres), "phasing: no such phase centre");
}

PhaseCentre const& GroupMoments::centre(Index m) const
{
    return header_.centres[static_cast<std::size_t>(moment(m).centre)];
}

Direction GroupMoments::own_direction(Index m) const { return direction_of(centre(m), instant(m)); }

Vec3 GroupMoments::stopped_toward(Index m) const
{
    auto const& own = centre(m);
    switch (own.kind) {
        case PhaseReference::icrs:
            return instant(m).uvw_axes(own.direction).w;
        case PhaseReference::meridian:
            return instant(m).itrs({Radians(0), own.direction.dec});
        case PhaseReference::horizon:
            return instant(m).itrs(instant(m).at_horizon(own.direction.ra, own.direction.dec));
        case PhaseReference::unphased:
            break;
    }
    return {};
}

Direction GroupMoments::pointing(Index m) const
{
    return header_.pointings.empty() ? own_direction(m) : header_.pointings[static_cast<std::size_t>(m)];
}

Vec3 GroupMoments::beam_axis(Index m) const
{
    if (!header_.pointings.empty()) return instant(m).uvw_axes(pointing(m)).w;
    if (centre(m).kind != PhaseReference::unphased) return stopped_toward(m);
    return instant(m).itrs({Radians(0), Radians(header_.site.latitude_rad)});
}

Direction GroupMoments::common_centre(std::string& note) const
{
    if (header_.centres.size() == 1) return direction_of(header_.centres.front(), middle_);
    std::vector<Direction> own;
    for (Index m = 0; m < size(); ++m) own.push_back(own_direction(m));
    auto const middle = middle_of(own);
    double spread = 0;
    for (auto const& direction : own) spread = std::max(spread, separation(direction, middle).value());
    if (spread <= one_field_rad) return middle;
    std::vector<Index> count(header_.centres.size());
    for (auto const& moment : moments_) ++count[static_cast<std::size_t>(moment.centre)];
    auto const most = std::max_element(count.begin(), count.end()) - count.begin();
    Index first = 0;
    while (moment(first).centre != most) ++first;
    note = "the data have " + std::to_string(header_.centres.size()) + " phase centres up to " +
           std::to_string(std::lround(2 * spread / degree_rad)) + " degrees apart; all are moved to '" +
           centre(first).name + "', which most of them have";
    return own[static_cast<std::size_t>(first)];
}

Direction GroupMoments::meridian_at_mid_time() const
{
    std::string note;
    return middle_.meridian(middle_.apparent(common_centre(note)).dec);
}

Direction default_centre(GroupHeader const& header, EarthOrientation const& earth)
{
    std::string note;
    return GroupMoments(header, earth).common_centre(note);
}

namespace {

/// uvw and old w of the antennas at one moment.
struct AntennaGeometry {
    UvwAxes axes;
    Vec3 stopped;
    std::vector<double> u, v, w, old_w;
    bool stays = false;  ///< the centre is the moment's own
    bool near = false;   ///< and in the near field
};

AntennaGeometry geometry_of(GroupHeader const& header, GroupMoments const& moments, Index m, Direction wanted)
{
    auto const axes = moments.instant(m).uvw_axes(wanted);
    AntennaGeometry at{axes,
                       {},
                       along(axes.u, header.antennas),
                       along(axes.v, header.antennas),
                       along(axes.w, header.antennas),
                       {},
                       moments.centre(m).kind == PhaseReference::icrs && same(moments.centre(m).direction, wanted),
                       moments.centre(m).near};
    at.stopped = at.stays && !header.old_phasing ? axes.w : moments.stopped_toward(m);
    at.old_w = at.stays && !header.old_phasing ? at.w : along(at.stopped, header.antennas);
    return at;
}

/// uvw of one baseline, and the w that its centre stops.
struct RowGeometry {
    Vec3 uvw{};
    double stopped_w = 0;
};

RowGeometry row_of(GroupHeader const& header, std::size_t row, AntennaGeometry const& at)
{
    auto const a = static_cast<std::size_t>(header.baselines[row % header.baselines.size()].ant1),
               b = static_cast<std::size_t>(header.baselines[row % header.baselines.size()].ant2);
    return {{at.u[b] - at.u[a], at.v[b] - at.v[a], at.w[b] - at.w[a]}, at.old_w[b] - at.old_w[a]};
}

/// The same of a sample whose time is `late_s` after its moment's: the Earth has turned on under the sky. What else changes, the
/// diurnal aberration, turns by 1e-10 rad a second of it.
RowGeometry late_row_of(GroupHeader const& header, std::size_t row, AntennaGeometry const& at, PhaseReference kind)
{
    auto const [ant1, ant2] = header.baselines[row % header.baselines.size()];
    auto const &p = header.antennas[static_cast<std::size_t>(ant1)].position_m,
               &q = header.antennas[static_cast<std::size_t>(ant2)].position_m;
    double const angle = earth_turn_rad_per_s * header.offset_s[row], c = std::cos(angle), s = std::sin(angle);
    Vec3 const fixed{q[0] - p[0], q[1] - p[1], q[2] - p[2]};
    Vec3 const turned{c * fixed[0] - s * fixed[1], s * fixed[0] + c * fixed[1], fixed[2]};
    bool const with_sky = kind == PhaseReference::icrs;
    return {{dot(turned, at.axes.u), dot(turned, at.axes.v), dot(turned, at.axes.w)},
            dot(with_sky ? turned : fixed, at.stopped)};
}

/// The w that a sample was stopped with: the file's own, else what its centre says.
double stopped_w(GroupHeader const& header, std::size_t row, RowGeometry const& here)
{
    bool const stated = !header.stopped_w_m.empty() && !std::isnan(header.stopped_w_m[row]);
    return stated ? header.stopped_w_m[row] : here.stopped_w;
}

}  // namespace

Phasing plan_phasing(GroupHeader const& header, GroupMoments const& moments, std::vector<Direction> const& wanted)
{
    NOCT_CHECK(std::ssize(wanted) == moments.size(), "phasing: one wanted direction per moment");
    std::vector<AntennaGeometry> at;
    at.reserve(wanted.size());
    for (Index m = 0; m < moments.size(); ++m)
        at.push_back(geometry_of(header, moments, m, wanted[static_cast<std::size_t>(m)]));
    std::size_t const n_baselines = header.baselines.size(), n_rows = header.time_mjd_s.size() * n_baselines;
    Phasing phasing{std::vector<double>(3 * n_rows), std::vector<double>(n_rows)};
    for (std::size_t row = 0; row < n_rows; ++row) {
        auto const m = header.ragged() ? header.moment_of[row] : static_cast<std::int32_t>(row / n_baselines);
        if (m < 0) continue;
        auto const& here = at[static_cast<std::size_t>(m)];
        bool const late = !header.offset_s.empty() && header.offset_s[row] != 0;
        auto const own = late ? late_row_of(header, row, here, moments.centre(m).kind) : row_of(header, row, here);
        double* const uvw = std::copy(own.uvw.begin(), own.uvw.end(), phasing.uvw_m.data() + 3 * row) - 3;
        if (here.stays && !header.old_phasing && !header.file_uvw_m.empty())
            std::copy_n(header.file_uvw_m.data() + 3 * row, 3, uvw);
        else if (!here.stays || !here.near)
            phasing.shift_m[row] = uvw[2] - stopped_w(header, row, own);
    }
    return phasing;
}

}  // namespace nocturne
