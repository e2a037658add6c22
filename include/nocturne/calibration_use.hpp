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

/// One round of self-calibration; round 0 is the image before any.
struct SelfCalStep {
    int number = 0;
    std::string mode;   ///< "" of round 0, "p" phases, "ap" amplitudes and phases
    int n_sources = 0;  ///< of the model
    double peak_jy = 0, noise_jy = 0, dynamic_range = 0;
    bool kept = false;      ///< better than all before
    std::string why_ended;  ///< of a round that made nothing better, or could not be done
};

struct CalibrationUse {
    CalProvenance provenance = CalProvenance::borrowed_validated;
    std::string method;             ///< "interpolated" between two sets, or "nearest"
    std::vector<std::string> sets;  ///< names in the registry, before and after; empty where none is registered
    std::vector<CalibrationFile> files;
    double weight_before = 1;              ///< of the set before, at mid-time
    std::vector<std::string> waived;       ///< refusals that --force set aside
    std::vector<std::string> unverified;   ///< what the tables do not say, so that nobody could check it
    std::vector<SelfCalStep> rounds = {};  ///< of self-calibration in this job, on top of the files; empty: none
    std::string doubt = {};                ///< why self-calibration may have moved the sky; "": it has not
};

}  // namespace nocturne
