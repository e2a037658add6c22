#include "io/uvh5_header.hpp"

#include "io/damaged.hpp"
#include "io/header_parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>

namespace nocturne {
namespace {

using hdf5::Fields;

constexpr std::size_t most_history = 1 << 18;  // characters

/// The sizes that all shapes are checked against.
struct Sizes {
    hsize_t rows, channels, correlations, antennas;
};

hsize_t size_of(Fields const& fields, std::string const& name, std::int64_t most)
{
    std::int64_t const n = fields.integer(name);
    if (n < 1 || n > most)
        throw bad_file(fields.full_name(name) + " is out of bounds",
                       std::to_string(n) + " where 1 to " + std::to_string(most) + " is possible");
    return static_cast<hsize_t>(n);
}

Sizes read_sizes(Fields const& fields)
{
    constexpr std::int64_t most_rows = std::int64_t(1) << 31, most_channels = 1 << 24, most_antennas = 1 << 16;
    Sizes sizes{};
    sizes.rows = size_of(fields, "Nblts", most_rows);
    sizes.channels = size_of(fields, "Nfreqs", most_channels);
    sizes.correlations = size_of(fields, "Npols", 12);
    sizes.antennas = size_of(fields, "Nants_telescope", most_antennas);
    size_of(fields, "Nants_data", most_antennas);
    size_of(fields, "Nbls", most_rows);
    size_of(fields, "Ntimes", most_rows);
    size_of(fields, "Nspws", most_channels);
    return sizes;
}

/// Items of the format that nothing here computes with, but whose absence shows that this is not a whole UVH5 file.
void check_presence(Fields const& fields)
{
    for (auto const* key : {"history", "instrument", "spw_array", "uvw_array"})
        if (!fields.has(key)) throw bad_file(fields.full_name(key) + " is missing", "the UVH5 format requires it");
}

void read_site(Fields const& fields, FileHeader& header)
{
    if (fields.is_text("telescope_frame")) {
        auto const frame = fields.text("telescope_frame");
        if (frame == "mcmf") throw bad_file("Header/telescope_frame is mcmf", "telescopes on the Moon are not read");
        if (frame != "itrs") throw bad_file("Header/telescope_frame is '" + frame + "'", "known is itrs");
    }
    header.site.telescope_name = fields.text("telescope_name");
    header.site.latitude_rad = fields.number("latitude") * degree_rad;
    header.site.longitude_rad = fields.number("longitude") * degree_rad;
    header.site.altitude_m = fields.number("altitude");
    header.site.origin = "header";
    if (std::abs(header.site.latitude_rad) > pi / 2 || std::abs(header.site.longitude_rad) > 2 * pi)
        throw bad_file("Header/latitude or Header/longitude is not an angle in degrees", "the site is not on Earth");
    header.instrument = fields.text("instrument");
    if (fields.is_text("object_name")) header.object_name = fields.text("object_name");
    if (fields.is_text("history")) header.history = fields.text("history");
    if (header.history.size() > most_history) {
        header.notes.push_back("Header/history is cut from " + std::to_string(header.history.size()) + " to " +
                               std::to_string(most_history) + " characters");
        header.history.resize(most_history);
    }
    if (fields.is_text("vis_units")) header.vis_units = fields.text("vis_units");
}

void read_antennas(Fields const& fields, Sizes const& sizes, FileHeader& header)
{
    auto const names = fields.texts("antenna_names", {sizes.antennas});
    auto const numbers = fields.integers("antenna_numbers", {sizes.antennas});
    auto const positions = fields.numbers("antenna_positions", {sizes.antennas, 3});
    std::vector<double> diameters(sizes.antennas, 0.0);
    if (fields.has_value("antenna_diameters")) {
        auto const shape = fields.shape("antenna_diameters");
        diameters = shape.empty() ? std::vector<double>(sizes.antennas, fields.number("antenna_diameters"))
                                  : fields.any_numbers("antenna_diameters", {sizes.antennas});
    }
    if (std::any_of(diameters.begin(), diameters.end(), [](double d) { return !std::isfinite(d); }))
        header.notes.push_back("Header/antenna_diameters has values that are not finite: these are taken as unknown");
    for (std::size_t a = 0; a < sizes.antennas; ++a) {
        if (numbers[a] < 0 || numbers[a] > std::numeric_limits<int>::max())
            throw bad_file("Header/antenna_numbers is out of bounds", std::to_string(numbers[a]));
        header.antennas.push_back({names[a],
                                   static_cast<int>(numbers[a]),
                                   {positions[3 * a], positions[3 * a + 1], positions[3 * a + 2]},
                                   std::isfinite(diameters[a]) ? diameters[a] : 0});
    }
    read_feeds(fields, header.site.telescope_name, header.antennas);
    std::sort(header.antennas.begin(), header.antennas.end(),
              [](auto const& x, auto const& y) { return x.number < y.number; });
    auto const elsewhere = [&](Antenna const& antenna) { return antenna.position_m != header.antennas[0].position_m; };
    if (header.antennas.size() > 1 && std::none_of(header.antennas.begin(), header.antennas.end(), elsewhere))
        throw bad_file("Header/antenna_positions has no baseline", "all antennas stand at one place");
    for (std::size_t a = 1; a < header.antennas.size(); ++a)
        if (header.antennas[a].number == header.antennas[a - 1].number)
            throw bad_file("Header/antenna_numbers names an antenna twice", std::to_string(header.antennas[a].number));
}

Rows read_rows(Fields const& fields, hsize_t n)
{
    Rows rows;
    rows.time_mjd_s = fields.numbers("time_array", {n});
    for (double& t : rows.time_mjd_s) {
        t = (t - jd_minus_mjd_days) * day_s;
        if (t < 0 || t > 1e5 * day_s)
            throw bad_file("Header/time_array is not a Julian date", std::to_string(t / day_s + jd_minus_mjd_days));
    }
    rows.integration_s = fields.shape("integration_time").empty()
                             ? std::vector<double>(n, fields.number("integration_time"))
                             : fields.numbers("integration_time", {n});
    rows.ant1 = fields.integers("ant_1_array", {n});
    rows.ant2 = fields.integers("ant_2_array", {n});
    return rows;
}

/// Correlations of linear hands on antennas with circular feeds, or the other way round.
void note_foreign_feeds(FileHeader& header)
{
    auto const holds = [&](Correlation first, Correlation second) {
        return std::any_of(header.correlations.begin(), header.correlations.end(),
                           [&](Correlation c) { return c == first || c == second; });
    };
    bool const linear = holds(Correlation::XX, Correlation::YY), circular = holds(Correlation::RR, Correlation::LL);
    std::int64_t odd = 0;
    for (auto const& antenna : header.antennas)
        odd += antenna.receptors.find_first_of(linear && !circular   ? "RL"
                                               : circular && !linear ? "XY"
                                                                     : "") != std::string::npos;
    if (odd > 0)
        header.notes.push_back("feed_array gives " + std::to_string(odd) + " of " +
                               std::to_string(header.antennas.size()) + " antennas " +
                               (linear ? "circular feeds where polarization_array is linear"
                                       : "linear feeds where polarization_array is circular") +
                               ": correlations are taken as polarization_array names them");
}

/// Times of the rows that are not those of the group's first file, which stand for all.
void note_other_times(FileHeader const& like, FileHeader& header)
{
    auto const &mine = header.rows->time_mjd_s, &first = like.rows->time_mjd_s;
    double apart_s = 0;
    for (std::size_t t = 0; mine.size() == first.size() && t < mine.size(); ++t)
        apart_s = std::max(apart_s, std::abs(mine[t] - first[t]));
    if (apart_s <= own_time_s) return;
    char text[200];
    std::snprintf(text, sizeof text,
                  "its times are up to %.2g ms from those of the group's first file, which stand for all: its uvw are "
                  "off by up to %.2g mm a kilometre of baseline",
                  1e3 * apart_s, 1e6 * earth_rad_per_s * apart_s);
    header.notes.emplace_back(text);
}

bool same_numbers(std::vector<Antenna> const& a, std::vector<Antenna> const& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](auto const& x, auto const& y) { return x.number == y.number; });
}

}  // namespace

