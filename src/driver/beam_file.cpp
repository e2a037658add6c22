#include "driver/beam_file.hpp"

#include "driver/job_file.hpp"
#include "io/fits_reader.hpp"
#include "nocturne/units.hpp"

#include <algorithm>

namespace nocturne {
namespace {

/// Power on the axis, and power anywhere else, may miss 1 by so much.
constexpr double tolerance = 0.01;

Error no_beam(std::string const& path, std::string reason)
{
    return Error(Code::bad_input, "file " + path + ": no primary beam", std::move(reason),
                 "give an image of the power beam, north up, 1 at its reference pixel, with a FREQ axis");
}

}  // namespace

std::string beam_file_of(Job const& job)
{
    for (auto const& task : job.tasks)
        if (task.stage->name == "image") return task.params.text("beam-file");
    return "";
}

std::shared_ptr<BeamMap const> read_beam(std::string const& path)
{
    auto plane = read_fits(path);
    auto map = std::make_shared<BeamMap>();
    map->path = path;
    map->n_x = plane.n_x, map->n_y = plane.n_y;
    map->x0 = plane.crpix_x - 1, map->y0 = plane.crpix_y - 1;
    map->step_l = plane.cdelt_x_deg * degree_rad, map->step_m = plane.cdelt_y_deg * degree_rad;
    map->freq_hz = plane.freq_hz;
    if (!(map->freq_hz > 0)) throw no_beam(path, "it does not say its frequency");
    map->power = std::move(plane.pixels);
    for (float& power : map->power) power = power > 0 ? power : 0;  // blank: beyond the beam
    if (double const peak = static_cast<double>(*std::max_element(map->power.begin(), map->power.end()));
        peak > 1 + tolerance)
        throw no_beam(path, "its power is up to " + std::to_string(peak));
    if (double const axis = map->at(0, 0, map->freq_hz); !(axis > 1 - tolerance))
        throw no_beam(path, "its power at the reference pixel is " + std::to_string(axis));
    return map;
}

}  // namespace nocturne
