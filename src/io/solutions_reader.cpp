#include "io/solutions.hpp"

#include "io/hdf5.hpp"

#include <filesystem>

namespace nocturne {
namespace {

using hdf5::Handle;

constexpr std::int64_t most_values = std::int64_t(1) << 31, most_tables = 16;

Error unfit_file(std::string const& problem, std::string const& reason)
{
    return Error(Code::bad_input, problem, reason, "give a file that nocturne solve wrote");
}

/// Datasets of one HDF5 group.
class Reader {
public:
    explicit Reader(hid_t group) : group_(group) {}

    double number(char const* name) const { return array<double>(name, H5T_NATIVE_DOUBLE, 1).front(); }
    std::int64_t integer(char const* name) const { return array<std::int64_t>(name, H5T_NATIVE_INT64, 1).front(); }
    std::string text(char const* name) const { return texts(name, 1).front(); }
    std::vector<double> doubles(char const* name, std::int64_t n = -1) const
    {
        return array<double>(name, H5T_NATIVE_DOUBLE, n);
    }
    std::vector<float> floats(char const* name, std::int64_t n) const
    {
        return array<float>(name, H5T_NATIVE_FLOAT, n);
    }
    std::vector<std::int32_t> integers(char const* name, std::int64_t n = -1) const
    {
        return array<std::int32_t>(name, H5T_NATIVE_INT32, n);
    }
    std::vector<std::uint8_t> booleans(char const* name, std::int64_t n) const
    {
        auto const dataset = hdf5::open_dataset(group_, name);
        Handle const type(hdf5::checked(H5Dget_type(dataset.id()), std::string("cannot read ") + name), H5Tclose);
        if (H5Tget_class(type.id()) != H5T_ENUM || H5Tget_size(type.id()) != 1)
            throw unfit_file(std::string(name) + " is not of booleans", "another type");
        return array<std::uint8_t>(name, type.id(), n);
    }
    std::vector<std::complex<float>> complexes(char const* name, std::int64_t n) const
    {
        Handle const type(hdf5::checked(H5Tcreate(H5T_COMPOUND, 2 * sizeof(float)), "cannot make a type"), H5Tclose);
        H5Tinsert(type.id(), "r", 0, H5T_NATIVE_FLOAT);
        H5Tinsert(type.id(), "i", sizeof(float), H5T_NATIVE_FLOAT);
        return array<std::complex<float>>(name, type.id(), n);
    }
    std::vector<std::string> texts(char const* name, std::int64_t n = -1) const
    {
        auto const dataset = hdf5::open_dataset(group_, name);
        Handle const type(hdf5::checked(H5Dget_type(dataset.id()), std::string("cannot read ") + name), H5Tclose);
        std::size_t const width = H5Tget_size(type.id());
        if (H5Tget_class(type.id()) != H5T_STRING || H5Tis_variable_str(type.id()) != 0 || width == 0 ||
            width > 1 << 20)
            throw unfit_file(std::string(name) + " is not text of fixed length", "another type");
        std::int64_t const count = size_of(dataset.id(), name, n);
        std::string bytes(static_cast<std::size_t>(count) * width, '\0');
        read(dataset.id(), type.id(), bytes.data(), name);
        std::vector<std::string> all;
        for (std::int64_t i = 0; i < count; ++i)
            all.emplace_back(bytes.substr(static_cast<std::size_t>(i) * width, width).c_str());
        return all;
    }

private:
    static std::int64_t size_of(hid_t dataset, char const* name, std::int64_t wanted)
    {
        Handle const space(hdf5::checked(H5Dget_space(dataset), std::string("cannot read ") + name), H5Sclose);
        std::int64_t const n = H5Sget_simple_extent_npoints(space.id());
        if (n < 1 || n > most_values || (wanted >= 0 && n != wanted))
            throw unfit_file(std::string(name) + " has " + std::to_string(n) + " values",
                             wanted >= 0 ? std::to_string(wanted) + " are expected" : "that cannot be");
        return n;
    }
    static void read(hid_t dataset, hid_t type, void* to, char const* name)
    {
        hdf5::check_status(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to),
                           std::string("cannot read ") + name, Code::bad_input);
    }
    template<class T>
    std::vector<T> array(char const* name, hid_t type, std::int64_t n) const
    {
        auto const dataset = hdf5::open_dataset(group_, name);
        std::vector<T> values(static_cast<std::size_t>(size_of(dataset.id(), name, n)));
        read(dataset.id(), type, values.data(), name);
        return values;
    }

