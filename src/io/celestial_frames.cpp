#include "io/celestial_frames.hpp"

#include "nocturne/error.hpp"
#include "nocturne/text.hpp"

#include <erfa.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace nocturne {
namespace {

using Vec3 = std::array<double, 3>;
using Mat3 = std::array<Vec3, 3>;

constexpr double julian_year_days = 365.25, tropical_year_days = 365.242198781, century_days = 36525;
constexpr double jd_j2000 = 2451545.0, jd_b1950 = 2433282.42345905;

Mat3 operator*(Mat3 const& a, Mat3 const& b)
{
    Mat3 product{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            for (std::size_t k = 0; k < 3; ++k) product[i][j] += a[i][k] * b[k][j];
    return product;
}

Vec3 operator*(Mat3 const& a, Vec3 const& v)
{
    Vec3 product{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t k = 0; k < 3; ++k) product[i] += a[i][k] * v[k];
    return product;
}

Mat3 transposed(Mat3 const& a)
{
    Mat3 t{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) t[i][j] = a[j][i];
    return t;
}

/// The axes turned by an angle about x (0), y (1) or z (2).
Mat3 turned(double angle_deg, std::size_t axis)
{
    double const c = std::cos(angle_deg * degree_rad), s = std::sin(angle_deg * degree_rad);
    std::size_t const a = (axis + 1) % 3, b = (axis + 2) % 3;
    Mat3 m{};
    m[axis][axis] = 1;
    m[a][a] = m[b][b] = c;
    m[a][b] = s;
    m[b][a] = -s;
    return m;
}

Vec3 unit(double longitude, double latitude)
{
    return {std::cos(latitude) * std::cos(longitude), std::cos(latitude) * std::sin(longitude), std::sin(latitude)};
}

Direction direction_of(Vec3 const& v)
{
    double const ra = std::atan2(v[1], v[0]);
    return {Radians(ra < 0 ? ra + 2 * pi : ra), Radians(std::atan2(v[2], std::hypot(v[0], v[1])))};
}

/// USNO Circular 179: offsets of the pole and of the origin of right ascension.
Mat3 icrs_to_fk5()
{
    constexpr double mas_deg = 1.0 / 3600000;
    return turned(19.9 * mas_deg, 0) * turned(9.1 * mas_deg, 1) * turned(-22.9 * mas_deg, 2);
}

/// From the mean equator and equinox of J2000 to those of a Julian epoch.
Mat3 precession_fk5(double epoch)
{
    double bias[3][3], precession[3][3], both[3][3];
    eraBp06(jd_j2000, (epoch - 2000) * julian_year_days, bias, precession, both);
    Mat3 m{};
    for (std::size_t i = 0; i < 3; ++i) std::copy_n(precession[i], 3, m[i].begin());
    return m;
}

/// Newcomb's precession between two Besselian epochs.
Mat3 precession_fk4(double from, double to)
{
    double const t = (from - 1850) / 1000, dt = (to - from) / 1000;
    double const first = (0.060 * t + 139.720) * t + 23035.545;
    double const zeta = ((17.995 * dt - 0.27 * t + 30.240) * dt + first) * dt / 3600;
    double const z = ((18.325 * dt + 109.480 + 0.39 * t) * dt + first) * dt / 3600;
    double const theta = ((-41.8 * dt - 0.37 * t - 42.65) * dt + (-0.37 * t - 85.29) * t + 20051.12) * dt / 3600;
    return turned(-z, 2) * turned(theta, 1) * turned(-zeta, 2);
}

/// Murray 1989, equation 29: B1950 to J2000 with the rotation of FK4 until `time_jd`.
Mat3 fk4_to_fk5(double time_jd)
{
    constexpr Mat3 at_1950{{{0.9999256794956877, -0.0111814832204662, -0.0048590038153592},
                            {0.0111814832391717, 0.9999374848933135, -0.0000271625947142},
                            {0.0048590037723143, -0.0000271702937440, 0.9999881946023742}}};
    constexpr Mat3 per_century{{{-0.0026455262, -1.1539918689, 2.1111346190},
                                {1.1540628161, -0.0129042997, 0.0236021478},
                                {-2.1112979048, -0.0056024448, 0.0102587734}}};
    double const t = (2000 + (time_jd - jd_j2000) / julian_year_days - 1950) / 100;
    Mat3 m = at_1950;
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) m[i][j] += 1e-6 * t * per_century[i][j];
    return m;
}

/// FK4 positions contain the elliptic terms of aberration (Seidelmann 1992).
Vec3 without_e_terms(Vec3 const& v, double equinox_jd)
{
    double const t = (equinox_jd - jd_b1950) / century_days;
    double const k = 0.0056932 * degree_rad * ((-0.000000126 * t - 0.00004193) * t + 0.01673011);
    double const g = (((0.012 * t + 1.65) * t + 6190.67) * t + 1015489.951) * arcsec_rad;
    double const obliquity = eraObl80(equinox_jd, 0);
    Vec3 const e{k * std::sin(g), -k * std::cos(g) * std::cos(obliquity), -k * std::cos(g) * std::sin(obliquity)};
    double const along = e[0] * v[0] + e[1] * v[1] + e[2] * v[2];
    Vec3 out{};
    for (std::size_t i = 0; i < 3; ++i) out[i] = v[i] - e[i] + along * v[i];
    return out;
}

Vec3 fk4(StatedDirection const& s, double time_jd, bool e_terms)
{
    double const equinox = s.epoch.value_or(1950), jd = jd_b1950 + (equinox - 1950) * tropical_year_days;
    Vec3 v = unit(s.longitude_rad, s.latitude_rad);
    if (e_terms) v = without_e_terms(v, jd);
    return transposed(icrs_to_fk5()) * (fk4_to_fk5(time_jd) * (precession_fk4(equinox, 1950) * v));
}

/// FK5 to galactic; astropy's pole and origin, which it takes from the definition in FK4.
Mat3 fk5_to_galactic()
{
    return turned(180 - 122.9319185680026, 2) * turned(90 - 27.12825118085622, 1) * turned(192.8594812065348, 2);
}

Mat3 galactic_to_supergalactic() { return turned(90, 2) * turned(90 - 6.32, 1) * turned(47.37, 2); }

/// Terrestrial time, in days since J2000.
double terrestrial_days(double utc_jd)
{
    double tai1 = 0, tai2 = 0, tt1 = 0, tt2 = 0;
    eraUtctai(jd_j2000, utc_jd - jd_j2000, &tai1, &tai2);
    eraTaitt(tai1, tai2, &tt1, &tt2);
    return tt1 - jd_j2000 + tt2;
}

/// To the ecliptic and equinox of a Julian epoch: mean as eraEcm06 has it, true with nutation.
Mat3 icrs_to_ecliptic(double epoch, bool nutation)
{
    double const days = (epoch - 2000) * julian_year_days;
    double m[3][3], longitude = 0, obliquity = 0;
    if (nutation) {
        eraPnm06a(jd_j2000, days, m);
        eraNut06a(jd_j2000, days, &longitude, &obliquity);
        eraRx(eraObl06(jd_j2000, days) + obliquity, m);
    } else {
        eraEcm06(jd_j2000, days, m);
    }
    Mat3 to{};
    for (std::size_t i = 0; i < 3; ++i) std::copy_n(m[i], 3, to[i].begin());
    return to;
}

/// Seen from the centre of the Earth: with aberration and light deflection.
Direction gcrs(StatedDirection const& s, double utc_jd)
{
    double ra = 0, dec = 0;
    eraASTROM earth;
    eraApcg13(jd_j2000, terrestrial_days(utc_jd), &earth);
    eraAticq(s.longitude_rad, s.latitude_rad, &earth, &ra, &dec);
    return {Radians(ra), Radians(dec)};
}

}  // namespace

