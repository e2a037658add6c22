// Charts of lines as pictures. Enters: lines. Leaves: RGB rows, lines over each other in their own hues.
#include "qa/figures.hpp"
#include "qa/letters.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

constexpr Index chart_left = 78, chart_top = 30, chart_width = 860, chart_height = 440, chart_right = 52,
                chart_below = 52;
constexpr Index letter_scale = 2, letter_step = letter_scale * (letter_width + 1);

/// Of full saturation 0.7 and lightness 0.42; hue in turns.
Rgb line_colour(double hue)
{
    auto const part = [&](double n) {
        double const k = std::fmod(n + 12 * hue, 12.0), a = 0.7 * 0.42;
        return static_cast<std::uint8_t>(255 * (0.42 - a * std::clamp(std::min(k - 3, 9 - k), -1.0, 1.0)));
    };
    return {part(0), part(8), part(4)};
}

class LinePicture {
public:
    explicit LinePicture(LineAxes const& axes) : axes_(axes)
    {
        picture_.width = chart_left + chart_width + chart_right;
        picture_.height = chart_top + chart_height + chart_below;
        picture_.rgb.assign(static_cast<std::size_t>(3 * picture_.width * picture_.height), 255);
    }

    double x(double value) const { return chart_left + (value - axes_.x0) / (axes_.x1 - axes_.x0) * chart_width; }
    double y(double value) const
    {
        return chart_top + chart_height - (value - axes_.y0) / (axes_.y1 - axes_.y0) * chart_height;
    }

    /// `share` of the colour over what is there.
    void put(Index column, Index row, Rgb colour, double share)
    {
        if (column < 0 || row < 0 || column >= picture_.width || row >= picture_.height) return;
        for (std::size_t i = 0; i < 3; ++i) {
            auto& value = picture_.rgb[static_cast<std::size_t>(3 * (row * picture_.width + column)) + i];
            value = static_cast<std::uint8_t>(std::lround((1 - share) * value + share * colour[i]));
        }
    }

    /// A pixel for each step along the longer direction, shared by two across it.
    void segment(double xa, double ya, double xb, double yb, Rgb colour, double share)
    {
        bool const steep = std::abs(yb - ya) > std::abs(xb - xa);
        if (steep) std::swap(xa, ya), std::swap(xb, yb);
        if (xa > xb) std::swap(xa, xb), std::swap(ya, yb);
        double const slope = xb > xa ? (yb - ya) / (xb - xa) : 0;
        for (auto at = static_cast<Index>(std::ceil(xa)); static_cast<double>(at) <= xb; ++at) {
            double const across = ya + slope * (static_cast<double>(at) - xa);
            auto const whole = static_cast<Index>(std::floor(across));
            double const rest = across - static_cast<double>(whole);
            for (Index side : {Index(0), Index(1)}) {
                double const part = share * (side == 0 ? 1 - rest : rest);
                steep ? put(whole + side, at, colour, part) : put(at, whole + side, colour, part);
            }
        }
    }

    void dot(double at_x, double at_y, Rgb colour)
    {
        for (Index dy = -2; dy <= 2; ++dy)
            for (Index dx = -2; dx <= 2; ++dx)
                if (dx * dx + dy * dy <= 5) put(std::lround(at_x) + dx, std::lround(at_y) + dy, colour, 0.9);
    }

    void text(Index column, Index row, std::string const& words, Rgb colour = {60, 60, 60})
    {
        for (char c : words) {
            auto const columns = letter_columns(c);
            for (Index i = 0; i < letter_width * letter_scale; ++i)
                for (Index k = 0; k < letter_height * letter_scale; ++k)
                    if (columns[static_cast<std::size_t>(i / letter_scale)] >> (k / letter_scale) & 1)
                        put(column + i, row + k, colour, 1);
            column += letter_step;
        }
    }

    void frame(std::string const& title, std::string const& x_title)
    {
        constexpr Rgb grid{225, 225, 225}, black{60, 60, 60};
        double const right = chart_left + chart_width, bottom = chart_top + chart_height;
        for (auto const& tick : ticks_between(axes_.x0, axes_.x1)) {
            segment(x(tick.at), chart_top, x(tick.at), bottom, grid, 1);
            text(std::lround(x(tick.at)) - length(tick.text) / 2, chart_top + chart_height + 7, drawable(tick.text));
        }
        for (auto const& tick : ticks_between(axes_.y0, axes_.y1)) {
            segment(chart_left, y(tick.at), right, y(tick.at), grid, 1);
            text(chart_left - 6 - length(tick.text), std::lround(y(tick.at)) - letter_height, drawable(tick.text));
        }
        segment(chart_left, chart_top, right, chart_top, black, 1);
        segment(chart_left, bottom, right, bottom, black, 1);
        segment(chart_left, chart_top, chart_left, bottom, black, 1);
        segment(right, chart_top, right, bottom, black, 1);
        text(chart_left, 8, drawable(title));
        text(chart_left + (chart_width - length(x_title)) / 2, chart_top + chart_height + 30, drawable(x_title));
    }

    /// Beside the frame, at the height of a value.
    void name_at(double value, std::string const& words, Rgb colour)
    {
        text(chart_left + chart_width + 6, std::lround(y(value)) - letter_height, drawable(words), colour);
    }

    /// What two names must lie apart so that they do not touch.
    double line_of_text() const { return (axes_.y1 - axes_.y0) * letter_scale * (letter_height + 1) / chart_height; }

    Picture take() { return std::move(picture_); }

private:
    static Index length(std::string const& words) { return std::ssize(drawable(words)) * letter_step; }

    LineAxes axes_;
    Picture picture_;
};

}  // namespace

Picture picture_of_lines(ReportLines const& drawn)
{
    auto const axes = axes_of(drawn);
    if (!axes) return {};
    LinePicture picture(*axes);
    picture.frame(drawn.title, drawn.x_title);
    double const share = drawn.lines.size() > 8 ? 0.6 : 0.95;
    for (std::size_t i = 0; i < drawn.lines.size(); ++i) {
        auto const colour = line_colour(hue_of(i, drawn));
        auto const& line = drawn.lines[i];
        for (std::size_t k = 0; k < line.size(); ++k) {
            auto const place = [&](std::size_t at) {
                return std::pair{picture.x(static_cast<double>(line[at][0])),
                                 picture.y(static_cast<double>(line[at][1]))};
            };
            if (std::isnan(line[k][1])) continue;
            auto const [x, y] = place(k);
            if (drawn.mark == ReportMark::points || stands_alone(line, k))
                picture.dot(x, y, colour);
            else if (k > 0 && !std::isnan(line[k - 1][1]))
                picture.segment(place(k - 1).first, place(k - 1).second, x, y, colour, share);
        }
    }
    for (auto const& name : names_beside(drawn, picture.line_of_text()))
        picture.name_at(name.y, drawn.names[name.line], line_colour(hue_of(name.line, drawn)));
    return picture.take();
}

}  // namespace nocturne
