// Enters: histograms, cuts, uv points, shares, subbands. Leaves: SVG charts.
#include "qa/figures.hpp"
#include "qa/text.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// A box for a chart of lines: its place in the drawing and the values at its edges.
struct ChartAxes {
    double x0, x1, y0, y1;  ///< values at the left, right, lower and upper edge
    static constexpr double left = 58, top = 10, width = 420, height = 210, below = 44, right = 14;
    static constexpr double letters = 13;  ///< height of a line of text
    double x(double value) const { return left + (value - x0) / (x1 - x0) * width; }
    double y(double value) const { return top + height - (value - y0) / (y1 - y0) * height; }
};

/// A round step that cuts `range` into four to eight parts.
double round_step(double range)
{
    double const rough = range / 5, decade = std::pow(10.0, std::floor(std::log10(rough)));
    for (double digit : {1.0, 2.0, 5.0})
        if (rough <= digit * decade * 1.2) return digit * decade;
    return 10 * decade;
}

std::string chart_open(ChartAxes const& a, std::string const& label, std::string const& x_title,
                       double right = ChartAxes::right)
{
    auto svg = open_svg(ChartAxes::left + ChartAxes::width + right,
                        ChartAxes::top + ChartAxes::height + ChartAxes::below, "chart", label);
    svg += print("<rect class=\"frame\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>\n", ChartAxes::left,
                 ChartAxes::top, ChartAxes::width, ChartAxes::height);
    for (auto const& tick : ticks_between(a.x0, a.x1))
        svg += print(
            "<path class=\"grid\" d=\"M%.1f %gv%g\"/><text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%s</text>\n",
            a.x(tick.at), ChartAxes::top, ChartAxes::height, a.x(tick.at), ChartAxes::top + ChartAxes::height + 17,
            tick.text.c_str());
    svg += print("<text class=\"title\" x=\"%g\" y=\"%g\" text-anchor=\"middle\">",
                 ChartAxes::left + ChartAxes::width / 2, ChartAxes::top + ChartAxes::height + 38);
    return svg + escape_html(x_title) + "</text>\n";
}

std::string y_tick(ChartAxes const& a, double value, std::string const& text)
{
    return print("<path class=\"grid\" d=\"M%g %.1fh%g\"/><text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                 ChartAxes::left, a.y(value), ChartAxes::width, ChartAxes::left - 7, a.y(value) + 4, text.c_str());
}

std::string power_of_ten(int exponent)
{
    if (exponent <= 0) return "1";
    std::string text = "10";
    char const* const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    for (char d : std::to_string(exponent)) text += digits[d - '0'];
    return text;
}

double sum_of(std::vector<std::int64_t> const& counts)
{
    double sum = 0;
    for (auto c : counts) sum += static_cast<double>(c);
    return sum;
}

}  // namespace

std::optional<LineAxes> axes_of(ReportLines const& drawn)
{
    LineAxes axes{1e300, -1e300, 1e300, -1e300};
    for (auto const& line : drawn.lines)
        for (auto const& [x, y] : line) {
            axes.x0 = std::min(axes.x0, static_cast<double>(x)), axes.x1 = std::max(axes.x1, static_cast<double>(x));
            if (std::isnan(y)) continue;
            axes.y0 = std::min(axes.y0, static_cast<double>(y)), axes.y1 = std::max(axes.y1, static_cast<double>(y));
        }
    if (axes.y0 > axes.y1) axes.y0 = 0, axes.y1 = 1;  // breaks alone: an empty frame
    if (!(axes.x0 <= axes.x1) || !std::isfinite(axes.y0) || !std::isfinite(axes.y1)) return std::nullopt;
    if (axes.x0 == axes.x1) axes.x0 -= 0.5, axes.x1 += 0.5;
    double const room = axes.y1 > axes.y0 ? 0.05 * (axes.y1 - axes.y0) : std::max(1e-3, 0.1 * std::abs(axes.y0));
    axes.y0 -= room, axes.y1 += room;
    return axes;
}

