// A baseline's track between its integrations. Enters: exact uvw at the integrations of a segment. Leaves: uvw at any time
// within, from one polynomial through some of them that is checked on all the others.
#pragma once

#include "nocturne/view.hpp"

#include <array>
#include <optional>
#include <span>
#include <vector>

namespace nocturne {

/// A point of a track, metres.
using Uvw = std::array<double, 3>;

/// The polynomial in time through exact points of a segment (barycentric form: Berrut & Trefethen 2004, eq. 4.2).
class Track {
public:
    /// Largest departure from an exact point that is accepted. A phase error of 2π · tolerance · f/c · l: below 1e-6 rad
    /// at 1.5 GHz for fields up to 6°.
    static constexpr double tolerance_m = 2e-7;

    /// No value where no polynomial of at most 16 points meets all of `uvw_m` to the tolerance, or where fewer than four
    /// integrations leave nothing to check it on.
    static std::optional<Track> fit(std::span<double const> time_s, std::span<Uvw const> uvw_m);

    Uvw at(double time_s) const;

private:
    Track(std::vector<double> time_s, std::vector<Uvw> uvw_m);
    std::vector<double> time_s_, weight_;
    std::vector<Uvw> uvw_m_;
};

}  // namespace nocturne
