// Stage `image`: weights, exact compression to nodes, dirty image and PSF. Its passes stand in weigh.cpp, project.cpp and
// make.cpp. Enters: visibilities toward the phase centre, flags, weights. Leaves: images.
#include "stages/image/settings.hpp"

namespace nocturne {
namespace {

Passes make(Params const& params)
{
    auto const settings = image_settings(params);
    Passes passes;
    if (settings.weighting != Weighting::natural) {
        passes.push_back(make_weigh_pass(settings));
        passes.push_back(make_weights_pass(settings));
    }
    passes.push_back(make_project_pass(settings));
    passes.push_back(make_image_pass(settings));
    return passes;
}

StageRegistrar const here{
    {"image", "Makes the dirty image and the PSF: weighting, exact compression, w-gridding", image_params(), &make}};

}  // namespace
}  // namespace nocturne
