#include "io/casa_export.hpp"

#include "io/casa_table.hpp"
#include "io/ms_subtables.hpp"
#include "nocturne/error.hpp"

#include <cmath>

namespace nocturne {
namespace {

/// Since CASA 5.3 the pivot of a delay is the middle channel of its window; the name must not read like an older version.
constexpr char const* convention = "6.6.0-nocturne";
constexpr double ns = 1e9;

/// Receptor 0: X or R, 1: Y or L.
std::size_t receptor(Correlation correlation)
{
    return correlation == Correlation::YY || correlation == Correlation::LL ? 1 : 0;
}

std::int32_t row_of(CalTable const& table, Antenna const& antenna)
{
    for (std::size_t a = 0; a < table.telescope.size(); ++a)
        if (table.telescope[a].number == antenna.number) return static_cast<std::int32_t>(a);
    throw Error(Code::defect, "antenna " + antenna.name + " is none of the telescope's",
                "a table with two lists of antennas", "report this as a defect, with the file of solutions");
}

casa::Row blank_row(CalTable const& table, std::size_t interval, std::int32_t antenna)
{
    std::size_t const n = 2 * table.freq_hz.size();
    casa::Row row;
    auto const& when = table.intervals[interval];
    row.time_mjd_s = when.time_mjd_s;
    row.interval_s = when.end_mjd_s - when.start_mjd_s;
    row.antenna = antenna;
    row.reference = -1;
    if (table.kind != CalKind::delay && table.reference_antenna >= 0)
        row.reference = row_of(table, table.antennas[static_cast<std::size_t>(table.reference_antenna)]);
    row.scan = 1;
    row.gain.assign(n, 1.0F);
    row.value.assign(n, 0.0F);
    row.error.assign(n, 0.0F);
    row.snr.assign(n, 0.0F);
    row.flag.assign(n, 1);
    return row;
}

void fill_row(CalTable const& table, std::size_t interval, std::size_t antenna, casa::Row& row)
{
    for (std::size_t p = 0; p < table.correlations.size(); ++p)
        for (std::size_t c = 0; c < table.freq_hz.size(); ++c) {
            std::size_t const from = table.at(interval, antenna, p, c), to = 2 * c + receptor(table.correlations[p]);
            if (table.flag[from]) continue;
            row.flag[to] = 0;
            if (table.kind == CalKind::delay) {
                row.value[to] = static_cast<float>(ns * table.delay_s[from]);
                row.error[to] = static_cast<float>(ns * table.delay_error_s[from]);
                row.snr[to] = row.error[to] > 0 ? std::abs(row.value[to]) / row.error[to] : 0;
            } else {
                row.gain[to] = table.gain[from];
                row.error[to] = table.amplitude_error[from];
                float const phase = table.phase_error_rad[from];
                row.snr[to] = phase > 0 ? 1 / phase : 0;
            }
        }
}

casa::Table frame_of(CalTable const& table)
{
    casa::Table made;
    made.type = std::string(name(table.kind)) + " Jones";
    made.ms_name = table.group_id;
    made.version = convention;
    made.telescope = table.site.telescope_name;
    made.field = table.group_id;
    made.ra_rad = table.centre.ra.value();
    made.dec_rad = table.centre.dec.value();
    made.start_mjd_s = table.intervals.front().start_mjd_s;
    made.end_mjd_s = table.intervals.back().end_mjd_s;
    auto const site = site_itrf_m(table.site);
    for (auto const& antenna : table.telescope) {
        auto position = antenna.position_m;
        for (std::size_t i = 0; i < 3; ++i) position[i] += site[i];
        made.antennas.push_back({antenna.name, position, antenna.diameter_m});
    }
    casa::Window window{table.freq_hz, table.channel_width_hz, table.freq_hz.front()};
    if (table.kind == CalKind::delay) window = {{table.reference_hz}, table.channel_width_hz, table.reference_hz};
    made.windows.push_back(window);
    return made;
}

}  // namespace

void write_casa_directory(std::string const& path, CalTable const& table)
{
    if (table.kind == CalKind::jones)
        throw Error(Code::bad_input, "Jones matrices cannot become a CASA table",
                    "CASA's K, B and G hold one gain per feed", "keep the HDF5 file, or solve for K, B and G");
    auto made = frame_of(table);
    for (std::size_t i = 0; i < table.intervals.size(); ++i) {
        auto const first = made.rows.size();
        for (std::size_t a = 0; a < table.telescope.size(); ++a)
            made.rows.push_back(blank_row(table, i, static_cast<std::int32_t>(a)));
        for (std::size_t a = 0; a < table.antennas.size(); ++a)
            fill_row(table, i, a, made.rows[first + static_cast<std::size_t>(row_of(table, table.antennas[a]))]);
    }
    casa::write_table(path, made);
}

}  // namespace nocturne
