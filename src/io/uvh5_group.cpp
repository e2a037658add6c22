// Subbands to one group: consistency, and the frequency axis of the whole band.
#include "io/header_parts.hpp"
#include "io/uvh5_files.hpp"
#include "io/uvh5_header.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>

namespace nocturne {
namespace {

constexpr double time_tolerance_s = 0.01;
constexpr double channel_tolerance = 1e-3;  // of a channel
constexpr double position_tolerance_m = 1e-3;
constexpr double same_value = 1e-6;

Error differs_from(FileHeader const& file, std::string what, FileHeader const& first)
{
    return Error(Code::bad_input, "the files of the group differ", std::move(what),
                 "compare it with " + first.path + " and take the wrong one out of the group")
        .in("file " + file.path);
}

bool same_antennas(std::vector<Antenna> const& a, std::vector<Antenna> const& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](Antenna const& x, Antenna const& y) {
        double most = 0;
        for (int axis = 0; axis < 3; ++axis) most = std::max(most, std::abs(x.position_m[axis] - y.position_m[axis]));
        return x.number == y.number && x.name == y.name && most <= position_tolerance_m;
    });
}

bool same_times(std::vector<double> const& a, std::vector<double> const& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](double x, double y) { return std::abs(x - y) <= time_tolerance_s; });
}

bool same_baselines(std::vector<Baseline> const& a, std::vector<Baseline> const& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](Baseline x, Baseline y) { return x.ant1 == y.ant1 && x.ant2 == y.ant2; });
}

bool same_site(Site const& a, Site const& b)
{
    return a.telescope_name == b.telescope_name && std::abs(a.latitude_rad - b.latitude_rad) < 1e-9 &&
           std::abs(a.longitude_rad - b.longitude_rad) < 1e-9 && std::abs(a.altitude_m - b.altitude_m) < 0.01;
}

bool same_centres(std::vector<PhaseCentre> const& a, std::vector<PhaseCentre> const& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_place);
}

bool same_moments(RowMap const& a, RowMap const& b)
{
    return std::equal(a.moments.begin(), a.moments.end(), b.moments.begin(), b.moments.end(),
                      [](Moment const& x, Moment const& y) {
                          return x.centre == y.centre && std::abs(x.time_mjd_s - y.time_mjd_s) <= time_tolerance_s;
                      });
}

void check_same_rows(FileHeader const& file, FileHeader const& first)
{
    if (file.rows == first.rows) return;
    if (!same_times(file.rows->time_mjd_s, first.rows->time_mjd_s))
        throw differs_from(file, "other times (Header/time_array)", first);
    if (!same_baselines(file.rows->baselines, first.rows->baselines))
        throw differs_from(file, "other baselines (Header/ant_1_array, ant_2_array)", first);
    if (!same_moments(*file.rows, *first.rows))
        throw differs_from(file, "other times, or other phase centres at them (Header/phase_center_id_array)", first);
    if (file.rows->moment_of != first.rows->moment_of)
        throw differs_from(file, "other samples of its baselines, which have times of their own (Header/time_array)",
                           first);
}

void check_same(FileHeader const& file, FileHeader const& first)
{
    if (!same_site(file.site, first.site)) throw differs_from(file, "another telescope or site", first);
    if (!same_antennas(file.antennas, first.antennas)) throw differs_from(file, "other antennas or positions", first);
    check_same_rows(file, first);
    if (file.correlations != first.correlations)
        throw differs_from(file, "other correlations (Header/polarization_array)", first);
    if (!same_centres(file.centres, first.centres)) throw differs_from(file, "another phase centre", first);
}

/// One file with its channels ascending.
struct FileBand {
    FileHeader const* file;
    int index;  ///< sbNN, or the place in the list
    std::vector<double> freq_hz, width_hz;
};

FileBand band_of(FileHeader const& file, int index)
{
    FileBand band{&file, index, file.freq_hz, file.channel_width_hz};
    if (file.descending()) {
        std::reverse(band.freq_hz.begin(), band.freq_hz.end());
        std::reverse(band.width_hz.begin(), band.width_hz.end());
    }
    return band;
}