Direction moved(Direction at_j2000, SpaceMotion const& motion, MjdSeconds time)
{
    if (!motion.moves()) return at_j2000;
    auto const tt = terrestrial_days(time.value() / day_s + jd_minus_mjd_days);
    double about_sun[2][3], about_barycentre[2][3], v[3];
    eraEpv00(jd_j2000, tt, about_sun, about_barycentre);
    eraPmpx(at_j2000.ra.value(), at_j2000.dec.value(), motion.ra_rad_a, motion.dec_rad_a, motion.parallax_arcsec,
            motion.receding_km_s, tt / julian_year_days, about_barycentre[0], v);
    return direction_of({v[0], v[1], v[2]});
}

bool moves_with_time(std::string const& frame) { return lower(frame) == "gcrs"; }

Direction to_icrs(StatedDirection const& s, MjdSeconds time)
{
    if (std::abs(s.latitude_rad) > pi / 2 + 1e-12)
        throw Error(Code::bad_input, "the phase centre is not a direction", "declination beyond 90 degrees",
                    "repair the header");
    auto const frame = lower(s.frame);
    double const jd = time.value() / day_s + jd_minus_mjd_days;
    Vec3 const v = unit(s.longitude_rad, s.latitude_rad);
    if (frame == "icrs") return {Radians(s.longitude_rad), Radians(s.latitude_rad)};
    if (frame == "fk5")
        return direction_of(transposed(icrs_to_fk5()) * (transposed(precession_fk5(s.epoch.value_or(2000))) * v));
    if (frame == "fk4" || frame == "fk4noeterms") return direction_of(fk4(s, jd, frame == "fk4"));
    if (frame == "galactic") return direction_of(transposed(icrs_to_fk5()) * (transposed(fk5_to_galactic()) * v));
    if (frame == "supergalactic")
        return direction_of(transposed(icrs_to_fk5()) *
                            (transposed(fk5_to_galactic()) * (transposed(galactic_to_supergalactic()) * v)));
    if (frame == "gcrs") return gcrs(s, jd);
    if (frame == "barycentricmeanecliptic" || frame == "barycentrictrueecliptic")
        return direction_of(transposed(icrs_to_ecliptic(s.epoch.value_or(2000), frame[11] == 't')) * v);
    throw Error(Code::bad_input, "the phase centre is in the frame '" + s.frame + "'",
                "known are icrs, fk5, fk4, fk4noeterms, galactic, supergalactic, gcrs, barycentricmeanecliptic and "
                "barycentrictrueecliptic",
                "rephase the file to an ICRS direction (pyuvdata: UVData.phase)");
}

}  // namespace nocturne
