// What a group leaves behind: FITS images, a picture, a report; as a set that appears whole, with its manifest.
#pragma once

#include "db/runs.hpp"
#include "driver/ms_export.hpp"
#include "driver/surroundings.hpp"
#include "nocturne/stage.hpp"
#include "qa/timing.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// ProductRow::product of a Measurement Set.
constexpr char const* measurement_set_product = "measurement_set";

struct ProductContext {
    std::string stem;  ///< path and beginning of the names: OUT/GROUP/GROUP
    std::string run_id, code_version, config_text, config_hash, command_line;
    std::vector<db::InputFile> inputs;
    Surroundings where;
    int rank = 0, ranks = 1;
    Ledger const* ledger = nullptr;
    MsExport* ms = nullptr;  ///< a finished one, or none: it becomes part of the set
    double wall_s = 0;       ///< of the group so far
    std::string started_utc;
};

struct WrittenProducts {
    std::vector<db::ImageRow> images;
    std::vector<db::ProductRow> files;
    std::string report_path, picture_path;
};

/// Writes STEM-<product>.fits for each image, STEM.png and STEM-report.html, then the manifest STEM.xxh128. Throws
/// Error(cannot_create, io); nothing stands under a final name then.
WrittenProducts write_products(GroupState const& state, ProductContext const& context);

/// Samples of the parallel hands that went into the image, and those that did not: as `images` prints them.
db::ImageRow describe_image(Image const& image, GroupState const& state, std::string const& path,
                            std::string const& datasum);

}  // namespace nocturne
