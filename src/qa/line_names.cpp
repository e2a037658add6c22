// Which lines of a chart are named, and their hues. Enters: lines. Leaves: names that do not cover each other, the odd ones first.
#include "nocturne/median.hpp"
#include "qa/figures.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {

std::vector<LineName> names_beside(ReportLines const& drawn, double apart)
{
    std::vector<LineName> ends;
    std::vector<double> values;
    for (std::size_t i = 0; i < std::min(drawn.lines.size(), drawn.names.size()); ++i) {
        auto const& line = drawn.lines[i];
        auto const last = std::find_if(line.rbegin(), line.rend(), [](auto const& p) { return !std::isnan(p[1]); });
        if (last == line.rend()) continue;
        ends.push_back({i, static_cast<double>((*last)[1])});
        values.push_back(ends.back().y);
    }
    if (ends.empty()) return ends;
    double const middle = median_of(values);
    std::stable_sort(ends.begin(), ends.end(), [&](LineName const& a, LineName const& b) {
        return std::abs(a.y - middle) > std::abs(b.y - middle);
    });
    std::vector<LineName> shown;
    for (auto const& end : ends)
        if (std::all_of(shown.begin(), shown.end(),
                        [&](LineName const& other) { return std::abs(other.y - end.y) >= apart; }))
            shown.push_back(end);
    return shown;
}

double hue_of(std::size_t line, ReportLines const& drawn)
{
    double const turns =
        11.0 / 12 + static_cast<double>(line) / static_cast<double>(std::max<std::size_t>(1, drawn.lines.size()));
    return turns - std::floor(turns);
}

}  // namespace nocturne
