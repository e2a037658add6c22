// Strong types for the doors of a room. Inside a kernel body raw scalars carry a unit suffix instead.
#pragma once

#include <compare>
#include <cstdint>

namespace nocturne {

/// A double that knows its unit. `value()` gives the number in that unit.
template<class Unit>
class Quantity {
public:
    constexpr Quantity() = default;
    constexpr explicit Quantity(double value) : value_(value) {}
    constexpr double value() const { return value_; }
    constexpr auto operator<=>(Quantity const&) const = default;
    friend constexpr Quantity operator+(Quantity a, Quantity b) { return Quantity(a.value_ + b.value_); }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return Quantity(a.value_ - b.value_); }
    friend constexpr Quantity operator*(double a, Quantity b) { return Quantity(a * b.value_); }

private:
    double value_ = 0;
};

using Hz = Quantity<struct HzUnit>;
using Metres = Quantity<struct MetresUnit>;
using Radians = Quantity<struct RadiansUnit>;
using MjdSeconds = Quantity<struct MjdSecondsUnit>;  ///< UTC, 86400 × MJD
using Jansky = Quantity<struct JanskyUnit>;

constexpr double pi = 3.14159265358979323846;
constexpr double speed_of_light_m_s = 299792458.0;  // SI definition
constexpr double arcsec_rad = pi / (180.0 * 3600.0);
constexpr double degree_rad = pi / 180.0;
constexpr double day_s = 86400.0;
constexpr double jd_minus_mjd_days = 2400000.5;  // definition of MJD

constexpr Radians degrees(double value) { return Radians(value * degree_rad); }
constexpr Radians arcseconds(double value) { return Radians(value * arcsec_rad); }

/// A direction in the ICRS.
struct Direction {
    Radians ra, dec;
};

}  // namespace nocturne
