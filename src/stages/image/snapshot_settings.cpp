// Parameters of images of single integrations, declared once. Sizes and threshold: those of DSA-110's fast imaging.
#include "stages/image/settings.hpp"

namespace nocturne {

std::vector<ParamSpec> snapshot_params()
{
    SnapshotSettings const fallback;
    return {
        {"per-integration", "", false,
         "Image each integration by itself, too, and search it for what stands out: candidates in the report, "
         "STEM-candidates.csv and the database"},
        {"detect",
         "sigma",
         fallback.detect_sigma,
         "Candidates are peaks so many times above the noise of what is searched",
         {},
         1,
         1e6},
        {"snapshot-subtract",
         "",
         std::string("neighbours"),
         "What is taken from an integration's image before the search. neighbours: CLEAN's model (without niter, one "
         "that is made for the search alone), then the line through the two nearest integrations, which leaves nothing "
         "of steady and drifting sources within the image; "
         "model: CLEAN's model alone, which leaves bursts of many integrations, too; none",
         {"neighbours", "model", "none"}},
        {"snapshot-size",
         "pixels",
         std::int64_t(fallback.n_pixels),
         "Width and height of these images (even)",
         {},
         16,
         8192},
        {"snapshot-cell", "arcsec", fallback.cell_rad / arcsec_rad, "Size of their pixels", {}, 1e-3, 3600},
    };
}

std::optional<SnapshotSettings> snapshot_settings(Params const& params)
{
    if (!params.flag("per-integration")) return std::nullopt;
    SnapshotSettings settings;
    settings.n_pixels = params.integer("snapshot-size");
    settings.cell_rad = params.number("snapshot-cell") * arcsec_rad;
    settings.detect_sigma = params.number("detect");
    auto const& subtract = params.text("snapshot-subtract");
    settings.subtract = subtract == "none"    ? Subtract::none
                        : subtract == "model" ? Subtract::model
                                              : Subtract::neighbours;
    if (settings.subtract == Subtract::model && params.integer("niter") == 0)
        throw Error(Code::bad_config, "snapshot-subtract = model", "niter is 0, so CLEAN makes no model",
                    "say how many iterations with niter, for example 1000");
    if (settings.n_pixels % 2 != 0)
        throw Error(Code::bad_config, "snapshot-size = " + std::to_string(settings.n_pixels), "the size must be even",
                    "take one pixel more or less");
    double const edge = static_cast<double>(settings.n_pixels) * settings.cell_rad;  // a PSF reaches twice as far
    if (2 * edge * edge >= 1)
        throw Error(Code::bad_config,
                    "snapshot-size and snapshot-cell span " + std::to_string(edge / degree_rad) + " degrees",
                    "a PSF around their corners would reach beyond the horizon", "make one of them smaller");
    return settings;
}

}  // namespace nocturne
