// The table is small (a row a day), so it is read whole and searched by bisection.
#include "sky/earth.hpp"

#include "nocturne/error.hpp"
#include "sky/data_path.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace nocturne {
namespace {

/// Largest drift of UT1−UTC a day that the table shows since 2015 (1.81 ms, rounded up), and the bound leap seconds keep it within.
constexpr double drift_s_per_day = 1.9e-3;
constexpr double largest_error_s = 0.9;
constexpr double first_utc_mjd = 41317;      // 1972: since then leap seconds keep that bound
constexpr double sky_arcsec_per_s = 15.041;  // sidereal rotation

std::string format(char const* pattern, double a, double b = 0, double c = 0)
{
    char text[200];
    std::snprintf(text, sizeof text, pattern, a, b, c);
    return text;
}

}  // namespace

void EarthOrientation::read_line(std::string const& line)
{
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind.empty() || kind[0] == '#') return;
    if (kind == "leap") {
        Leap leap{};
        words >> leap.mjd >> leap.tai_minus_utc_s;
        leaps_.push_back(leap);
    } else if (kind == "measured_until") {
        words >> measured_until_;
    } else if (kind == "eop") {
        double mjd = 0, ut1_minus_utc = 0, xp = 0, yp = 0;
        words >> mjd >> ut1_minus_utc >> xp >> yp;
        bool const rises = rows_.empty() || mjd > rows_.back().mjd;
        if (!words || !rises)
            throw Error(Code::bad_config, "bad Earth table", "'" + line + "'", "make it anew with make_table.py");
        rows_.push_back({mjd, ut1_minus_utc - tai_minus_utc(mjd), xp, yp});
    } else {
        words.setstate(std::ios::failbit);
    }
    if (!words) throw Error(Code::bad_config, "bad Earth table", "'" + line + "'", "make it anew with make_table.py");
}

std::string EarthOrientation::file(std::string const& path)
{
    if (!path.empty()) return path;
    char const* chosen = std::getenv("NOCTURNE_EARTH");
    return chosen && *chosen ? chosen : data_path("earth/earth_orientation.txt");
}

EarthOrientation EarthOrientation::load(std::string const& path)
{
    EarthOrientation earth;
    earth.path_ = EarthOrientation::file(path);
    std::ifstream file(earth.path_);
    if (!file)
        throw Error(Code::input_missing, "cannot open the Earth table " + earth.path_, "no such readable file",
                    "name one with NOCTURNE_EARTH");
    std::string line;
    for (int number = 1; std::getline(file, line); ++number)
        within(earth.path_ + " line " + std::to_string(number), [&] { earth.read_line(line); });
    if (earth.rows_.size() < 2 || earth.leaps_.empty())
        throw Error(Code::bad_config, "the Earth table " + earth.path_ + " is empty",
                    "fewer than two days or no leap seconds", "make it anew with make_table.py");
    return earth;
}

double EarthOrientation::tai_minus_utc(double mjd) const
{
    double value = leaps_.empty() ? 0 : leaps_.front().tai_minus_utc_s;
    for (auto const& leap : leaps_)
        if (mjd >= leap.mjd) value = leap.tai_minus_utc_s;
    return value;
}

EarthValues EarthOrientation::at(MjdSeconds utc) const
{
    double const mjd = std::clamp(utc.value() / day_s, first_mjd(), last_mjd());
    auto after =
        std::upper_bound(rows_.begin(), rows_.end(), mjd, [](double value, Row const& row) { return value < row.mjd; });
    after = std::clamp(after, rows_.begin() + 1, rows_.end() - 1);
    Row const& a = *(after - 1);
    Row const& b = *after;
    double const t = (mjd - a.mjd) / (b.mjd - a.mjd);
    EarthValues values;
    values.tai_minus_utc_s = tai_minus_utc(utc.value() / day_s);
    double const day = std::floor(utc.value() / day_s);
    values.day_length_s = day_s + tai_minus_utc(day + 1) - tai_minus_utc(day);
    values.ut1_minus_utc_s = a.ut1_minus_tai_s + t * (b.ut1_minus_tai_s - a.ut1_minus_tai_s) + tai_minus_utc(mjd);
    values.xp_rad = (a.xp_arcsec + t * (b.xp_arcsec - a.xp_arcsec)) * arcsec_rad;
    values.yp_rad = (a.yp_arcsec + t * (b.yp_arcsec - a.yp_arcsec)) * arcsec_rad;
    return values;
}

double EarthOrientation::days_outside(double mjd) const { return std::max({0.0, first_mjd() - mjd, mjd - last_mjd()}); }

std::string EarthOrientation::warning(MjdSeconds utc, Strictness strictness) const
{
    double const mjd = utc.value() / day_s;
    double const days = days_outside(mjd);
    if (days <= 0) return "";
    auto const where = format("MJD %.3f is outside the Earth table's %.0f to %.0f", mjd, first_mjd(), last_mjd());
    double const error_s = std::min(largest_error_s, drift_s_per_day * days);
    auto const size = mjd < first_utc_mjd
                          ? std::string("before 1972 UT1-UTC is not known, and may be wrong by many seconds")
                          : format("UT1-UTC may be wrong by %.3f s, %.1f arcsec in right ascension", error_s,
                                   error_s * sky_arcsec_per_s);
    if (strictness == Strictness::fail)
        throw Error(Code::bad_config, where, size,
                    "make a newer table with jobs/earth/make_table.py or drop --strict-earth")
            .in(path_);
    return where + ": " + size;
}

std::string EarthOrientation::note(MjdSeconds utc) const
{
    auto const values = at(utc);
    auto const mjd = utc.value() / day_s;
    std::string const kind = days_outside(mjd) > 0   ? "beyond the table"
                             : mjd > measured_until_ ? "predicted"
                                                     : "measured";
    return format("UT1-UTC %.7f s, xp %.6f, yp %.6f arcsec", values.ut1_minus_utc_s, values.xp_rad / arcsec_rad,
                  values.yp_rad / arcsec_rad) +
           " (" + kind + "; table MJD " + format("%.0f to %.0f", first_mjd(), last_mjd()) + ")";
}

}  // namespace nocturne
