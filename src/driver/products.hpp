// What a group leaves behind: FITS images, a picture, a report; as a set that appears whole, with its manifest.
#pragma once

#include "db/runs.hpp"
#include "driver/ms_export.hpp"
#include "driver/surroundings.hpp"
#include "nocturne/stage.hpp"
#include "qa/solution_quality.hpp"
#include "qa/timing.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nocturne {

/// ProductRow::product of a Measurement Set.
constexpr char const* measurement_set_product = "measurement_set";

/// ProductRow::product of a file of solutions.
constexpr char const* solutions_product = "solutions";

/// Which of a group's solutions become a file: STEM-solutions.h5 of task register, STEM-selfcal.h5 of task selfcal.
enum class SolutionsKept { none, registered, self_calibrated };

struct ProductContext {
    std::string stem;           ///< path and beginning of the names: OUT/GROUP/GROUP
    std::string tier = "none";  ///< of stage image; quicklook: picture and report alone
    double detect_sigma = 0;    ///< of stage image: threshold of candidates
    std::string run_id, code_version, config_text, config_hash, command_line;
    std::vector<db::InputFile> inputs;
    std::vector<std::string> notes;  ///< what the reader noted of them
    Surroundings where;
    int rank = 0, ranks = 1;
    Ledger const* ledger = nullptr;
    MsExport* ms = nullptr;  ///< a finished one, or none: it becomes part of the set
    SolutionsKept solutions = SolutionsKept::none;
    SolutionQuality const* quality = nullptr;                    ///< of solutions that are registered
    std::vector<std::pair<std::string, std::string>> more = {};  ///< further lines of the report's provenance
    std::function<void()> before_renaming = {};  ///< the leader's last look: what it throws leaves the older products
    double wall_s = 0;                           ///< of the group so far
    std::string started_utc;
};

struct WrittenProducts {
    std::vector<db::ImageRow> images;
    std::vector<db::ProductRow> files;
    std::vector<db::CandidateRow> candidates;
    std::string report_path, picture_path;
    std::vector<std::string> notes = {};  ///< what a user should know of them
};

/// Writes STEM-<product>.fits for each image, STEM.png and STEM-report.html, then the manifest STEM.xxh128. Every rank of the team
/// calls it, with the images that it made; each writes a share, the leader the rest, and renames all. Throws Error(cannot_create,
/// io) on all of them; nothing stands under a final name then. What it returns is complete on the leader, empty elsewhere.
WrittenProducts write_products(GroupState& state, ProductContext const& context, Ranks const& team);

}  // namespace nocturne
