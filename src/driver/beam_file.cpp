#include "driver/beam_file.hpp"

#include "driver/job_file.hpp"
#include "io/fits_reader.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace nocturne {
namespace {

/// Power on the axis, and power anywhere else, may miss 1 by so much.
constexpr double tolerance = 0.01;
/// A beam that ends with more is cut off.
constexpr double most_at_edge = 0.05;

Error no_beam(std::string const& path, std::string reason)
{
    return Error(Code::bad_input, "file " + path + ": no primary beam", std::move(reason),
                 "give an image of the power beam, north up, 1 at its reference pixel, with a FREQ axis");
}

/// The most that the beam has where its pixels end: at the file's edge, or beside a blank one.
double power_at_edge(BeamMap const& map)
{
    double most = 0;
    auto const known = [&](Index x, Index y) {
        return x >= 0 && y >= 0 && x < map.n_x && y < map.n_y &&
               std::isfinite(map.power[static_cast<std::size_t>(y * map.n_x + x)]);
    };
    for (Index y = 0; y < map.n_y; ++y)
        for (Index x = 0; x < map.n_x; ++x)
            if (known(x, y) && !(known(x - 1, y) && known(x + 1, y) && known(x, y - 1) && known(x, y + 1)))
                most = std::max(most, static_cast<double>(map.power[static_cast<std::size_t>(y * map.n_x + x)]));
    return most;
}

}  // namespace

std::string note_of_edge(BeamMap const& map)
{
    if (map.edge <= most_at_edge) return "";
    char text[400];
    std::snprintf(
        text, sizeof text,
        "the beam of %s ends where it still has %.2f of its power: beyond, that of its edge is taken (of blank "
        "pixels none), so that fluxes corrected for it are wrong there, and where sources drifted past its edge",
        map.path.c_str(), map.edge);
    return text;
}

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
    if (plane.n_freqs > 1)
        throw no_beam(path, "it has " + std::to_string(plane.n_freqs) + " planes along FREQ, and a beam is of one");
    if (!(map->freq_hz > 0)) throw no_beam(path, "it does not say its frequency");
    map->power = std::move(plane.pixels);
    map->edge = power_at_edge(*map);
    for (float& power : map->power) power = power > 0 ? power : 0;  // blank: beyond the beam
    if (double const peak = static_cast<double>(*std::max_element(map->power.begin(), map->power.end()));
        peak > 1 + tolerance)
        throw no_beam(path, "its power is up to " + std::to_string(peak));
    if (double const axis = map->at(0, 0, map->freq_hz); !(axis > 1 - tolerance))
        throw no_beam(path, "its power at the reference pixel is " + std::to_string(axis));
    return map;
}

}  // namespace nocturne