Subband subband_of(FileHeader const& file, int index, std::size_t first, std::size_t count)
{
    Subband subband;
    subband.index = index;
    subband.path = file.path;
    subband.bytes = file.bytes;
    subband.first_channel = static_cast<std::int64_t>(first);
    subband.n_channels = static_cast<std::int64_t>(count);
    return subband;
}

void add_windows(FileHeader const& file, std::size_t first_channel, GroupHeader& group)
{
    for (auto const channel : file.window_first)
        group.window_first.push_back(static_cast<std::int64_t>(first_channel) + channel);
}

/// One file after another by frequency; no gap is filled.
void join_as_they_come(std::vector<FileBand> bands, GroupHeader& group)
{
    std::sort(bands.begin(), bands.end(),
              [](auto const& a, auto const& b) { return a.freq_hz.front() < b.freq_hz.front(); });
    for (auto const& band : bands) {
        if (!group.freq_hz.empty() && band.freq_hz.front() <= group.freq_hz.back())
            throw differs_from(*band.file, "its frequencies overlap another file's", *bands.front().file);
        group.subbands.push_back(subband_of(*band.file, band.index, group.freq_hz.size(), band.freq_hz.size()));
        add_windows(*band.file, group.freq_hz.size(), group);
        group.freq_hz.insert(group.freq_hz.end(), band.freq_hz.begin(), band.freq_hz.end());
        group.channel_width_hz.insert(group.channel_width_hz.end(), band.width_hz.begin(), band.width_hz.end());
    }
}

void check_spacing(FileBand const& band, std::size_t n, double spacing, FileHeader const& first)
{
    if (band.freq_hz.size() != n) throw differs_from(*band.file, "another number of channels (Header/Nfreqs)", first);
    for (std::size_t c = 1; c < n; ++c)
        if (std::abs(band.freq_hz[c] - band.freq_hz[c - 1] - spacing) > channel_tolerance * spacing)
            throw differs_from(*band.file, "another channel spacing (Header/freq_array)", first);
}

/// Subbands of equal size on one uniform axis, each at the place that its index says; the missing ones are extrapolated.
void join_on_uniform_axis(std::vector<FileBand> const& bands, int expected, GroupHeader& group)
{
    auto const& first = bands.front();
    auto const n = first.freq_hz.size();
    double const spacing =
        n > 1 ? (first.freq_hz.back() - first.freq_hz.front()) / static_cast<double>(n - 1) : first.width_hz.front();
    double const step = static_cast<double>(n) * spacing;
    bool const falling = bands.back().freq_hz.front() < first.freq_hz.front();  // sb00 is the highest
    auto const place = [&](int index) { return falling ? expected - 1 - index : index; };
    double const start = first.freq_hz.front() - place(first.index) * step;
    auto const total = n * static_cast<std::size_t>(expected);
    group.freq_hz.resize(total);
    group.channel_width_hz.assign(total, first.width_hz.front());
    for (std::size_t c = 0; c < total; ++c) group.freq_hz[c] = start + static_cast<double>(c) * spacing;
    group.subbands.resize(static_cast<std::size_t>(expected));
    for (int k = 0; k < expected; ++k) {
        group.subbands[static_cast<std::size_t>(k)].index = k;
        group.subbands[static_cast<std::size_t>(k)].first_channel = place(k) * static_cast<std::int64_t>(n);
    }
    for (auto const& band : bands) {
        check_spacing(band, n, spacing, *first.file);
        auto const at = static_cast<std::size_t>(place(band.index)) * n;
        if (std::abs(band.freq_hz.front() - group.freq_hz[at]) > 0.1 * spacing)
            throw differs_from(*band.file, "its frequencies are not those of its place in the band", *first.file);
        group.subbands[static_cast<std::size_t>(band.index)] = subband_of(*band.file, band.index, at, n);
        add_windows(*band.file, at, group);
        std::copy(band.freq_hz.begin(), band.freq_hz.end(), group.freq_hz.begin() + static_cast<std::ptrdiff_t>(at));
        std::copy(band.width_hz.begin(), band.width_hz.end(),
                  group.channel_width_hz.begin() + static_cast<std::ptrdiff_t>(at));
    }
}

