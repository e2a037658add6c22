// What the passes of the stage `image` are told. Enters: validated parameters. Leaves: plain values in SI units.
#pragma once

#include "nocturne/image.hpp"
#include "nocturne/param.hpp"
#include "nocturne/stage.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nocturne {

enum class Weighting { natural, uniform, briggs };
enum class Compression { automatic, on, off };  ///< automatic: where it is cheaper; off: every channel is a point

enum class Deconvolver { hogbom, clark };
/// Of the antennas: an Airy pattern, a Gaussian as wide, a file's. none: a component is as bright at all times and frequencies, and
/// images are not corrected by more than the dish's Airy pattern.
enum class ModelBeam { airy, gaussian, file, none };

/// Circles around sources of catalogues: CLEAN goes nowhere else. None where there is no catalogue.
struct CatalogueMask {
    std::vector<std::string> catalogues;  ///< by falling priority
    double least_jy = 2e-3;               ///< at 1.4 GHz
    double radius_rad = 60 * arcsec_rad;
};

/// The narrowest scale of multiscale CLEAN, in pixels at half maximum; what is narrower is a point.
constexpr double least_scale_px = 2.5;

/// Multiscale CLEAN: none where `on` is not.
struct ScaleSettings {
    struct Size {
        double pixels = 0, rad = 0;  ///< one of them
    };
    bool on = false;
    std::vector<Size> sizes;  ///< widths at half maximum; empty: by the beam
    double bias = 0.9;        ///< what a doubling of the width costs a scale when one is chosen
};

/// CLEAN: none where `iterations` is 0.
struct CleanSettings {
    Index iterations = 0;
    Deconvolver deconvolver = Deconvolver::hogbom;
    double gain = 0.1;          ///< share of a peak that one iteration takes
    double mgain = 0.8;         ///< share of the largest peak that one major cycle takes
    double threshold_jy = 0;    ///< nothing below is cleaned
    double auto_mask = 5;       ///< first down to so many times the noise, anywhere; 0 = no mask
    double auto_threshold = 1;  ///< then down to so many, where components are
    CatalogueMask mask;
    ScaleSettings scales;
    int terms = 1;                     ///< of a Taylor series along the band: 2 for spectral indices
    ModelBeam beam = ModelBeam::airy;  ///< of major cycles
    double pb_limit = 0.2;             ///< images that are corrected for the primary beam end here
    std::string unused;                ///< what was said of CLEAN where there is none
    bool unseen = false;               ///< its model is for the search of integrations: no products, no components
};

enum class Subtract { neighbours, model, none };

/// Images of single integrations, and what stands out in one of them.
struct SnapshotSettings {
    Index n_pixels = 1024;  ///< even
    double cell_rad = 2.5 * arcsec_rad;
    double detect_sigma = 6;  ///< of the robust noise of what is searched
    Subtract subtract = Subtract::neighbours;
    ImageGeometry geometry(Direction const& centre) const { return {n_pixels, cell_rad, centre}; }
};

/// Channels first … first + n − 1 of the group's axis; n = 0: all.
struct ChannelRange {
    Index first = 0, n = 0;
};

/// Which visibilities are imaged.
struct Selection {
    std::string stokes = "I";                     ///< I, Q, U or V
    std::string channels;                         ///< "", "0~95", "1.31~1.37GHz"
    double uv_min_lambda = 0, uv_max_lambda = 0;  ///< 0: no limit
    bool has_uv_range() const { return uv_min_lambda > 0 || uv_max_lambda > 0; }
};

/// Channels of a cube: none, one a subband of the files, or as many parts of the band.
struct CubeSettings {
    bool by_subband = false;
    int parts = 0;
    bool on() const { return by_subband || parts > 0; }
};

struct ImageSettings {
    Index n_pixels = 2400;  ///< even
    double cell_rad = 6 * arcsec_rad;
    bool cell_by_array = false;  ///< the pixels are chosen when a group's baselines are known: auto_cell.hpp
    Weighting weighting = Weighting::briggs;
    double robust = 0.5;    ///< Briggs' R, −2 (uniform) … 2 (natural); used by briggs only
    double epsilon = 1e-4;  ///< relative L2 error of the dirty image against the exact sum
    Compression compression = Compression::automatic;
    double taper_rad = 0;       ///< width at half maximum of the Gaussian that the taper's weights make; 0: none
    double averaging_loss = 0;  ///< most of a source in the image's corner that averaging by baseline may cost; 0: none
    Selection select;
    CubeSettings cube;
    CleanSettings clean;                        ///< none where it is not asked for
    std::vector<std::string> idle;              ///< what was said and nothing uses, a sentence each
    std::optional<SnapshotSettings> snapshots;  ///< where they are asked for

    /// The error is shared: half for the projection to nodes, half for the gridder.
    double node_epsilon() const { return 0.5 * epsilon; }
    double gridder_epsilon() const { return 0.5 * epsilon; }
    ImageGeometry geometry(Direction const& centre) const { return {n_pixels, cell_rad, centre}; }
};

const char* name(Weighting weighting);  ///< "natural", "uniform", "briggs"

/// The parameters of the stage, declared once.
std::vector<ParamSpec> image_params();
std::vector<ParamSpec> clean_params();  ///< those of them that are CLEAN's: clean_settings.cpp
CleanSettings clean_settings(Params const& params);
std::vector<ParamSpec> selection_params();  ///< selection_settings.cpp
Selection selection_settings(Params const& params);
CubeSettings cube_settings(Params const& params);
std::vector<ParamSpec> scale_params();  ///< scale_settings.cpp
ScaleSettings scale_settings(Params const& params);
std::vector<ParamSpec> snapshot_params();  ///< snapshot_settings.cpp
std::optional<SnapshotSettings> snapshot_settings(Params const& params);
/// Throws Error(bad_config) where an image of these parameters is impossible (odd size, a field beyond the hemisphere).
ImageSettings image_settings(Params const& params);
void check_pixels(ImageSettings const& settings);  ///< that part of it which depends on the size of pixels

// The passes of the stage, in the order in which they run.
std::unique_ptr<Pass> make_weigh_pass(ImageSettings const& settings);  ///< "image.weigh": weigh.cpp; not for natural
std::unique_ptr<Pass> make_weights_pass(
    ImageSettings const& settings);                                     ///< "image.weights": weigh.cpp; not for natural
std::unique_ptr<Pass> make_select_pass(ImageSettings const& settings);  ///< "image.select": select.cpp; for ranges
struct ImageWork;
std::unique_ptr<Pass> make_project_pass(ImageSettings const& settings,
                                        std::shared_ptr<ImageWork> work = {});  ///< "image.project": project.cpp
std::unique_ptr<Pass> make_image_pass(ImageSettings const& settings,
                                      std::shared_ptr<ImageWork> work = {});  ///< "image.make": make.cpp
std::unique_ptr<Pass> make_clean_pass(ImageSettings const& settings,
                                      std::shared_ptr<ImageWork> work);  ///< "image.clean": clean.cpp; where niter > 0
std::unique_ptr<Pass> make_snapshot_pass(ImageSettings const& settings,
                                         std::shared_ptr<ImageWork> work);  ///< "image.snapshots": snapshots.cpp

}  // namespace nocturne