std::vector<Tick> ticks_between(double a, double b)
{
    double const low = std::min(a, b), high = std::max(a, b), step = round_step(high - low);
    int const decimals = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
    std::vector<Tick> ticks;
    for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k)
        ticks.push_back({k * step, format_number(k * step, decimals)});
    return ticks;
}

std::string open_svg(double width, double height, char const* kind, std::string const& label)
{
    return print("<svg class=\"%s\" viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", kind, width, height) +
           escape_html(label) + "\">\n";
}

std::string draw_histogram(Histogram const& h, double noise_jy)
{
    auto const largest = h.counts.empty() ? 0 : *std::max_element(h.counts.begin(), h.counts.end());
    auto const unit = flux_unit(std::max(std::abs(h.low), std::abs(h.high)));
    ChartAxes const axes{h.low / unit.jy, h.high / unit.jy, 0,
                         std::ceil(std::log10(std::max<double>(10, static_cast<double>(largest))))};
    auto svg = chart_open(axes, "Histogram of pixel values", std::string("pixel value (") + unit.name + "/beam)");
    for (int decade = 0; decade <= static_cast<int>(axes.y1); ++decade)
        svg += y_tick(axes, decade, power_of_ten(decade));
    double const bins = static_cast<double>(h.counts.size()), width = (axes.x1 - axes.x0) / std::max(bins, 1.0);
    std::string path = print("M%.1f %.1f", axes.x(axes.x0), axes.y(0));
    for (std::size_t i = 0; i < h.counts.size(); ++i) {
        double const level = std::log10(std::max<double>(1, static_cast<double>(h.counts[i])));
        path += print("V%.1fH%.1f", axes.y(level), axes.x(axes.x0 + width * static_cast<double>(i + 1)));
    }
    svg += "<path class=\"area\" d=\"" + path + print("V%.1fZ\"/>\n", axes.y(0));
    if (!(noise_jy > 0)) return svg + "</svg>\n";
    double const sigma = noise_jy / unit.jy, height = sum_of(h.counts) * width / (sigma * std::sqrt(2 * pi));
    path.clear();
    for (int i = 0; i <= 200; ++i) {
        double const value = axes.x0 + (axes.x1 - axes.x0) * i / 200;
        double const level = std::log10(std::max(height * std::exp(-0.5 * std::pow(value / sigma, 2)), 1e-9));
        if (level >= 0)
            path += print("%s%.1f %.1f", path.empty() ? "M" : "L", axes.x(value), axes.y(std::min(level, axes.y1)));
    }
    return svg + "<path class=\"line two\" d=\"" + path + "\"/>\n</svg>\n";
}

std::string draw_cuts(std::vector<float> const& cut_x, std::vector<float> const& cut_y, double cell_rad)
{
    double lowest = -0.1;
    for (auto const* cut : {&cut_x, &cut_y})
        for (float v : *cut) lowest = std::min(lowest, static_cast<double>(v));
    double const middle = static_cast<double>(cut_x.size() / 2), cell = cell_rad / arcsec_rad;
    ChartAxes const axes{-middle * cell, middle * cell, std::floor(lowest * 5) / 5, 1.05};
    auto svg = chart_open(axes, "Cuts through the PSF", "offset to the east or north (″)");
    for (double v = axes.y0; v <= 1.01; v += 0.2) svg += y_tick(axes, v, format_number(v, 1));
    auto const line = [&](std::vector<float> const& cut, double sign, char const* kind) {
        std::string path;
        for (std::size_t i = 0; i < cut.size(); ++i)
            path += print("%s%.1f %.1f", i == 0 ? "M" : "L", axes.x(sign * (static_cast<double>(i) - middle) * cell),
                          axes.y(static_cast<double>(cut[i])));
        return print("<path class=\"line %s\" d=\"", kind) + path + "\"/>\n";
    };
    svg += line(cut_x, -1, "one") + line(cut_y, 1, "two");
    double const x = ChartAxes::left + ChartAxes::width - 92;
    svg += print("<path class=\"line one\" d=\"M%g 28h22\"/><text x=\"%g\" y=\"32\">east</text>\n", x, x + 28);
    svg += print("<path class=\"line two\" d=\"M%g 46h22\"/><text x=\"%g\" y=\"50\">north</text>\n", x, x + 28);
    return svg + "</svg>\n";
}

