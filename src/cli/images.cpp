// Verb `images`: the images the database knows: the best one of each group, or all.
#include "db/images.hpp"

#include "cli/image_json.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

#include <cmath>

namespace nocturne::cli {
namespace images_verb {

using Json = nlohmann::ordered_json;

std::string beam_text(db::ImageRow const& image)
{
    if (!std::isfinite(image.beam_major_arcsec)) return "-";
    return format_number(image.beam_major_arcsec, 4) + "x" + format_number(image.beam_minor_arcsec, 4);
}

void print_text(std::vector<db::ImageRow> const& images)
{
    std::vector<std::vector<std::string>> rows;
    for (auto const& image : images)
        rows.push_back({image.group_id, image.product, std::to_string(image.n_subbands),
                        format_number(image.center_ra_deg, 9), format_number(image.center_dec_deg, 8),
                        std::to_string(image.imsize), format_number(image.cellsize_arcsec, 4),
                        format_number(1e3 * image.noise_jy, 4), beam_text(image), image.path});
    print_table({"group", "product", "subbands", "RA [deg]", "Dec [deg]", "pixels", "cell [arcsec]", "noise [mJy]",
                 "beam [arcsec]", "path"},
                rows);
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto all = std::make_shared<bool>(false);
    app.add_flag("--all", *all, "Every product, not only the best image of each group");
    return [all, &globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto const images = db::list_images(session, *all ? db::ImageChoice::all : db::ImageChoice::best);
        if (!globals.json) {
            print_text(images);
            return 0;
        }
        auto document = Json::array();
        for (auto const& image : images) document.push_back(to_json(image));
        print_json(document);
        return 0;
    };
}

VerbRegistrar const here{{"images", "List the images of the database", &declare}};

}  // namespace images_verb
}  // namespace nocturne::cli
