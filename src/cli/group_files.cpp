#include "cli/group_files.hpp"

#include "io/uvh5_writer.hpp"
#include "sky/frames.hpp"

#include <algorithm>

namespace nocturne::cli {
namespace {

/// uvw at hour angle 0, as the telescope's files have them.
std::vector<std::array<double, 3>> meridian_uvw(GroupHeader const& header)
{
    auto const uvw = antenna_uvw_m(header.antennas, {meridian_axes(header.site, header.centres.front().direction.dec)});
    std::vector<std::array<double, 3>> rows;
    for (auto const [ant1, ant2] : header.baselines) {
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < 3; ++i)
            row[i] = uvw[3 * static_cast<std::size_t>(ant2) + i] - uvw[3 * static_cast<std::size_t>(ant1) + i];
    }
    return rows;
}

Uvh5Subband common_part(GroupHeader const& header, GroupContent const& content)
{
    Uvh5Subband file;
    file.site = header.site;
    file.instrument = content.instrument;
    file.history = content.history;
    file.antennas = header.antennas;
    file.baselines = header.baselines;
    file.uvw_m = meridian_uvw(header);
    file.double_uvw = content.double_uvw;
    file.time_mjd_s = header.time_mjd_s;
    file.integration_s = header.integration_s;
    file.correlations = header.correlations;
    file.phase_center_dec_rad = header.centres.front().direction.dec.value();
    file.constant_nsamples = content.nsamples;
    return file;
}

void write_one(GroupHeader const& header, FilePlan const& plan, GroupContent const& content, std::vector<Vis>& memory)
{
    auto const found = std::find_if(header.subbands.begin(), header.subbands.end(),
                                    [&](Subband const& s) { return s.index == plan.subband; });
    NOCT_CHECK(found != header.subbands.end(), "a file of a subband that the group does not have");
    Index const nt = std::ssize(header.time_mjd_s), nb = std::ssize(header.baselines),
                np = std::ssize(header.correlations);
    Index const first = found->first_channel, n = found->n_channels;
    memory.resize(static_cast<std::size_t>(nt * nb * n * np));
    auto const vis = make_view(memory.data(), nt, nb, n, np);
    content.fill(first, n, vis);
    auto file = common_part(header, content);
    file.freq_hz.assign(header.freq_hz.begin() + first, header.freq_hz.begin() + first + n);
    file.channel_width_hz = header.channel_width_hz[static_cast<std::size_t>(first)];
    file.vis = vis;
    if (plan.descending) {
        std::reverse(file.freq_hz.begin(), file.freq_hz.end());
        file.vis.data += (n - 1) * np;
        file.vis.stride[2] = -np;
    }
    write_uvh5(plan.path, file);
}

}  // namespace

void write_group(GroupHeader const& header, std::vector<FilePlan> const& plan, GroupContent const& content)
{
    if (header.centres.front().kind != PhaseReference::meridian)
        throw Error(Code::bad_input, "cannot write group " + header.group_id + " in DSA-110's layout",
                    "its data are not stopped on the meridian", "use a group of a meridian telescope");
    std::vector<Vis> memory;
    for (auto const& one : plan) within("file " + one.path, [&] { write_one(header, one, content, memory); });
}

}  // namespace nocturne::cli
