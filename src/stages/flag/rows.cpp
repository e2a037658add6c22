// Rules about whole rows and bands asked for by the user. Enters: header, positions. Leaves: row bits and the mask made by hand.
#include "stages/flag/work.hpp"

#include "sky/frames.hpp"

#include <algorithm>
#include <cmath>

namespace nocturne {
namespace {

void flag_row(FlagWork& work, Index t, Index b)
{
    work.row_bits[t * work.nb + b] |= flag_static;
    work.has_rows = true;
}

void by_hand(FlagWork& work, GroupHeader const& header)
{
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
    if (work.settings.bands_hz.empty()) return;
    std::vector<std::uint32_t> mask(static_cast<std::size_t>(work.words * work.nc), 0);
    for (Index c = 0; c < work.nc; ++c)
        for (auto const& [low, high] : work.settings.bands_hz)
            if (header.freq_hz[c] >= low && header.freq_hz[c] <= high)
                for (Index w = 0; w < work.words; ++w) mask[w * work.nc + c] = 0xffffffffU;
    work.upload_mask(mask_by_hand, mask);
    work.has_rows = true;
}

/// Geometry of a row: its projected length, and whether one dish stands in the other's way.
void by_geometry(FlagWork& work, GroupState const& state)
{
    auto const& s = work.settings;
    auto const& header = state.header;
    if (!(s.min_uv_m > 0 || s.max_uv_m > 0 || s.shadow)) return;
    if (state.uvw_m.empty())
        throw Error(Code::bad_config, "flag: min-uv, max-uv and shadow",
                    "no baselines in metres stand before this task", "put task convert first");
    for (Index t = 0; t < work.nt; ++t)
        for (Index b = 0; b < work.nb; ++b) {
            auto const [ant1, ant2] = header.baselines[b];
            if (ant1 == ant2) continue;
            double const* uvw = &state.uvw_m[3 * (t * work.nb + b)];
            double const length = std::hypot(uvw[0], uvw[1]);
            double const reach = 0.5 * (header.antennas[ant1].diameter_m + header.antennas[ant2].diameter_m);
            if (length < s.min_uv_m || (s.max_uv_m > 0 && length > s.max_uv_m) || (s.shadow && length < reach))
                flag_row(work, t, b);
        }
}

/// Of where the dishes look at integration t.
double elevation(GroupState const& state, EarthOrientation const& earth, Index t)
{
    auto const& header = state.header;
    if (state.pointings.empty())
        throw Error(Code::bad_config, "flag: min-elevation", "where the dishes look is not known before this task",
                    "put task convert first");
    Instant const instant(header.site, earth, MjdSeconds(header.time_mjd_s[t]));
    auto const at = instant.apparent(
        state.pointings[std::min<std::size_t>(static_cast<std::size_t>(t), state.pointings.size() - 1)]);
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
    for (Index t = 0; t < work.nt; ++t) {
        bool out = header.time_mjd_s[t] - 0.5 * header.integration_s[t] < begin + s.quack_s;
        if (s.min_elevation_rad > 0) out |= elevation(state, earth, t) < s.min_elevation_rad;
        for (Index b = 0; b < work.nb && out; ++b) flag_row(work, t, b);
    }
}

}  // namespace

void apply_row_rules(FlagWork& work, GroupState const& state)
{
    by_hand(work, state.header);
    by_geometry(work, state);
    by_time(work, state);
}

}  // namespace nocturne
