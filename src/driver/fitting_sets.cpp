#include "driver/fitting_sets.hpp"

#include "driver/firewall.hpp"
#include "driver/survey.hpp"
#include "nocturne/cal_table.hpp"
#include "nocturne/correlation.hpp"
#include "nocturne/present_channels.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

/// As the firewall has it: the set's band holds the group's, and a bandpass is on the group's channels.
bool fits_band(db::SetRow const& set, DataFacts const& data)
{
    auto const band = nlohmann::json::parse(set.frequencies_json, nullptr, false);
    if (!band.is_object() || !band.contains("width_hz")) return true;
    double const width = data.width_hz, first = band.at("first_hz"), last = band.at("last_hz"),
                 of_set = band.at("width_hz");
    bool const inside = (first - of_set / 2) - (data.low_hz - width / 2) < width / 2 &&
                        data.high_hz - last + (width - of_set) / 2 < width / 2;
    if (!inside || !set.bandpass) return inside;
    double const steps = (data.low_hz - first) / width;
    return std::abs(of_set - width) <= 0.01 * width && std::abs(steps - std::round(steps)) <= 0.01;
}

bool fits_hands(db::SetRow const& set, DataFacts const& data)
{
    auto const hands = nlohmann::json::parse(set.correlations_json, nullptr, false);
    if (!hands.is_array()) return true;
    return std::all_of(data.correlations.begin(), data.correlations.end(), [&](Correlation wanted) {
        return antennas_exchanged(wanted) != wanted ||
               std::find(hands.begin(), hands.end(), name(wanted)) != hands.end();
    });
}

}  // namespace

DataFacts data_of(GroupHeader const& header)
{
    DataFacts data;
    data.telescope = header.site.telescope_name;
    if (auto const channels = present_channels(header); !channels.empty()) {
        data.low_hz = header.freq_hz[channels.front()];
        data.high_hz = header.freq_hz[channels.back()];
        data.width_hz = header.channel_width_hz[channels.front()];
    }
    data.correlations = header.correlations;
    data.preprocessing = preprocessing_of(header);
    return data;
}

DataFacts data_of(db::GroupFacts const& group)
{
    auto data = data_of(first_header(group.files));
    if (group.low_hz > 0) data.low_hz = group.low_hz, data.high_hz = group.high_hz;
    return data;
}

bool fits(db::SetRow const& set, DataFacts const& data, bool between_channels)
{
    if (set.preprocessing.empty()) return true;  // CASA's
    if (!set.telescope.empty() && !data.telescope.empty() && set.telescope != data.telescope) return false;
    if (!same_preprocessing(set.preprocessing, data.preprocessing) || !fits_hands(set, data)) return false;
    return between_channels || data.width_hz <= 0 || fits_band(set, data);
}

}  // namespace nocturne
