// Rules about whole rows and bands asked for by the user. Enters: header, positions. Leaves: row bits and the mask made by hand.
#include "stages/flag/work.hpp"

#include "nocturne/short_number.hpp"
#include "sky/frames.hpp"
#include "sky/phasing.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

void flag_row(FlagWork& work, Index t, Index b)
{
    work.row_bits[t * work.nb + b] |= flag_static;
    work.has_rows = true;
}

/// True where a range of frequencies covers some of a channel; ends that meet its edges do not.
bool touches(std::pair<double, double> const& range, double freq_hz, double width_hz)
{
    double const half = 0.5 * width_hz * (1 - 1e-6);
    return freq_hz + half >= range.first && freq_hz - half <= range.second;
}

void flag_bands(FlagWork& work, GroupState& state)
{
    auto const& header = state.header;
    std::vector<std::uint32_t> mask(static_cast<std::size_t>(work.words * work.nc), 0);
    for (auto const& range : work.settings.bands_hz) {
        bool any = false;
        for (Index c = 0; c < work.nc; ++c) {
            if (!touches(range, header.freq_hz[c], header.channel_width_hz[c])) continue;
            any = true;
            for (Index w = 0; w < work.words; ++w) mask[w * work.nc + c] = 0xffffffffU;
        }
        if (!any)
            state.notes.push_back("flag-mhz: no channel lies at " + short_number(range.first / 1e6) + " to " +
                                  short_number(range.second / 1e6) + " MHz; the band goes from " +
                                  short_number(header.freq_hz.front() / 1e6) + " to " +
                                  short_number(header.freq_hz.back() / 1e6) + " MHz");
    }
    work.upload_mask(mask_by_hand, mask);
    work.has_rows = true;
}

void by_hand(FlagWork& work, GroupState& state)
{
    auto const& header = state.header;
    for (int number : work.settings.antennas) {
        auto const found = std::find_if(header.antennas.begin(), header.antennas.end(),
                                        [&](Antenna const& a) { return a.number == number; });
        if (found == header.antennas.end())
            throw Error(Code::usage, "flag-antennas: " + std::to_string(number),
                        "the group has no antenna of that number", "see nocturne flag --json for those it has");
        auto const index = static_cast<std::int32_t>(found - header.antennas.begin());
        work.by_hand.push_back(index);
        for (Index b = 0; b < work.nb; ++b)
            if (header.baselines[b].ant1 == index || header.baselines[b].ant2 == index)
                for (Index t = 0; t < work.nt; ++t) flag_row(work, t, b);
    }
    if (!work.settings.bands_hz.empty()) flag_bands(work, state);
}

/// Toward the phase centre; where no task `convert` stands before this one, toward the one it takes by itself.
std::vector<double> uvw_of(GroupState const& state)
{
    if (!state.uvw_m.empty()) return state.uvw_m;
    GroupMoments const moments(state.header, EarthOrientation::load(""));
    std::string note;
    std::vector<Direction> const wanted(static_cast<std::size_t>(moments.size()), moments.common_centre(note));
    return plan_phasing(state.header, moments, wanted).uvw_m;
}

/// Geometry of a row: its projected length, and whether one dish stands in the other's way.
void by_geometry(FlagWork& work, GroupState const& state)
{
    auto const& s = work.settings;
    auto const& header = state.header;
    if (!(s.min_uv_m > 0 || s.max_uv_m > 0 || s.shadow)) return;
    auto const uvw_m = uvw_of(state);
    for (Index t = 0; t < work.nt; ++t)
        for (Index b = 0; b < work.nb; ++b) {
            auto const [ant1, ant2] = header.baselines[b];
            if (ant1 == ant2) continue;
            double const* uvw = &uvw_m[3 * (t * work.nb + b)];
            double const length = std::hypot(uvw[0], uvw[1]);
            double const reach = 0.5 * (header.antennas[ant1].diameter_m + header.antennas[ant2].diameter_m);
            if (length < s.min_uv_m || (s.max_uv_m > 0 && length > s.max_uv_m) || (s.shadow && length < reach))
                flag_row(work, t, b);
        }
}

/// Where the dishes look, ICRS.
std::vector<Direction> pointings_of(GroupState const& state, EarthOrientation const& earth)
{
    if (!state.pointings.empty()) return state.pointings;
    GroupMoments const moments(state.header, earth);
    std::vector<Direction> made;
    for (Index m = 0; m < moments.size(); ++m) made.push_back(moments.pointing(m));
    return made;
}

double elevation(GroupHeader const& header, EarthOrientation const& earth, Index t, Direction pointing)
{
    Instant const instant(header.site, earth, MjdSeconds(header.time_mjd_s[t]));
    auto const at = instant.apparent(pointing);
    double const latitude = header.site.latitude_rad, dec = at.dec.value();
    return std::asin(std::sin(latitude) * std::sin(dec) +
                     std::cos(latitude) * std::cos(dec) * std::cos(at.hour_angle.value()));
}

void by_time(FlagWork& work, GroupState const& state)
{
    auto const& s = work.settings;
    auto const& header = state.header;
    if (!(s.quack_s > 0 || s.min_elevation_rad > 0) || work.nt == 0) return;
    double const begin = header.time_mjd_s.front() - 0.5 * header.integration_s.front();
    auto const earth = EarthOrientation::load("");
    std::vector<Direction> pointings;
    if (s.min_elevation_rad > 0) pointings = pointings_of(state, earth);
    for (Index t = 0; t < work.nt; ++t) {
        bool out = header.time_mjd_s[t] - 0.5 * header.integration_s[t] < begin + s.quack_s;
        if (!pointings.empty()) {
            auto const m = std::min<std::size_t>(static_cast<std::size_t>(t), pointings.size() - 1);
            out |= elevation(header, earth, t, pointings[m]) < s.min_elevation_rad;
        }
        for (Index b = 0; b < work.nb && out; ++b) flag_row(work, t, b);
    }
}

}  // namespace

void apply_row_rules(FlagWork& work, GroupState& state)
{
    by_hand(work, state);
    by_geometry(work, state);
    by_time(work, state);
}

}  // namespace nocturne