    hid_t group_;
};

CalKind kind_named(std::string const& text)
{
    for (auto kind : {CalKind::delay, CalKind::bandpass, CalKind::gain, CalKind::jones})
        if (text == name(kind)) return kind;
    throw unfit_file("a table of kind '" + text + "'", "only K, B, G and J are known");
}

std::vector<Antenna> read_station_list(Reader const& from, std::string const& prefix)
{
    auto const names = from.texts((prefix + "_names").c_str());
    auto const na = std::ssize(names);
    auto const numbers = from.integers((prefix + "_numbers").c_str(), na);
    auto const positions = from.doubles((prefix + "_positions_m").c_str(), 3 * na),
               diameters = from.doubles((prefix + "_diameters_m").c_str(), na);
    std::vector<Antenna> antennas;
    for (std::size_t a = 0; a < names.size(); ++a)
        antennas.push_back(
            {names[a], numbers[a], {positions[3 * a], positions[3 * a + 1], positions[3 * a + 2]}, diameters[a]});
    return antennas;
}

void read_axes(Reader const& from, CalTable& table)
{
    table.antennas = read_station_list(from, "antenna");
    table.telescope = read_station_list(from, "telescope");
    for (int code : from.integers("correlations")) {
        if (code == 0 || code > 4 || code < -8) throw unfit_file("correlation " + std::to_string(code), "no such code");
        table.correlations.push_back(static_cast<Correlation>(code));
    }
    auto const starts = from.doubles("interval_start_mjd_s");
    auto const ni = std::ssize(starts);
    auto const ends = from.doubles("interval_end_mjd_s", ni), times = from.doubles("interval_time_mjd_s", ni);
    for (std::size_t i = 0; i < starts.size(); ++i) table.intervals.push_back({starts[i], ends[i], times[i]});
    table.freq_hz = from.doubles("freq_hz");
    table.channel_width_hz = from.doubles("channel_width_hz", std::ssize(table.freq_hz));
}

void read_values(Reader const& from, CalTable& table)
{
    auto const n = static_cast<std::int64_t>(table.size());
    auto const n_solves =
        static_cast<std::int64_t>(table.intervals.size() * table.correlations.size() * table.freq_hz.size());
    if (n > most_values) throw unfit_file("a table of " + std::to_string(n) + " values", "that is too large");
    if (table.kind == CalKind::delay) {
        table.delay_s = from.doubles("delay_s", n);
        table.delay_error_s = from.doubles("delay_error_s", n);
    } else {
        table.gain = from.complexes("gain", n);
        table.amplitude_error = from.floats("amplitude_error", n);
        table.phase_error_rad = from.floats("phase_error_rad", n);
    }
    table.flag = from.booleans("flag", n);
    auto const iterations = from.integers("iterations", n_solves);
    auto const converged = from.booleans("converged", n_solves);
    auto const chi2 = from.floats("reduced_chi2", n_solves);
    for (std::size_t k = 0; k < chi2.size(); ++k) table.solves.push_back({iterations[k], converged[k] != 0, chi2[k]});
}

CalTable read_table(hid_t group)
{
    Reader const from(group);
    CalTable table;
    table.kind = kind_named(from.text("kind"));
    read_axes(from, table);
    read_values(from, table);
    table.phase_only = from.integer("phase_only") != 0;
    table.reference_hz = from.number("reference_hz");
    auto const reference = from.integer("reference_antenna");
    if (reference < -1 || reference >= std::ssize(table.antennas))
        throw unfit_file("reference antenna " + std::to_string(reference), "there is no such antenna");
    table.reference_antenna = static_cast<int>(reference);
    table.gauge = from.text("gauge") == name(Gauge::reference) ? Gauge::reference : Gauge::mean;
    table.group_id = from.text("group_id");
    table.model = from.text("model");
    table.method = from.text("method");
    if (hdf5::has(group, "preprocessing")) table.preprocessing = from.text("preprocessing");
    table.site = {from.text("telescope_name"), from.number("latitude_rad"), from.number("longitude_rad"),
                  from.number("altitude_m"), from.text("site_origin")};
    table.centre = {Radians(from.number("centre_ra_rad")), Radians(from.number("centre_dec_rad"))};
    table.pointing_dec_rad = from.number("pointing_dec_rad");
    if (hdf5::has(group, "band_there")) table.band_there = from.number("band_there");
    auto const np = std::ssize(table.correlations);
    if (hdf5::has(group, "unexplained_ratio")) table.unexplained_ratio = from.doubles("unexplained_ratio", np);
    if (hdf5::has(group, "unexplained_share")) table.unexplained_share = from.doubles("unexplained_share", np);
    return table;
}

}  // namespace

std::vector<CalTable> read_solutions(std::string const& path)
{
    return within("file " + path, [&] {
        if (!std::filesystem::exists(path))
            throw Error(Code::input_missing, "no solutions at " + path, "no such file", "check the path");
        auto const file = hdf5::open_for_reading(path);
        Reader const root(file.id());
        if (!hdf5::has(file.id(), "format") || root.text("format") != "nocturne solutions" ||
            root.integer("version") != 1)
            throw unfit_file("the file holds no solutions", "its format is not 'nocturne solutions', version 1");
        auto const n = root.integer("n_tables");
        if (n < 1 || n > most_tables) throw unfit_file("a file of " + std::to_string(n) + " tables", "that cannot be");
        std::vector<CalTable> tables;
        for (std::int64_t i = 0; i < n; ++i) {
            auto const group = hdf5::open_group(file.id(), std::to_string(i));
            tables.push_back(within("table " + std::to_string(i), [&] { return read_table(group.id()); }));
        }
        return tables;
    });
}

}  // namespace nocturne
