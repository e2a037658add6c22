// Figures of the report as SVG. Enters: parts of a GroupReport. Leaves: <svg> elements, each beginning a line of its own.
#pragma once

#include "qa/report.hpp"

#include <optional>
#include <string>

namespace nocturne {

/// Values at the edges of a chart.
struct LineAxes {
    double x0 = 0, x1 = 0, y0 = 0, y1 = 0;
};

/// Axes that hold all points, with some room above and below, and the places of breaks; nothing without either.
std::optional<LineAxes> axes_of(ReportLines const& lines);

/// Round values between two, four to eight of them, and as text.
struct Tick {
    double at = 0;
    std::string text;
};
std::vector<Tick> ticks_between(double low, double high);

/// The opening tag; `kind` is its class, `label` (escaped here) what a reader of the page aloud says.
std::string open_svg(double width, double height, char const* kind, std::string const& label);

/// The picture with a frame of RA and Dec, a colour bar, the beam and, where `sources` is not empty, numbered circles.
std::string draw_sky(ReportPicture const& picture, Beam const& beam, std::vector<FoundSource> const& sources);

/// The picture in a frame of offsets in seconds of arc (PSF).
std::string draw_thumbnail(ReportPicture const& picture);

/// Logarithmic histogram of pixel values with the Gaussian of the robust noise over it.
std::string draw_histogram(Histogram const& histogram, double noise_jy);

/// Cuts through the PSF to the east and north.
std::string draw_cuts(std::vector<float> const& cut_x, std::vector<float> const& cut_y, double cell_rad);

/// uv points and their mirror images.
std::string draw_uv(std::vector<std::array<float, 2>> const& uv_klambda);

/// Where a line's name stands: beside its last point.
struct LineName {
    std::size_t line = 0;
    double y = 0;  ///< of that point
};
/// Of lines that have names: those that end furthest from the others (their median) first, as many as stand `apart` from each other.
std::vector<LineName> names_beside(ReportLines const& lines, double apart);

/// The hue of a line, in turns.
double hue_of(std::size_t line, ReportLines const& lines);

/// Many thin lines on axes that hold them all; "" without two points.
std::string draw_lines(ReportLines const& lines);

/// The same as an image with a title and ticks, for a file of its own; an empty one without a point. Letters beyond ASCII are left out.
Picture picture_of_lines(ReportLines const& lines);

/// Shares on a grid, row by row, as cells of an opacity; cells of less than half a percent are left out.
std::string draw_shares(std::vector<float> const& shares, int columns);

struct BarPart {
    std::string name;  ///< shown as a tooltip; escaped here
    double share = 0;  ///< of 1
    int tone = 0;      ///< 0 = good, 1… = colours of the legend
};
/// One bar of parts that fill its length.
std::string draw_bar(std::vector<BarPart> const& parts, std::string const& label);

/// One box per subband on the frequency axis, missing ones hollow.
std::string draw_subbands(std::vector<ReportInput> const& inputs);

}  // namespace nocturne
