// Stage `image`: weights, exact compression to nodes, dirty image and PSF, CLEAN, primary beam. Its passes stand in weigh.cpp,
// project.cpp, make.cpp, clean.cpp and snapshots.cpp. Enters: visibilities toward the phase centre, flags, weights. Leaves: images.
#include "stages/image/image_work.hpp"

namespace nocturne {
namespace image_stage {

Passes make(Params const& params)
{
    auto const settings = image_settings(params);
    Passes passes;
    if (settings.weighting != Weighting::natural) {
        passes.push_back(make_weigh_pass(settings));
        passes.push_back(make_weights_pass(settings));
    }
    auto const work = std::make_shared<ImageWork>();
    passes.push_back(make_project_pass(settings, work));
    passes.push_back(make_image_pass(settings, work));
    if (settings.clean.iterations > 0) passes.push_back(make_clean_pass(settings, work));
    if (settings.snapshots) passes.push_back(make_snapshot_pass(settings, work));
    return passes;
}

StageRegistrar const here{
    {"image", "Makes images: weighting, exact compression, w-gridding, CLEAN, correction for the primary beam",
     image_params(), &make}};

}  // namespace image_stage
}  // namespace nocturne
