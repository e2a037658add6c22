// Stage `image`: weights, exact compression to nodes, dirty image and PSF, CLEAN, primary beam. Its passes stand in weigh.cpp,
// project.cpp, make.cpp, clean.cpp and snapshots.cpp. Enters: visibilities toward the phase centre, flags, weights. Leaves: images.
#include "stages/image/auto_cell.hpp"
#include "stages/image/image_work.hpp"
#include "stages/image/parts.hpp"

namespace nocturne {
namespace image_stage {

/// Where integrations are searched for what their neighbours do not have, and no CLEAN is asked for: a short one that leaves them its model
/// and nothing else. Lines between neighbours leave sidelobes of what is bright: half a degree from it, the phase of a long baseline
/// turns by most of a radian from one to the next.
ImageSettings with_model_for_search(ImageSettings settings)
{
    auto const& search = settings.snapshots;
    if (!search || search->subtract != Subtract::neighbours || settings.clean.iterations > 0) return settings;
    CleanSettings clean;
    clean.unseen = true;
    clean.iterations = 2000;
    clean.auto_threshold = clean.auto_mask;
    clean.beam = settings.clean.beam;
    clean.unused = settings.clean.unused;
    settings.clean = clean;
    return settings;
}

/// Those of one image.
Passes passes_of(ImageSettings const& wish)
{
    auto const settings = with_model_for_search(wish);
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

/// Of a cube's channels: neither indices nor a search in time.
ImageSettings settings_of_channel(ImageSettings settings)
{
    settings.clean.terms = 1;
    settings.clean.unused.clear();
    settings.idle.clear();
    settings.snapshots.reset();
    return settings;
}

Passes make_all(ImageSettings const& settings)
{
    Passes passes;
    auto const add = [&](Passes more) {
        for (auto& pass : more) passes.push_back(std::move(pass));
    };
    auto const& wish = settings.select;
    if (!wish.channels.empty() || wish.has_uv_range()) passes.push_back(make_select_pass(settings));
    auto const whole = [settings] { return passes_of(settings); };
    add(wish.channels.empty() ? whole() : make_range_passes(settings, whole));
    auto const channel = [settings = settings_of_channel(settings)] { return passes_of(settings); };
    if (settings.cube.on()) add(make_cube_passes(settings, channel));
    return passes;
}

Passes make(Params const& params)
{
    auto const settings = image_settings(params);
    return settings.cell_by_array ? make_auto_cell_passes(settings, &make_all) : make_all(settings);
}

StageRegistrar const here{
    {"image", "Makes images: weighting, exact compression, w-gridding, CLEAN, correction for the primary beam",
     image_params(), &make}};

}  // namespace image_stage
}  // namespace nocturne
