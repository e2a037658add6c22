// Images, and where an image comes from.
#pragma once

#include "db/session.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nocturne::db {

/// One row of images. Unknown numbers are NaN and stored as NULL.
struct ImageRow {
    std::string path;              ///< absolute
    std::string product;           ///< dirty, image, residual, model, psf, pb, pbcor, weight, noise
    std::string group_id, run_id;  ///< filled in by record_group_result
    std::string type = "5min";
    double center_ra_deg = 0, center_dec_deg = 0;
    std::int64_t imsize = 0;
    double cellsize_arcsec = 0;
    double noise_jy = 0;
    double dynamic_range = 0;  ///< peak over noise
    double beam_major_arcsec = 0, beam_minor_arcsec = 0, beam_pa_deg = 0;
    bool pbcor = false;
    std::string field_name;
    double freq_ghz = 0, bandwidth_mhz = 0, integration_s = 0;
    double mid_mjd = 0;
    std::int64_t n_subbands = 0;
    std::string stokes = "I", weighting;
    double robust = 0, epsilon = 0;
    std::int64_t n_vis_used = 0, n_vis_flagged = 0, n_vis_missing = 0;
    std::string tier = "standard";
    std::string datasum;
    double created_s = 0;  ///< 0 = now
    bool retired = false;  ///< another result has taken a place of this one's result: only what it left behind
};

/// Which images to list: one a group, its best science image (pbcor, image or dirty; never of a retired result), or all.
enum class ImageChoice { best, all };
/// By rising mid time, then path.
std::vector<ImageRow> list_images(Session& session, ImageChoice choice = ImageChoice::best);

/// Everything `prov` says of one image.
struct Provenance {
    struct File {
        std::string path, xxh128;
        std::int64_t bytes = 0;
    };
    struct Stage {
        std::string name;
        double wall_s = 0;
        std::int64_t bytes = 0;
        double gb_per_s = 0;
    };
    std::string image, product, group_id;
    std::string run_id, status, code_version, config_json, command_line;
    std::vector<File> inputs, outputs;
    std::string host, device, device_uuid;
    int rank = 0, ranks = 1, run_ranks = 1;
    std::string slurm_job_id;  ///< "" = none
    int restart_count = 0;
    double started_s = 0, finished_s = 0;
    std::vector<Stage> stages;
    std::string calibration_json;  ///< "" where the product was not corrected
    std::string notes_json;        ///< list of texts; "" where nothing was noted of the inputs
    std::string flagging_json;     ///< "" where no strategy of flags was asked for
};

/// By the path of an image or of any other product; absolute, as written, or a name that only one product ends with; where nothing has that path, by the
/// xxh3-128 that `hash` finds of a file which is there (a copy). Throws Error(input_missing) where none or several match.
Provenance provenance_of(Session& session, std::string const& path,
                         std::function<std::string(std::string const&)> const& hash = {});

}  // namespace nocturne::db