/// The files by their place in the band; named is set where every file says its own.
std::vector<FileBand> order_bands(std::vector<FileHeader> const& files, int expected, bool& named)
{
    std::vector<FileBand> bands;
    named = true;
    for (auto const& file : files) {
        auto const name = parse_subband_name(file.path);
        named = named && name;
        bands.push_back(band_of(file, name ? name->subband : static_cast<int>(bands.size())));
    }
    std::stable_sort(bands.begin(), bands.end(), [](auto const& a, auto const& b) { return a.index < b.index; });
    for (std::size_t i = 0; named && i < bands.size(); ++i) {
        if (i > 0 && bands[i].index == bands[i - 1].index)
            throw differs_from(*bands[i].file, "subband " + std::to_string(bands[i].index) + " is there twice",
                               *bands[i - 1].file);
        if (bands[i].index >= expected)
            throw differs_from(*bands[i].file,
                               "its subband index is beyond the " + std::to_string(expected) + " expected",
                               *bands[0].file);
    }
    return bands;
}

std::string group_id_of(FileHeader const& first)
{
    auto const name = parse_subband_name(first.path);
    return name ? name->stamp : std::filesystem::path(first.path).stem().string();
}

/// Rows that any file has; empty where all are there.
std::vector<std::uint8_t> present_rows(std::vector<FileHeader> const& files)
{
    std::vector<std::uint8_t> present;
    for (auto const& file : files) {
        auto const& here = file.rows->present;
        if (here.empty()) return {};
        if (present.empty()) present = here;
        for (std::size_t i = 0; i < present.size(); ++i) present[i] |= here[i];
    }
    return present;
}

/// Over all files.
TurnedRows turned_rows(std::vector<FileHeader> const& files)
{
    auto const turned = files.front().rows->turned;
    bool const alike =
        std::all_of(files.begin(), files.end(), [&](FileHeader const& file) { return file.rows->turned == turned; });
    return alike ? turned : TurnedRows::some;
}

/// What the row of a cell says: in a map's vector, or where that is empty `otherwise`. Files may say it this far apart.
struct RowValue {
    std::vector<double> RowMap::*values;
    std::function<double(RowMap const&, std::size_t)> otherwise;
    double tolerance;
    char const* others;
    bool lengths = false;  ///< integration times, which may be guesses

    double of(RowMap const& rows, std::size_t cell) const
    {
        auto const& list = rows.*values;
        return list.empty() ? otherwise(rows, cell) : list[cell];
    }
};

/// 1 where a file has the row, 2 where what it says of it is a guess.
std::vector<std::uint8_t> rows_that_are_there(RowMap const& rows, bool lengths)
{
    auto there = rows.present;
    there.resize(rows.time_mjd_s.size() * rows.baselines.size(), 1);
    for (std::size_t r = 0; lengths && rows.n_without_length > 0 && r < rows.target.size(); ++r)
        if (rows.rows.integration_s[r] == 0) there[static_cast<std::size_t>(rows.target[r])] = 2;
    return there;
}

/// Of each row what the first file says that has it (a guess, where none knows); all that have it say the same.
std::vector<double> join_rows(std::vector<FileBand> const& bands, RowValue const& kind)
{
    auto const& first = *bands.front().file;
    auto const alike = [&](FileBand const& band) { return band.file->rows == first.rows; };
    if (std::all_of(bands.begin(), bands.end(), alike)) return (*first.rows).*kind.values;
    auto const n = first.rows->time_mjd_s.size() * first.rows->baselines.size();
    std::vector<double> joined(n);
    for (std::size_t i = 0; i < n; ++i) joined[i] = kind.of(*first.rows, i);  // rows that nobody has stay as these
    std::vector<std::uint8_t> known(n);
    bool any = false;
    for (auto const& band : bands) {
        auto const& rows = *band.file->rows;
        auto const there = rows_that_are_there(rows, kind.lengths);
        any = any || !(rows.*kind.values).empty();
        for (std::size_t i = 0; i < n; ++i) {
            if (there[i] == 0) continue;
            double const value = kind.of(rows, i);
            if (known[i] == 1 && there[i] == 1 && std::abs(value - joined[i]) > kind.tolerance)
                throw differs_from(*band.file, kind.others, first);
            if (known[i] == 1 || (known[i] == 2 && there[i] == 2)) continue;
            joined[i] = value;
            known[i] = there[i];
        }
    }
    for (std::size_t i = 0; i < n && !any; ++i) {
        double const usual = kind.otherwise(*first.rows, i);
        any = known[i] != 0 && std::abs(joined[i] - usual) > same_value * std::abs(usual);
    }
    return any ? joined : std::vector<double>();
}

