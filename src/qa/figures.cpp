// Enters: pictures with their geometry. Leaves: SVG of the sky and of the PSF.
#include "qa/figures.hpp"

#include "qa/sky_frame.hpp"
#include "qa/text.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr double plot = 720, left = 108, top = 16, right = 118, bottom = 62;
constexpr std::size_t most_numbers = 40;

/// From pixels of the image to places in the drawing.
struct Map {
    Picture const& picture;
    double scale() const { return plot / static_cast<double>(picture.span); }
    double x(double pixel) const { return left + (pixel - static_cast<double>(picture.first_x) + 0.5) * scale(); }
    double y(double pixel) const { return top + plot - (pixel - static_cast<double>(picture.first_y) + 0.5) * scale(); }
};

std::string embedded(ReportPicture const& picture, double x, double y, double size)
{
    return print("<image x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" preserveAspectRatio=\"none\"", x, y, size,
                 size) +
           "\n href=\"data:image/png;base64," + encode_base64(picture.png) + "\"/>\n";
}

std::string graticule_lines(Map const& map, Graticule const& graticule)
{
    std::string svg = "<g class=\"graticule\" clip-path=\"url(#sky-frame)\">\n";
    for (auto const* lines : {&graticule.ra, &graticule.dec})
        for (auto const& line : *lines)
            for (auto const& piece : line.pieces) {
                svg += "<polyline points=\"";
                for (auto const& p : piece) svg += print("%.1f,%.1f ", map.x(p.x), map.y(p.y));
                svg += "\"/>\n";
            }
    return svg + "</g>\n";
}

/// Ticks and labels; a label that would touch the one before it is left out.
std::string frame(Map const& map, Graticule const& graticule)
{
    std::string svg =
        print("<rect class=\"frame\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>\n", left, top, plot, plot);
    std::vector<double> used;
    auto const free = [&](double at, double gap) {
        for (double u : used)
            if (std::abs(u - at) < gap) return false;
        used.push_back(at);
        return true;
    };
    for (auto const& line : graticule.ra) {
        if (!line.labelled || !free(map.x(line.at.x), 74)) continue;
        double const x = map.x(line.at.x), y = top + plot;
        svg += print(
            "<path class=\"tick\" d=\"M%.1f %.1fv6\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
            x, y, x, y + 22, line.label.c_str());
    }
    used.clear();
    for (auto const& line : graticule.dec) {
        if (!line.labelled || !free(map.y(line.at.y), 16)) continue;
        double const y = map.y(line.at.y);
        svg += print(
            "<path class=\"tick\" d=\"M%.1f %.1fh-6\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
            left, y, left - 10, y + 4, line.label.c_str());
    }
    svg += print("<text class=\"title\" x=\"%g\" y=\"%g\" text-anchor=\"middle\">Right ascension (ICRS)</text>\n",
                 left + plot / 2, top + plot + 46);
    svg += print(
        "<text class=\"title\" transform=\"translate(11 %g) rotate(-90)\" text-anchor=\"middle\">Declination "
        "(ICRS)</text>\n",
        top + plot / 2);
    return svg;
}

std::string colour_bar(Picture const& picture, std::string const& unit_suffix)
{
    std::string svg = "<linearGradient id=\"sky-colours\" x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\">\n";
    for (int i = 0; i <= 32; ++i) {
        auto const c = colour(i / 32.0);
        svg += print("<stop offset=\"%g\" stop-color=\"rgb(%d,%d,%d)\"/>", i / 32.0, c[0], c[1], c[2]);
    }
    double const x = left + plot + 14;
    svg += "\n</linearGradient>\n";
    svg += print("<rect class=\"frame\" x=\"%g\" y=\"%g\" width=\"16\" height=\"%g\" fill=\"url(#sky-colours)\"/>\n", x,
                 top, plot);
    auto const unit = flux_unit(picture.high_jy);
    for (double value : colour_ticks(picture)) {
        double const y = top + plot * (1 - stretched(picture, value));
        svg += print(
            "<path class=\"tick\" d=\"M%g %.1fh5\"/><text x=\"%g\" y=\"%.1f\">%s</text>\n", x + 16, y, x + 25, y + 4,
            ((value < 0 ? "\u2212" : "") + print("%g", std::round(std::abs(value) / unit.jy * 1e6) / 1e6)).c_str());
    }
    svg += print(
        "<text class=\"title\" transform=\"translate(%g %g) rotate(90)\" text-anchor=\"middle\">%s%s, %s</text>\n",
        left + plot + right - 20, top + plot / 2, unit.name, unit_suffix.c_str(),
        picture.stretch == Stretch::asinh ? "asinh scale" : "linear scale");
    return svg;
}

