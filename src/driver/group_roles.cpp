// Which groups are of calibrators. Enters: files of a group, what counts as a calibrator. Leaves: yes or no.
#include "driver/ms_source.hpp"
#include "driver/survey.hpp"
#include "io/ms_reader.hpp"
#include "io/uvh5_header.hpp"
#include "sky/beam.hpp"
#include "sky/calibrators.hpp"
#include "sky/catalogue.hpp"
#include "sky/phasing.hpp"

#include <spdlog/spdlog.h>

namespace nocturne {

GroupHeader first_header(std::vector<db::InputFile> const& files)
{
    auto const& path = files.front().path;
    return is_measurement_set(path) ? ms_header(path, {}) : group_header({path});
}

bool is_calibrator(std::string const& group_id, std::vector<db::InputFile> const& files, GroupChoice const& choice)
{
    if (files.empty()) return false;
    try {
        auto const header = first_header(files);
        CalibratorSearch search;
        search.direction = default_centre(header, EarthOrientation::load(""));
        search.radius = degrees(choice.radius_deg);
        search.dish_diameter_m = common_dish_diameter_m(header).value_or(0);
        auto const near = choice.catalogue.empty() ? shipped_calibrators()
                                                   : sources_around(choice.catalogue, search.direction, search.radius);
        auto const found = match_calibrators(near, search);
        return !found.empty() && found.front().seen_flux_jy >= choice.least_jy;
    } catch (Error const& error) {
        if (error.code() != Code::bad_input) throw;
        spdlog::warn("{}: no pointing to look for calibrators: {}", group_id, error.what());
        return false;
    }
}

}  // namespace nocturne
