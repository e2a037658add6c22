// Earth orientation and leap seconds. Enters: our table made from the IERS's files (jobs/earth). Leaves: UT1−UTC, polar
// motion and TAI−UTC at a time, and a truthful word where the table ends.
#pragma once

#include "nocturne/units.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// What ERFA needs to know of the Earth at one time.
struct EarthValues {
    double ut1_minus_utc_s = 0;
    double xp_rad = 0, yp_rad = 0;  ///< coordinates of the pole (IERS Conventions 2010, 5.4.1)
    double tai_minus_utc_s = 0;
    double day_length_s =
        day_s;  ///< of this UTC day: 86401 where a leap second ends it (MJD × 86400 stretches that day)
};

enum class Strictness { warn, fail };

class EarthOrientation {
public:
    /// Reads a table: `path`, else $NOCTURNE_EARTH, else earth/earth_orientation.txt beside the program. Lines
    /// "leap MJD TAI−UTC", "measured_until MJD", "eop MJD UT1−UTC[s] xp["] yp["]". Throws Error(input_missing) or
    /// Error(bad_config) with the line.
    static EarthOrientation load(std::string const& path = "");

    /// The table that `load` would read.
    static std::string file(std::string const& path = "");

    /// Linear in UT1−TAI and in the pole's coordinates between the table's days; beyond its ends the nearest values.
    EarthValues at(MjdSeconds utc) const;

    /// Empty within the table. Beyond it, one sentence with the size of the error on the sky; with Strictness::fail
    /// an Error(bad_config) instead.
    std::string warning(MjdSeconds utc, Strictness strictness) const;

    /// One sentence for provenance: table, its span, the values used at `utc`.
    std::string note(MjdSeconds utc) const;

    std::string const& path() const { return path_; }
    double first_mjd() const { return rows_.front().mjd; }
    double last_mjd() const { return rows_.back().mjd; }  ///< the table expires here
    double measured_until_mjd() const { return measured_until_; }

private:
    struct Row {
        double mjd, ut1_minus_tai_s, xp_arcsec, yp_arcsec;
    };
    struct Leap {
        double mjd, tai_minus_utc_s;
    };
    double tai_minus_utc(double mjd) const;
    void read_line(std::string const& line);
    double days_outside(double mjd) const;

    std::string path_;
    std::vector<Row> rows_;
    std::vector<Leap> leaps_;
    double measured_until_ = 0;
};

}  // namespace nocturne
