// Rows of a Measurement Set against its antennas and phase centres.
#include "driver/ms_check.hpp"
#include "driver/ms_geometry.hpp"
#include "sky/phasing.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double coherence_limit_rad = 1 * arcsec_rad;  // the reference's, for one phase centre
// A meridian follows from site and Earth orientation; two sites that are stamped on DSA-110's files lie 6″ of hour angle apart.
constexpr double meridian_limit_rad = 10 * arcsec_rad;
constexpr double longest_ratio = 1.1;  // of |UVW| over the longest baseline
constexpr double spread_limit = 0.8;   // standard deviation over mean of a baseline's |UVW| over time
// Correlators differ in aberration (1e-4) and polar motion; pyuvdata's position angle is off by 5e-5 rad at declination 55.
constexpr double geometry_limit = 1e-3;  // of the longest baseline
constexpr double sign_trap_limit = 0.1;  // of a factor, from 1

double longest_baseline_m(GroupHeader const& header)
{
    double longest = 0;
    for (auto const [a, b] : header.baselines) {
        auto const& p = header.antennas[static_cast<std::size_t>(a)].position_m;
        auto const& q = header.antennas[static_cast<std::size_t>(b)].position_m;
        longest = std::max(longest, std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
    }
    return longest;
}

MsCheck check_coherence(GroupHeader const& header, GroupMoments const& moments, Telescope const& telescope)
{
    double apart = 0, off_meridian = 0;
    auto const first = moments.own_direction(0);
    double const first_dec = moments.instant(0).apparent(first).dec.value();
    for (Index m = 0; m < moments.size(); ++m) {
        auto const direction = moments.own_direction(m);
        apart = std::max(apart, separation(first, direction).value());
        auto const place = moments.instant(m).apparent(direction);
        off_meridian = std::max({off_meridian, std::abs(place.hour_angle.value()) * std::cos(place.dec.value()),
                                 std::abs(place.dec.value() - first_dec)});
    }
    MsCheck check{"phase-centre", MsVerdict::good,   apart / arcsec_rad, coherence_limit_rad / arcsec_rad,
                  "arcsec",       "one phase centre"};
    if (apart <= coherence_limit_rad) return check;
    if (off_meridian <= meridian_limit_rad && header.centres.size() > 1) {
        check.value = off_meridian / arcsec_rad;
        check.limit = meridian_limit_rad / arcsec_rad;
        check.sentence = "the phase centre follows the meridian, field by field";
        return check;
    }
    check.verdict = telescope.drift == DriftState::fringe_stopped ? MsVerdict::fail : MsVerdict::warn;
    check.sentence = std::to_string(header.centres.size()) +
                     " phase centres that are neither one direction nor on the meridian: image one with --field";
    return check;
}

std::vector<MsCheck> check_lengths(GroupHeader const& header, Telescope const& telescope)
{
    double shortest = INFINITY, longest = 0, spread = 0;
    std::vector<double> n(header.baselines.size()), sum(n), square(n);
    for_each_file_uvw(header, [&](std::size_t, std::size_t b, double const* uvw) {
        double const l = std::hypot(uvw[0], uvw[1], uvw[2]);
        shortest = std::min(shortest, l);
        longest = std::max(longest, l);
        n[b] += 1;
        sum[b] += l;
        square[b] += l * l;
    });
    for (std::size_t b = 0; b < n.size(); ++b) {
        double const mean = n[b] > 0 ? sum[b] / n[b] : 0;
        if (mean > 0) spread = std::max(spread, std::sqrt(std::max(0.0, square[b] / n[b] - mean * mean)) / mean);
    }
    auto const [low, high] = telescope.uvw_range_m;
    std::vector<MsCheck> checks;
    bool const known = high > 0, outside = known ? !(shortest >= low && longest <= high) : !(shortest > 0);
    bool const too_short = known ? !(shortest >= low) : outside;
    checks.push_back({"uvw-range", outside ? MsVerdict::fail : MsVerdict::good,
                      too_short || !known ? shortest : longest,
                      known ? std::optional(too_short ? low : high) : std::nullopt, "m",
                      outside ? "lengths of UVW are not those of this telescope's baselines"
                              : "lengths of UVW lie in the range of the telescope's baselines"});
    double const limit = longest_ratio * longest_baseline_m(header);
    checks.push_back({"uvw-max", longest <= limit ? MsVerdict::good : MsVerdict::fail, longest, limit, "m",
                      longest <= limit ? "the longest UVW is no longer than the antennas allow"
                                       : "UVW are longer than 1.1 times the longest baseline"});
    checks.push_back({"uvw-spread", spread <= spread_limit ? MsVerdict::good : MsVerdict::fail, spread, spread_limit,
                      "",
                      spread <= spread_limit ? "each baseline keeps its length over time"
                                             : "the length of a baseline changes over time"});
    return checks;
}

/// A factor of 2 or −1 is what a rotation with the wrong sign leaves.
MsCheck check_uvw(GroupHeader const& header, GroupMoments const& moments)
{
    auto const [factor, worst, unlike] = compare_uvw(header, moments);
    double const limit = geometry_limit * longest_baseline_m(header);
    MsCheck check{
        "uvw-geometry", MsVerdict::good, worst, limit, "m", "UVW agree with antenna positions and phase centre"};
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", factor);
    if (std::abs(factor - 1) > sign_trap_limit) {
        check.verdict = MsVerdict::fail;
        check.sentence = std::string("UVW are ") + text +
                         " times what antenna positions and phase centre give: a rotation was applied with the wrong "
                         "sign, or twice";
    } else if (worst > limit) {
        check.verdict = worst > 10 * limit ? MsVerdict::fail : MsVerdict::warn;
        check.sentence = "UVW differ from what antenna positions and phase centre give";
    }
    return check;
}

/// Whose sets have UVW = r1 − r2, whoever wrote them: telescopes' own files say it, these three are CASA's.
UvwSense known_sense(std::string const& name, Telescope const& telescope)
{
    for (char const* one : {"EVLA", "VLA", "ALMA"})
        if (name == one) return UvwSense::one_minus_two;
    return telescope.ms_uvw;
}

/// The reader takes either sense; a set whose UVW alone changed sign is mirrored through its phase centre.
MsCheck check_sense(GroupHeader const& header, Telescope const& telescope)
{
    auto const found = header.mirrored ? UvwSense::two_minus_one : UvwSense::one_minus_two;
    auto const known = known_sense(header.site.telescope_name, telescope);
    MsCheck check{"uvw-sense", MsVerdict::good, {}, {}, "", "UVW are "};
    check.sentence += header.mirrored ? "r2 - r1, as LOFAR's and OSKAR's" : "r1 - r2, as CASA's";
    if (known == UvwSense::unknown || known == found || header.file_uvw_m.empty()) return check;
    check.verdict = MsVerdict::fail;
    check.sentence += std::string(", where sets of ") + header.site.telescope_name + " have " +
                      (header.mirrored ? "r1 - r2" : "r2 - r1") +
                      ": UVW, or ANTENNA1 and ANTENNA2, were turned without the data, and images come out mirrored";
    return check;
}

}  // namespace

std::vector<MsCheck> check_geometry(GroupHeader const& header, Telescope const& telescope)
{
    GroupMoments const moments(header, EarthOrientation::load());
    std::vector<MsCheck> checks{check_coherence(header, moments, telescope)};
    for (auto& check : check_lengths(header, telescope)) checks.push_back(std::move(check));
    checks.push_back(check_uvw(header, moments));
    checks.push_back(check_sense(header, telescope));
    return checks;
}

}  // namespace nocturne
