// Enters: what was flagged and solved. Leaves: the section of the report on it.
#include "qa/figures.hpp"
#include "qa/report_sections.hpp"
#include "qa/text.hpp"

namespace nocturne {

std::string calibration_section(GroupReport const& r)
{
    std::string figures;
    auto const add = [&](std::string const& drawing, std::string const& title) {
        figures += "<figure>\n" + drawing + "<figcaption>" + escape_html(title) + "</figcaption>\n</figure>\n";
    };
    if (!r.occupancy.empty())
        add(draw_shares(r.occupancy, r.occupancy_columns),
            "Share of the cross-correlations that is flagged, the darker the more: channels to the right" +
                print(" (%.1f to %.1f MHz)", (r.about.freq_hz - r.about.bandwidth_hz / 2) / 1e6,
                      (r.about.freq_hz + r.about.bandwidth_hz / 2) / 1e6) +
                ", integrations downwards (" + format_seconds(r.about.duration_s) + ").");
    for (auto const& lines : r.solutions)
        if (auto const drawing = draw_lines(lines); !drawing.empty()) add(drawing, lines.title);
    if (figures.empty()) return "";
    return "<section>\n<h2>Flags and solutions</h2>\n<div class=\"figures\">\n" + figures + "</div>\n</section>\n";
}

}  // namespace nocturne
