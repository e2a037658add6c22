#include "stages/image/channels.hpp"

#include "nocturne/set_layout.hpp"
#include "nocturne/short_number.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace nocturne {
namespace {

struct Ends {
    double low = 0, high = 0;
    std::string unit;
};

Error not_a_range(std::string const& text)
{
    return Error(Code::bad_config, "channels = " + text, "no range of channels or frequencies",
                 "write for example 0~95, 5, or 1.31~1.37GHz");
}

std::string without_spaces_behind(std::string text)
{
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

Ends ends_of(std::string const& text)
{
    auto const mark = text.find('~');
    bool const one = mark == std::string::npos;
    auto const low = without_spaces_behind(text.substr(0, mark)),
               high = one ? low : without_spaces_behind(text.substr(mark + 1));
    char *after_low = nullptr, *after_high = nullptr;
    Ends ends{std::strtod(low.c_str(), &after_low), std::strtod(high.c_str(), &after_high), after_high};
    ends.unit.erase(0, ends.unit.find_first_not_of(' '));
    bool const good = after_low != low.c_str() && *after_low == 0 && after_high != high.c_str() &&
                      std::isfinite(ends.low) && std::isfinite(ends.high) && ends.low >= 0 && ends.high >= ends.low;
    if (!good) throw not_a_range(text);
    return ends;
}

}  // namespace

ChannelRange find_channels(std::string const& text, GroupHeader const& header)
{
    if (text.empty()) return {};
    auto const& freq = header.freq_hz;
    auto const n = std::ssize(freq);
    auto const ends = ends_of(text);
    Index first = 0, end = 0;
    if (ends.unit.empty()) {
        if (ends.low != std::floor(ends.low) || ends.high != std::floor(ends.high) || ends.high > 1e9)
            throw not_a_range(text);
        first = static_cast<Index>(ends.low), end = std::min<Index>(static_cast<Index>(ends.high) + 1, n);
    } else {
        double factor = 0;
        for (auto const& [name, hertz] : {std::pair{"Hz", 1.0}, {"kHz", 1e3}, {"MHz", 1e6}, {"GHz", 1e9}})
            if (ends.unit == name) factor = hertz;
        if (factor == 0) throw not_a_range(text);
        first = std::lower_bound(freq.begin(), freq.end(), ends.low * factor) - freq.begin();
        end = std::upper_bound(freq.begin(), freq.end(), ends.high * factor) - freq.begin();
    }
    bool const beyond = ends.unit.empty() && ends.high >= static_cast<double>(n);
    if (first >= end || beyond)
        throw Error(Code::bad_config, "channels = " + text,
                    beyond
                        ? "group " + header.group_id + " has " + std::to_string(n) + (n == 1 ? " channel" : " channels")
                        : "no channel of group " + header.group_id + " lies in it",
                    "choose among 0~" + std::to_string(n - 1) + ", " + short_number(freq.front() / 1e9) + "~" +
                        short_number(freq.back() / 1e9) + "GHz");
    return {first, end - first};
}

std::vector<ChannelRange> subbands_of(GroupHeader const& header)
{
    std::vector<ChannelRange> ranges;
    if (header.set)
        for (auto const& window : header.set->windows) ranges.push_back({window.first_channel, window.n_channels});
    else
        for (auto const& subband : header.subbands)
            if (subband.n_channels > 0) ranges.push_back({subband.first_channel, subband.n_channels});
    std::sort(ranges.begin(), ranges.end(),
              [](ChannelRange const& a, ChannelRange const& b) { return a.first < b.first; });
    return ranges;
}

std::vector<ChannelRange> cube_channels(CubeSettings const& cube, ChannelRange whole, GroupHeader const& header)
{
    if (whole.n == 0) whole = {0, std::ssize(header.freq_hz)};
    Index const end = whole.first + whole.n;
    std::vector<ChannelRange> ranges;
    auto const subbands = cube.by_subband ? subbands_of(header) : std::vector<ChannelRange>{};
    for (auto const& subband : subbands) {
        Index const from = std::max<Index>(subband.first, whole.first);
        Index const to = std::min<Index>(subband.first + subband.n, end);
        if (to > from) ranges.push_back({from, to - from});
    }
    if (!subbands.empty()) return ranges;
    Index const parts = cube.by_subband ? 1 : cube.parts;
    if (parts > whole.n)
        throw Error(Code::bad_config, "cube = " + std::to_string(parts),
                    "there are " + std::to_string(whole.n) + " channels", "ask for no more than these");
    for (Index k = 0; k < parts; ++k) {
        Index const from = whole.first + k * whole.n / parts;
        ranges.push_back({from, whole.first + (k + 1) * whole.n / parts - from});
    }
    return ranges;
}

GroupHeader header_of(GroupHeader const& header, ChannelRange range)
{
    auto part = header;
    auto const cut = [&](std::vector<double>& values) {
        if (values.size() != header.freq_hz.size()) return;
        values = {values.begin() + range.first, values.begin() + range.first + range.n};
    };
    cut(part.channel_width_hz);
    cut(part.freq_hz);
    for (auto& subband : part.subbands) {
        Index const from = std::max<Index>(subband.first_channel, range.first);
        Index const to = std::min<Index>(subband.first_channel + subband.n_channels, range.first + range.n);
        subband.first_channel = to > from ? from - range.first : 0;
        subband.n_channels = std::max<Index>(to - from, 0);
    }
    return part;
}

VisBlock channels_of(VisBlock const& block, ChannelRange range)
{
    auto part = block;
    part.vis = block.vis.slice(2, range.first, range.n);
    part.flag = block.flag.slice(2, range.first, range.n);
    part.weight = block.weight.slice(2, range.first, range.n);
    part.raw_vis = {};
    part.raw_weight = {};
    part.model = {};
    return part;
}

}  // namespace nocturne
