#include "cli/group_files.hpp"

#include "io/uvh5_marks.hpp"
#include "io/uvh5_writer.hpp"
#include "nocturne/correlation.hpp"
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

/// Memory of one file after another.
struct Samples {
    std::vector<Vis> vis, filled;
    std::vector<std::uint8_t> flag;
    std::vector<float> nsamples;
};

std::vector<Uvh5Row> rows_of(RowMap const& map)
{
    std::vector<Uvh5Row> rows;
    rows.reserve(map.target.size());
    for (std::size_t r = 0; r < map.target.size(); ++r)
        rows.push_back({map.target[r], map.swapped[r] != 0, map.rows.time_mjd_s[r], map.rows.integration_s[r]});
    return rows;
}

/// Flags and nsamples of the file that `file` is like, at the cells of its rows.
void take_marks(FileHeader const& like, Samples& memory, Uvh5Subband& file)
{
    auto const nc = std::ssize(like.freq_hz), np = std::ssize(like.correlations);
    auto const stored = static_cast<std::size_t>(like.stored_channels * like.stored_correlations);
    auto const marks = read_marks(like);
    auto const n = static_cast<std::size_t>(nc * np);
    auto const nt = std::ssize(file.time_mjd_s), nb = std::ssize(file.baselines);
    memory.flag.assign(n * static_cast<std::size_t>(nt * nb), 0);
    memory.nsamples.assign(memory.flag.size(), 0);
    for (std::size_t r = 0; r < file.rows.size(); ++r)
        for (std::size_t i = 0; i < n; ++i) {
            auto const from =
                r * stored + (like.sample_order.empty() ? i : static_cast<std::size_t>(like.sample_order[i]));
            auto const to = static_cast<std::size_t>(file.rows[r].cell) * n + i;
            memory.flag[to] = marks.flag[from];
            memory.nsamples[to] = marks.nsamples[from];
        }
    file.flag = make_view(memory.flag.data(), nt, nb, nc, np);
    file.nsamples = make_view(memory.nsamples.data(), nt, nb, nc, np);
}

/// The correlations of `vis` as the file that `file` is like has them; hands that the group turned are 0 in either order.
View<Vis, 4> in_order_of(FileHeader const& like, GroupHeader const& header, View<Vis, 4> vis, Samples& memory)
{
    if (like.correlations == header.correlations) return vis;
    std::vector<int> from;
    for (auto const c : like.correlations) {
        int const place = place_of(c, header.correlations);
        from.push_back(place >= 0 ? place : place_of(antennas_exchanged(c), header.correlations));
        NOCT_CHECK(from.back() >= 0, "a correlation that the group does not have");
    }
    auto const np = std::ssize(from), cells = vis.size() / vis.extent[3];
    memory.filled.resize(static_cast<std::size_t>(cells * np));
    for (Index i = 0; i < cells; ++i)
        for (Index p = 0; p < np; ++p)
            memory.filled[static_cast<std::size_t>(i * np + p)] =
                vis.data[i * vis.extent[3] + from[static_cast<std::size_t>(p)]];
    return make_view(memory.filled.data(), vis.extent[0], vis.extent[1], vis.extent[2], np);
}

void write_one(GroupHeader const& header, FilePlan const& plan, GroupContent const& content, Samples& memory)
{
    auto const found = std::find_if(header.subbands.begin(), header.subbands.end(),
                                    [&](Subband const& s) { return s.index == plan.subband; });
    NOCT_CHECK(found != header.subbands.end(), "a file of a subband that the group does not have");
    Index const nt = std::ssize(header.time_mjd_s), nb = std::ssize(header.baselines),
                np = std::ssize(header.correlations);
    Index const first = found->first_channel, n = found->n_channels;
    memory.vis.resize(static_cast<std::size_t>(nt * nb * n * np));
    auto vis = make_view(memory.vis.data(), nt, nb, n, np);
    content.fill(first, n, vis);
    auto file = common_part(header, content);
    if (plan.like) {
        vis = in_order_of(*plan.like, header, vis, memory);
        file.correlations = plan.like->correlations;
        file.rows = rows_of(*plan.like->rows);
        take_marks(*plan.like, memory, file);
    }
    file.freq_hz.assign(header.freq_hz.begin() + first, header.freq_hz.begin() + first + n);
    file.channel_width_hz = header.channel_width_hz[static_cast<std::size_t>(first)];
    file.vis = vis;
    if (plan.descending) {
        std::reverse(file.freq_hz.begin(), file.freq_hz.end());
        file.vis.data += (n - 1) * vis.extent[3];
        file.vis.stride[2] = -vis.extent[3];
    }
    write_uvh5(plan.path, file);
}

}  // namespace

void write_group(GroupHeader const& header, std::vector<FilePlan> const& plan, GroupContent const& content)
{
    if (header.centres.front().kind != PhaseReference::meridian)
        throw Error(Code::bad_input, "cannot write group " + header.group_id + " in DSA-110's layout",
                    "its data are not stopped on the meridian", "use a group of a meridian telescope");
    Samples memory;
    for (auto const& one : plan) within("file " + one.path, [&] { write_one(header, one, content, memory); });
}

}  // namespace nocturne::cli