double longest_m(FileHeader const& file)
{
    double longest = 0;
    for (auto const [ant1, ant2] : file.rows->baselines) {
        auto const &a = file.antennas[static_cast<std::size_t>(ant1)].position_m,
                   &b = file.antennas[static_cast<std::size_t>(ant2)].position_m;
        longest = std::max(longest, std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
    }
    return longest;
}

/// What the rows say of the group.
void take_rows(std::vector<FileBand> const& bands, GroupHeader& group)
{
    auto const& rows = *bands.front().file->rows;
    group.time_mjd_s = rows.time_mjd_s;
    group.integration_s = rows.integration_s;
    group.baselines = rows.baselines;
    group.moments = rows.moments;
    group.moment_of = rows.moment_of;
    auto const of_integration = [](RowMap const& map, std::size_t i) {
        return map.integration_s[i / map.baselines.size()];
    };
    auto const none = [](RowMap const&, std::size_t) { return 0.0; };
    auto const not_said = [](RowMap const&, std::size_t) { return std::numeric_limits<double>::quiet_NaN(); };
    double const turn_m = std::max(2e-3, earth_rad_per_s * time_tolerance_s * longest_m(*bands.front().file));
    group.exposure_s = join_rows(bands, {&RowMap::exposure_s, of_integration, time_tolerance_s,
                                         "other integration times (Header/integration_time)", true});
    if (rows.n_without_length > 0 && !group.exposure_s.empty())
        for (std::size_t i = group.exposure_s.size(); i-- > 0;)  // the first row that is there says it of all
            if (group.exposure_s[i] > 0) group.integration_s[i / group.baselines.size()] = group.exposure_s[i];
    group.offset_s =
        join_rows(bands, {&RowMap::offset_s, none, time_tolerance_s, "other times of rows (Header/time_array)"});
    group.stopped_w_m = join_rows(bands, {&RowMap::stopped_w_m, not_said, turn_m, "other w (Header/uvw_array)"});
}

}  // namespace

GroupHeader join_headers(std::vector<FileHeader> const& files, int expected_subbands)
{
    if (files.empty())
        throw Error(Code::input_missing, "a group without files", "no path was given", "name at least one UVH5 file");
    bool named = false;
    auto const bands = order_bands(files, expected_subbands, named);
    auto const& first = *bands.front().file;
    for (auto const& band : bands) check_same(*band.file, first);
    GroupHeader group;
    group.group_id = group_id_of(first);
    group.site = first.site;
    group.centres = first.centres;
    group.correlations = hands_of_rows(first.correlations, turned_rows(files));
    group.history = first.history;
    group.antennas = first.antennas;
    take_rows(bands, group);
    group.present = present_rows(files);
    group.old_phasing = first.old_phasing;
    group.expected_subbands = named ? expected_subbands : static_cast<int>(files.size());
    if (named && files.size() > 1)
        join_on_uniform_axis(bands, expected_subbands, group);
    else
        join_as_they_come(bands, group);
    return group;
}

GroupHeader group_header(std::vector<std::string> const& paths, int expected_subbands)
{
    std::vector<FileHeader> files;
    for (auto const& path : paths) files.push_back(read_file_header(path, files.empty() ? nullptr : &files.front()));
    return join_headers(files, expected_subbands);
}

}  // namespace nocturne