namespace {

std::string path_of(ReportLine const& line, ChartAxes const& axes, ReportMark mark)
{
    std::string path;
    for (std::size_t k = 0; k < line.size(); ++k) {
        auto const& [x, y] = line[k];
        if (std::isnan(y)) continue;
        bool const moves = k == 0 || std::isnan(line[k - 1][1]) || mark == ReportMark::points;
        path += print("%s%.1f %.1f", moves ? "M" : "L", axes.x(static_cast<double>(x)), axes.y(static_cast<double>(y)));
        if (mark == ReportMark::points || stands_alone(line, k)) path += "h4";
    }
    return path;
}

}  // namespace

std::string draw_lines(ReportLines const& drawn)
{
    auto const limits = axes_of(drawn);
    if (!limits) return "";
    ChartAxes const axes{limits->x0, limits->x1, limits->y0, limits->y1};
    auto svg = chart_open(axes, drawn.title, drawn.x_title, drawn.names.empty() ? ChartAxes::right : 34);
    for (auto const& tick : ticks_between(axes.y0, axes.y1)) svg += y_tick(axes, tick.at, tick.text);
    auto const hue = [&](std::size_t i) { return static_cast<int>(360 * hue_of(i, drawn)); };
    for (std::size_t i = 0; i < drawn.lines.size(); ++i) {
        auto const path = path_of(drawn.lines[i], axes, drawn.mark);
        if (path.empty()) continue;
        svg += print(
                   "<path class=\"line one\" style=\"stroke:hsl(%d 55%% 45%%);stroke-width:%s\" stroke-opacity=\"%s\" "
                   "d=\"",
                   hue(i), drawn.mark == ReportMark::points ? "4" : "1", drawn.lines.size() > 8 ? ".45" : ".9") +
               path + "\"/>\n";
    }
    double const apart = ChartAxes::letters / ChartAxes::height * (axes.y1 - axes.y0);
    for (auto const& name : names_beside(drawn, apart))
        svg += print("<text x=\"%g\" y=\"%.1f\" style=\"fill:hsl(%d 55%% 45%%)\">",
                     ChartAxes::left + ChartAxes::width + 4, axes.y(name.y) + 4, hue(name.line)) +
               escape_html(drawn.names[name.line]) + "</text>\n";
    return svg + "</svg>\n";
}

std::string draw_shares(std::vector<float> const& shares, int columns)
{
    auto const rows = static_cast<int>(shares.size()) / std::max(1, columns);
    constexpr double width = 480, height = 210;
    auto svg = open_svg(width, height, "chart", "Share of the samples that is flagged, by time and frequency");
    svg += print("<rect class=\"frame\" width=\"%g\" height=\"%g\"/>\n<g fill=\"currentColor\">\n", width, height);
    double const w = width / std::max(1, columns), h = height / std::max(1, rows);
    for (int row = 0; row < rows; ++row) {
        auto const tone = [&](int column) {  // in steps of 5 %, so that neighbours join
            float const share = shares[static_cast<std::size_t>(row * columns + column)];
            return share < 0.005F ? 0 : static_cast<int>(std::lround(3 + 17 * std::min(1.0F, share)));
        };
        for (int first = 0, last = 0; first < columns; first = last) {
            while (last < columns && tone(last) == tone(first)) ++last;
            if (tone(first) > 0)
                svg += print("<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" opacity=\"%.2f\"/>\n",
                             first * w, row * h, (last - first) * w, h, 0.05 * tone(first));
        }
    }
    return svg + "</g>\n</svg>\n";
}