FileHeader read_open_file_header(hid_t file, std::string const& path, std::uint64_t bytes, FileHeader const* like)
{
    FileHeader header;
    header.path = path;
    header.bytes = bytes;
    auto const group = hdf5::open_group(file, "Header");
    Fields const fields(group.id(), "Header", header.bytes);
    auto const sizes = read_sizes(fields);
    header.n_rows = static_cast<std::int64_t>(sizes.rows);
    header.stored_channels = static_cast<std::int64_t>(sizes.channels);
    header.stored_correlations = static_cast<std::int64_t>(sizes.correlations);
    check_presence(fields);
    read_site(fields, header);
    read_antennas(fields, sizes, header);
    read_band(fields, header);
    note_foreign_feeds(header);
    if (like) order_correlations(like->correlations, header);
    auto rows = read_rows(fields, sizes.rows);
    read_phase_reference(fields, header, rows);
    if (like) order_centres(like->centres, header, rows);
    bool const alike = like && same_numbers(like->antennas, header.antennas), known = alike && like->rows->rows == rows;
    header.rows = known ? like->rows : map_rows(std::move(rows), header.antennas, alike ? like->rows.get() : nullptr);
    if (like && header.rows != like->rows) note_other_times(*like, header);
    if (hands_of_rows(header.correlations, header.rows->turned).size() > header.correlations.size())
        header.notes.push_back(
            "some rows are (ant2, ant1) and their cross hand is the other one: both are there, flagged where a row "
            "lacks it");
    if (header.rows->n_repeated > 0)
        header.notes.push_back(std::to_string(header.rows->n_repeated) +
                               " rows have the time and the baseline of another row: all are kept");
    if (header.rows->n_without_length > 0)
        header.notes.push_back("integration_time is 0 in " + std::to_string(header.rows->n_without_length) +
                               " rows: taken from the distances between times");
    return header;
}

FileHeader read_file_header(std::string const& path, FileHeader const* like)
{
    return within("file " + path, [&] {
        auto const file = hdf5::open_for_reading(path);
        return read_open_file_header(file.id(), path, std::filesystem::file_size(path), like);
    });
}

}  // namespace nocturne
