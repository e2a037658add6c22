// Verb `image`: the imager by hand.
#include "cli/group_options.hpp"
#include "cli/image_json.hpp"
#include "cli/stage_options.hpp"
#include "driver/image_files.hpp"
#include "driver/tiers.hpp"

#include <iostream>

namespace nocturne::cli {
namespace image_verb {

/// FITS images that have no row of their own: indices, cubes, single channels and integrations.
bool is_image_beside(db::ProductRow const& file)
{
    for (char const* product : {"alpha", "alpha-error", "cube", "channel", "snapshot"})
        if (file.product == product) return true;
    return false;
}

int image_verb(ImageRequest request, Overrides overrides, Globals const& globals)
{
    if (request.stem.ends_with('/'))
        throw Error(Code::usage, "--out " + request.stem, "it names a directory, and products need a stem",
                    "say for example --out " + request.stem + "first");
    if (!overrides.count("solutions")) overrides["from"] = "none";
    return on_all_ranks([&](Ranks const& world) {
        request.job = make_job("image", {"read", "convert", "flag", "apply", "export", "image"}, {{}, overrides});
        complete(request, globals);
        request.progress = !globals.quiet;
        auto document = nlohmann::ordered_json::array();
        auto const written = image_files(request, world);
        for (auto const& image : written.images) {
            document.push_back(to_json(image));
            document.back()["notes"] = written.notes;
            if (!globals.json) std::cout << image.path << "\n";
        }
        for (auto const& file : written.files) {
            if (!is_image_beside(file)) continue;
            document.push_back({{"path", file.path}, {"product", file.product}, {"bytes", file.bytes}});
            if (!globals.json) std::cout << file.path << "\n";
        }
        if (written.images.empty() && !written.picture_path.empty()) {
            document.push_back(
                {{"path", written.picture_path}, {"product", "picture"}, {"tier", tier_of(request.job)}});
            if (!globals.json) std::cout << written.picture_path << "\n";
        }
        if (globals.json && world.leader()) print_json(document);
        return 0;
    });
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto request = std::make_shared<ImageRequest>();
    add_group_options(app, *request);
    app.add_option("-o,--out", request->stem,
                   "Stem of the products: STEM-dirty.fits, STEM-psf.fits, STEM.png, STEM-report.html")
        ->required();
    app.add_option("--keep-visibilities", request->keep_visibilities,
                   "Write uvw_m, freq_hz, vis and weight, as they enter the image, to this .npz");
    auto overrides = add_stage_options(app, {"read", "convert", "flag", "apply", "export", "image"}, {"from", "force"});
    add_force(app, overrides);
    app.footer(
        "Nothing is recorded in a database: where the products come from stands in their headers and in the report.");
    return [request, overrides, &globals] { return image_verb(*request, *overrides, globals); };
}

VerbRegistrar const here{{"image", "Image the files of one group: dirty image, PSF, picture, report", &declare}};

}  // namespace image_verb
}  // namespace nocturne::cli
