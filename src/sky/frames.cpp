// ERFA is called with TT and UT1 that we make ourselves from the Earth table, so its built-in leap seconds never matter.
#include "sky/frames.hpp"

#include <erfa.h>
#include <cmath>

namespace nocturne {
namespace {

constexpr double tt_minus_tai_s = 32.184;         // definition of TT
constexpr double position_angle_step_rad = 1e-6;  // see uvw_axes
constexpr double mjd_zero_jd = 2400000.5;

/// w at (longitude under the source, declination), v along its hour circle.
UvwAxes hour_circle_axes(double east_rad, double dec_rad)
{
    double const sd = std::sin(dec_rad), cd = std::cos(dec_rad), se = std::sin(east_rad), ce = std::cos(east_rad);
    return {{-se, ce, 0}, {-sd * ce, -sd * se, cd}, {cd * ce, cd * se, sd}};
}

}  // namespace

Vec3 unit(Direction d)
{
    double const cos_dec = std::cos(d.dec.value());
    return {cos_dec * std::cos(d.ra.value()), cos_dec * std::sin(d.ra.value()), std::sin(d.dec.value())};
}

struct Instant::Context {
    eraASTROM astrom{};
    double sidereal_time_rad = 0;
    double longitude_rad = 0, latitude_rad = 0;
};

Vec3 direction_cosines(Direction source, Direction centre)
{
    double const d_ra = source.ra.value() - centre.ra.value();
    double const s = std::sin(source.dec.value()), c = std::cos(source.dec.value());
    double const s0 = std::sin(centre.dec.value()), c0 = std::cos(centre.dec.value());
    return {c * std::sin(d_ra), s * c0 - c * s0 * std::cos(d_ra), s * s0 + c * c0 * std::cos(d_ra)};
}

Direction direction_at(double l, double m, Direction centre)
{
    double const n = std::sqrt(std::max(0.0, 1 - l * l - m * m));
    double const s0 = std::sin(centre.dec.value()), c0 = std::cos(centre.dec.value());
    double const ra = centre.ra.value() + std::atan2(l, n * c0 - m * s0);
    return {Radians(eraAnp(ra)), Radians(std::atan2(m * c0 + n * s0, std::hypot(l, n * c0 - m * s0)))};
}

Radians separation(Direction a, Direction b)
{
    return Radians(eraSeps(a.ra.value(), a.dec.value(), b.ra.value(), b.dec.value()));
}

Instant::Instant(Site const& site, EarthOrientation const& earth, MjdSeconds utc)
{
    auto const e = earth.at(utc);
    double const day = std::floor(utc.value() / day_s);
    double const fraction_s = (utc.value() - day * day_s) * (e.day_length_s / day_s);
    double const jd1 = mjd_zero_jd + day;
    double const tt = (fraction_s + e.tai_minus_utc_s + tt_minus_tai_s) / day_s;
    double const ut1 = (fraction_s + e.ut1_minus_utc_s) / day_s;

    double ehpv[2][3], ebpv[2][3], npb[3][3], x = 0, y = 0;
    eraEpv00(jd1, tt, ehpv, ebpv);  // TT for TDB: 2 ms, 60 m of the Earth's orbit
    eraPnm06a(jd1, tt, npb);
    eraBpn2xy(npb, &x, &y);
    double const s = eraS06(jd1, tt, x, y);
    double const era = eraEra00(jd1, ut1);
    double const sp = eraSp00(jd1, tt);

    auto context = std::make_shared<Context>();
    context->longitude_rad = site.longitude_rad;
    context->latitude_rad = site.latitude_rad;
    eraApco(jd1, tt, ebpv, ehpv[0], x, y, s, era, site.longitude_rad, site.latitude_rad, site.altitude_m, e.xp_rad,
            e.yp_rad, sp, 0, 0, &context->astrom);
    context->sidereal_time_rad = eraAnp(era - eraEors(npb, s) + sp + site.longitude_rad);
    context_ = context;
}

Radians Instant::sidereal_time() const { return Radians(context_->sidereal_time_rad); }

Apparent Instant::apparent(Direction icrs) const
{
    eraASTROM astrom = context_->astrom;
    double ri = 0, di = 0, azimuth = 0, zenith_distance = 0, ha = 0, dec = 0, ra = 0;
    eraAtciqz(icrs.ra.value(), icrs.dec.value(), &astrom, &ri, &di);
    eraAtioq(ri, di, &astrom, &azimuth, &zenith_distance, &ha, &dec, &ra);
    return {Radians(ha), Radians(dec)};
}

Direction Instant::icrs(Apparent apparent) const
{
    eraASTROM astrom = context_->astrom;
    double ri = 0, di = 0, ra = 0, dec = 0;
    eraAtoiq("H", apparent.hour_angle.value(), apparent.dec.value(), &astrom, &ri, &di);
    eraAticq(ri, di, &astrom, &ra, &dec);
    return {Radians(eraAnp(ra)), Radians(dec)};
}

Direction Instant::zenith() const { return icrs({Radians(0), Radians(context_->latitude_rad)}); }

Apparent Instant::at_horizon(Radians azimuth, Radians altitude) const
{
    double const az = azimuth.value(), alt = altitude.value(), latitude = context_->latitude_rad;
    double const sp = std::sin(latitude), cp = std::cos(latitude);
    double const x = std::sin(alt) * cp - std::cos(az) * std::cos(alt) * sp, y = -std::sin(az) * std::cos(alt);
    double const z = std::cos(az) * std::cos(alt) * cp + std::sin(alt) * sp;
    return {Radians(std::atan2(y, x)), Radians(std::atan2(z, std::hypot(x, y)))};
}

Vec3 Instant::itrs(Apparent apparent) const
{
    double const east = context_->longitude_rad - apparent.hour_angle.value();
    return unit({Radians(east), apparent.dec});
}

Radians Instant::position_angle(Apparent apparent) const
{
    auto moved = [&](double step) {
        double ha = apparent.hour_angle.value(), dec = apparent.dec.value() + step;
        if (std::abs(dec) > pi / 2) {  // over the pole
            dec = std::copysign(pi, dec) - dec;
            ha += pi;
        }
        return icrs({Radians(ha), Radians(dec)});
    };
    auto const down = moved(-position_angle_step_rad), up = moved(position_angle_step_rad);
    return Radians(-eraPas(down.ra.value(), down.dec.value(), up.ra.value(), up.dec.value()));
}

UvwAxes Instant::uvw_axes(Direction icrs) const
{
    Apparent const at = apparent(icrs);
    auto const [u, v, w] = hour_circle_axes(context_->longitude_rad - at.hour_angle.value(), at.dec.value());
    double const angle = position_angle(at).value(), ca = std::cos(angle), sa = std::sin(angle);
    UvwAxes axes{{}, {}, w};
    for (std::size_t i = 0; i < 3; ++i) {
        axes.u[i] = ca * u[i] - sa * v[i];
        axes.v[i] = ca * v[i] + sa * u[i];
    }
    return axes;
}

double Instant::aberration_scale(Direction icrs) const
{
    constexpr double step = 1e-3;  // rad
    auto const axes = uvw_axes(icrs);
    double sum = 0;
    for (auto const& [l, m] : {std::pair{step, 0.0}, {-step, 0.0}, {0.0, step}, {0.0, -step}}) {
        auto const s = itrs(apparent(direction_at(l, m, icrs)));
        sum += std::hypot(dot(axes.u, s), dot(axes.v, s)) / step;
    }
    return sum / 4 - 1;
}

UvwAxes meridian_axes(Site const& site, Radians dec) { return hour_circle_axes(site.longitude_rad, dec.value()); }

std::vector<double> antenna_uvw_m(std::vector<Antenna> const& antennas, std::vector<UvwAxes> const& axes)
{
    std::vector<double> uvw;
    uvw.reserve(axes.size() * antennas.size() * 3);
    for (auto const& a : axes)
        for (auto const& antenna : antennas)
            for (auto const* row : {&a.u, &a.v, &a.w}) uvw.push_back(dot(*row, antenna.position_m));
    return uvw;
}

std::vector<Instant> instants(GroupHeader const& header, EarthOrientation const& earth)
{
    std::vector<Instant> all;
    all.reserve(header.time_mjd_s.size());
    for (double time : header.time_mjd_s) all.emplace_back(header.site, earth, MjdSeconds(time));
    return all;
}

}  // namespace nocturne