/// The beam at the lower left, filled, in its true size.
std::string beam_ellipse(Map const& map, Beam const& beam)
{
    if (!(beam.major_rad > 0)) return "";
    double const per_rad = map.scale() / map.picture.geometry.cell_rad;
    double const major = std::max(beam.major_rad * per_rad / 2, 0.8),
                 minor = std::max(beam.minor_rad * per_rad / 2, 0.8);
    double const box = std::max(24.0, 2 * major + 12), x = left + 10 + box / 2, y = top + plot - 10 - box / 2;
    return print(
        "<g class=\"beam\"><title>beam %.2f″ × %.2f″, position angle %.1f°</title><rect x=\"%.1f\" y=\"%.1f\" "
        "width=\"%.1f\" height=\"%.1f\" rx=\"4\"/><ellipse cx=\"%.1f\" cy=\"%.1f\" rx=\"%.2f\" ry=\"%.2f\" "
        "transform=\"rotate(%.2f %.1f %.1f)\"/></g>\n",
        beam.major_rad / arcsec_rad, beam.minor_rad / arcsec_rad, beam.pa_rad / degree_rad, x - box / 2, y - box / 2,
        box, box, x, y, minor, major, -beam.pa_rad / degree_rad, x, y);
}

std::string circles(Map const& map, std::vector<FoundSource> const& sources)
{
    std::string svg = "<g class=\"sources\" clip-path=\"url(#sky-frame)\">\n";
    for (std::size_t i = 0; i < sources.size(); ++i) {
        auto const& s = sources[i];
        double const x = map.x(s.x), y = map.y(s.y);
        svg += print("<g><title>%zu: %s %s, %s/beam</title><circle cx=\"%.1f\" cy=\"%.1f\" r=\"9\"/>", i + 1,
                     format_ra(s.position.ra.value()).c_str(), format_dec(s.position.dec.value()).c_str(),
                     format_jy(s.peak_jy).c_str(), x, y);
        if (i < most_numbers) svg += print("<text x=\"%.1f\" y=\"%.1f\">%zu</text>", x + 11, y - 6, i + 1);
        svg += "</g>\n";
    }
    return svg + "</g>\n";
}

}  // namespace

std::string draw_sky(ReportPicture const& picture, Beam const& beam, std::vector<FoundSource> const& sources)
{
    Map const map{picture.picture};
    auto const graticule = make_graticule(picture.picture);
    auto svg = open_svg(left + plot + right, top + plot + bottom, "sky",
                        "Image of the sky with right ascension and declination");
    svg += print("<clipPath id=\"sky-frame\"><rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/></clipPath>\n", left,
                 top, plot, plot);
    svg += embedded(picture, left, top, plot);
    svg += graticule_lines(map, graticule) + frame(map, graticule);
    svg +=
        colour_bar(picture.picture, picture.product == Product::psf || picture.product == Product::pb ? "" : "/beam");
    return svg + beam_ellipse(map, beam) + circles(map, sources) + "</svg>\n";
}

std::string draw_thumbnail(ReportPicture const& picture)
{
    constexpr double size = 260, x = 50, y = 8;
    Picture const& p = picture.picture;
    double const half = 0.5 * static_cast<double>(p.span) * p.geometry.cell_rad / arcsec_rad;
    double const step = std::pow(10.0, std::floor(std::log10(half)));
    double const tick = half / step >= 5 ? 5 * step : (half / step >= 2 ? 2 * step : step);
    auto svg = open_svg(x + size + 10, y + size + 44, "small", "Central part of the picture");
    svg += embedded(picture, x, y, size);
    svg += print("<rect class=\"frame\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>\n", x, y, size, size);
    for (double offset : {-tick, 0.0, tick}) {
        double const along = offset / half * size / 2;
        auto const text = format_number(offset, tick < 1 ? 1 : 0);
        svg += print(
            "<path class=\"tick\" d=\"M%.1f %.1fv5\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
            x + size / 2 - along, y + size, x + size / 2 - along, y + size + 19, text.c_str());
        svg += print(
            "<path class=\"tick\" d=\"M%.1f %.1fh-5\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", x,
            y + size / 2 - along, x - 8, y + size / 2 - along + 4, text.c_str());
    }
    svg += print("<text class=\"title\" x=\"%g\" y=\"%g\" text-anchor=\"middle\">east–north offset (″)</text>\n",
                 x + size / 2, y + size + 37);
    return svg + "</svg>\n";
}

}  // namespace nocturne
