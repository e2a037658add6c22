// CalibrationUse: which solutions a group was corrected by, how they were chosen and what was waived. It travels with every product.
#pragma once

#include <string>
#include <vector>

namespace nocturne {

/// Where solutions come from: the five words of dsa110-continuum.
enum class CalProvenance {
    same_date_valid,            ///< registered, and valid at the time of the group
    primary_transit_generated,  ///< solved for in this job, on a flux standard
    bright_fallback_generated,  ///< solved for in this job, on another source
    borrowed_validated,         ///< of another time, or named by the user; every check passed or was waived
    no_viable_table,            ///< there are none: an error, never a product
};
constexpr const char* name(CalProvenance provenance)
{
    constexpr char const* words[] = {"SAME_DATE_VALID", "PRIMARY_TRANSIT_GENERATED", "BRIGHT_FALLBACK_GENERATED",
                                     "BORROWED_VALIDATED", "NO_VIABLE_TABLE"};
    return words[static_cast<int>(provenance)];
}

/// One file (or CASA table) of solutions.
struct CalibrationFile {
    std::string path, xxh128;
};

struct CalibrationUse {
    CalProvenance provenance = CalProvenance::borrowed_validated;
    std::string method;             ///< "interpolated" between two sets, or "nearest"
    std::vector<std::string> sets;  ///< names in the registry, before and after; empty where none is registered
    std::vector<CalibrationFile> files;
    double weight_before = 1;             ///< of the set before, at mid-time
    std::vector<std::string> waived;      ///< refusals that --force set aside
    std::vector<std::string> unverified;  ///< what the tables do not say, so that nobody could check it
};

}  // namespace nocturne