std::string draw_uv(std::vector<std::array<float, 2>> const& uv_klambda)
{
    constexpr double size = 260, x = 50, y = 8;
    double largest = 1e-6;
    for (auto const& p : uv_klambda) largest = std::max({largest, std::abs(double(p[0])), std::abs(double(p[1]))});
    double const reach = 1.06 * largest, tick = round_step(2 * reach) * (reach > 2 * round_step(2 * reach) ? 2 : 1);
    auto svg = open_svg(x + size + 10, y + size + 44, "small", "uv coverage");
    svg += print("<rect class=\"frame\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/>\n", x, y, size, size);
    auto const along = [&](double value) { return value / reach * size / 2; };
    for (double v : {-tick, 0.0, tick}) {
        auto const text = format_number(v, tick < 1 ? 1 : 0);
        svg += print(
            "<path class=\"grid\" d=\"M%.1f %gv%g\"/><text x=\"%.1f\" y=\"%g\" text-anchor=\"middle\">%s</text>\n",
            x + size / 2 - along(v), y, size, x + size / 2 - along(v), y + size + 17, text.c_str());
        svg +=
            print("<path class=\"grid\" d=\"M%g %.1fh%g\"/><text x=\"%g\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
                  x, y + size / 2 - along(v), size, x - 7, y + size / 2 - along(v) + 4, text.c_str());
    }
    std::string path;
    for (auto const& p : uv_klambda)
        for (double sign : {-1.0, 1.0})
            path += print("M%.1f %.1fh0", x + size / 2 - along(sign * double(p[0])),
                          y + size / 2 - along(sign * double(p[1])));
    svg += "<path class=\"dots\" d=\"" + path + "\"/>\n";
    svg += print("<text class=\"title\" x=\"%g\" y=\"%g\" text-anchor=\"middle\">u, v (kλ), u to the left</text>\n",
                 x + size / 2, y + size + 37);
    return svg + "</svg>\n";
}

std::string draw_bar(std::vector<BarPart> const& parts, std::string const& label)
{
    constexpr double width = 1000, height = 26;
    auto svg = open_svg(width, height, "bar", label);
    double x = 0;
    for (auto const& part : parts) {
        double const w = part.share * width;
        if (w > 0)
            svg += print("<rect class=\"tone%d\" x=\"%.2f\" y=\"0\" width=\"%.2f\" height=\"%g\"><title>", part.tone, x,
                         std::max(w, 0.75), height) +
                   escape_html(part.name) + "</title></rect>\n";
        x += w;
    }
    return svg + "</svg>\n";
}

std::string draw_subbands(std::vector<ReportInput> const& inputs)
{
    double low = 1e30, high = 0;
    for (auto const& i : inputs)
        if (i.high_hz > 0) {
            low = std::min(low, i.low_hz);
            high = std::max(high, i.high_hz);
        }
    bool const known = high > low;
    auto svg = open_svg(1000, 62, "bar", "Subbands on the frequency axis");
    for (std::size_t k = 0; k < inputs.size(); ++k) {
        auto const& in = inputs[k];
        if (known && in.high_hz <= 0) continue;
        double const slot = 1000.0 / static_cast<double>(inputs.size());
        double const x = known ? 1000 * (in.low_hz - low) / (high - low) : slot * static_cast<double>(k);
        double const w = known ? 1000 * (in.high_hz - in.low_hz) / (high - low) : slot;
        svg += print(
            "<rect class=\"%s\" x=\"%.1f\" y=\"1\" width=\"%.1f\" height=\"28\" rx=\"2\"/>"
            "<text class=\"%s\" x=\"%.1f\" y=\"20\" text-anchor=\"middle\">sb%02d</text>\n",
            in.present() ? "tone0" : "hollow", x + 1.5, std::max(w - 3, 1.0), in.present() ? "inside" : "", x + w / 2,
            in.subband);
    }
    if (known)
        svg += print(
            "<text x=\"0\" y=\"50\">%.2f MHz</text><text x=\"1000\" y=\"50\" text-anchor=\"end\">%.2f MHz</text>\n",
            low / 1e6, high / 1e6);
    return svg + "</svg>\n";
}

}  // namespace nocturne
