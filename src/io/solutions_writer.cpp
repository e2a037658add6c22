#include "io/solutions.hpp"

#include "io/hdf5.hpp"
#include "io/product.hpp"

#include <algorithm>

namespace nocturne {
namespace {

using hdf5::Handle;
using Shape = std::vector<hsize_t>;

hid_t kept(hid_t id, char const* what) { return hdf5::checked(id, std::string("cannot write ") + what, Code::io); }

/// Datasets of one HDF5 group.
class Writer {
public:
    explicit Writer(hid_t group) : group_(group) {}

    void put(char const* name, double value) { array(name, H5T_NATIVE_DOUBLE, {}, &value); }
    void put(char const* name, std::int64_t value) { array(name, H5T_NATIVE_INT64, {}, &value); }
    void put(char const* name, std::string const& text) { put(name, std::vector<std::string>{text}, {}); }
    void put(char const* name, std::vector<std::string> const& texts, Shape const& shape)
    {
        std::size_t width = 1;
        for (auto const& text : texts) width = std::max(width, text.size());
        Handle const type(kept(H5Tcopy(H5T_C_S1), name), H5Tclose);
        H5Tset_size(type.id(), width);
        H5Tset_strpad(type.id(), H5T_STR_NULLPAD);
        std::string bytes;
        for (auto const& text : texts) bytes += text + std::string(width - text.size(), '\0');
        array(name, type.id(), shape, bytes.data());
    }
    void put(char const* name, std::vector<double> const& v, Shape const& shape)
    {
        array(name, H5T_NATIVE_DOUBLE, shape, v.data());
    }
    void put(char const* name, std::vector<float> const& v, Shape const& shape)
    {
        array(name, H5T_NATIVE_FLOAT, shape, v.data());
    }
    void put(char const* name, std::vector<std::int32_t> const& v, Shape const& shape)
    {
        array(name, H5T_NATIVE_INT32, shape, v.data());
    }
    void put(char const* name, std::vector<std::complex<float>> const& v, Shape const& shape)
    {
        Handle const type(kept(H5Tcreate(H5T_COMPOUND, 2 * sizeof(float)), name), H5Tclose);
        H5Tinsert(type.id(), "r", 0, H5T_NATIVE_FLOAT);
        H5Tinsert(type.id(), "i", sizeof(float), H5T_NATIVE_FLOAT);
        array(name, type.id(), shape, v.data());
    }
    /// As numpy's bool.
    void put(char const* name, std::vector<std::uint8_t> const& v, Shape const& shape)
    {
        Handle const type(kept(H5Tenum_create(H5T_NATIVE_INT8), name), H5Tclose);
        std::int8_t const no = 0, yes = 1;
        H5Tenum_insert(type.id(), "FALSE", &no);
        H5Tenum_insert(type.id(), "TRUE", &yes);
        array(name, type.id(), shape, v.data());
    }

private:
    void array(char const* name, hid_t type, Shape const& shape, void const* data)
    {
        Handle const space(kept(shape.empty() ? H5Screate(H5S_SCALAR)
                                              : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                                name),
                           H5Sclose);
        auto const properties = hdf5::dataset_properties(name);
        Handle dataset(
            kept(H5Dcreate2(group_, name, type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), name),
            H5Dclose);
        hdf5::check_status(H5Dwrite(dataset.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data),
                           std::string("cannot write ") + name, Code::io);
        hdf5::finish(dataset, name);
    }

    hid_t group_;
};

/// Names, numbers, positions and diameters under `prefix`.
void put_station_list(Writer& to, std::string const& prefix, std::vector<Antenna> const& antennas)
{
    std::vector<std::string> names;
    std::vector<std::int32_t> numbers;
    std::vector<double> positions, diameters;
    for (auto const& antenna : antennas) {
        names.push_back(antenna.name);
        numbers.push_back(antenna.number);
        diameters.push_back(antenna.diameter_m);
        positions.insert(positions.end(), antenna.position_m.begin(), antenna.position_m.end());
    }
    hsize_t const na = names.size();
    to.put((prefix + "_names").c_str(), names, {na});
    to.put((prefix + "_numbers").c_str(), numbers, {na});
    to.put((prefix + "_diameters_m").c_str(), diameters, {na});
    to.put((prefix + "_positions_m").c_str(), positions, {na, 3});
}

void put_table_axes(Writer& to, CalTable const& table)
{
    std::vector<std::int32_t> codes;
    std::vector<double> starts, ends, times;
    for (auto correlation : table.correlations) codes.push_back(static_cast<int>(correlation));
    for (auto const& interval : table.intervals) {
        starts.push_back(interval.start_mjd_s);
        ends.push_back(interval.end_mjd_s);
        times.push_back(interval.time_mjd_s);
    }
    put_station_list(to, "antenna", table.antennas);
    put_station_list(to, "telescope", table.telescope);
    to.put("correlations", codes, {codes.size()});
    to.put("interval_start_mjd_s", starts, {starts.size()});
    to.put("interval_end_mjd_s", ends, {ends.size()});
    to.put("interval_time_mjd_s", times, {times.size()});
    to.put("freq_hz", table.freq_hz, {table.freq_hz.size()});
    to.put("channel_width_hz", table.channel_width_hz, {table.channel_width_hz.size()});
}

void put_values(Writer& to, CalTable const& table)
{
    hsize_t const ni = table.intervals.size(), np = table.correlations.size(), nc = table.freq_hz.size();
    Shape const shape{ni, table.antennas.size(), np, nc};
    if (table.kind == CalKind::delay) {
        to.put("delay_s", table.delay_s, shape);
        to.put("delay_error_s", table.delay_error_s, shape);
    } else {
        to.put("gain", table.gain, shape);
        to.put("amplitude_error", table.amplitude_error, shape);
        to.put("phase_error_rad", table.phase_error_rad, shape);
    }
    to.put("flag", table.flag, shape);
    std::vector<std::int32_t> iterations;
    std::vector<std::uint8_t> converged;
    std::vector<float> chi2;
    for (auto const& solve : table.solves) {
        iterations.push_back(solve.iterations);
        converged.push_back(solve.converged);
        chi2.push_back(solve.reduced_chi2);
    }
    to.put("iterations", iterations, {ni, np, nc});
    to.put("converged", converged, {ni, np, nc});
    to.put("reduced_chi2", chi2, {ni, np, nc});
}

void put_provenance(Writer& to, CalTable const& table)
{
    to.put("kind", std::string(name(table.kind)));
    to.put("phase_only", std::int64_t(table.phase_only));
    to.put("reference_hz", table.reference_hz);
    to.put("reference_antenna", std::int64_t(table.reference_antenna));
    to.put("gauge", std::string(name(table.gauge)));
    to.put("group_id", table.group_id);
    to.put("model", table.model);
    to.put("method", table.method);
    to.put("preprocessing", table.preprocessing);
    to.put("telescope_name", table.site.telescope_name);
    to.put("latitude_rad", table.site.latitude_rad);
    to.put("longitude_rad", table.site.longitude_rad);
    to.put("altitude_m", table.site.altitude_m);
    to.put("site_origin", table.site.origin);
    to.put("centre_ra_rad", table.centre.ra.value());
    to.put("centre_dec_rad", table.centre.dec.value());
    to.put("pointing_dec_rad", table.pointing_dec_rad);
    to.put("band_there", table.band_there);
    for (auto const& [what, of_hands] : {std::pair("unexplained_ratio", &table.unexplained_ratio),
                                         std::pair("unexplained_share", &table.unexplained_share)})
        if (!of_hands->empty()) to.put(what, *of_hands, {of_hands->size()});
}

void check_sizes(CalTable const& table)
{
    auto const n = table.size();
    bool const delays = table.kind == CalKind::delay;
    NOCT_CHECK(table.flag.size() == n && (delays ? table.delay_s.size() : table.gain.size()) == n &&
                   table.solves.size() == table.intervals.size() * table.correlations.size() * table.freq_hz.size(),
               "a calibration table whose values do not fit its axes");
}

}  // namespace

void write_solutions(ProductFile const& product, std::vector<CalTable> const& tables, std::string const& code_version)
{
    for (auto const& table : tables) check_sizes(table);
    within("file " + product.path(), [&] {
        hdf5::start();
        Handle file(H5Fcreate(product.temporary_path().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
        if (!file)
            throw Error(Code::cannot_create, "cannot create the file", hdf5::take_error_text(), "check the directory");
        Writer root(file.id());
        root.put("format", std::string("nocturne solutions"));
        root.put("version", std::int64_t(1));
        root.put("code_version", code_version);
        root.put("n_tables", static_cast<std::int64_t>(tables.size()));
        for (std::size_t i = 0; i < tables.size(); ++i) {
            Handle const group(
                kept(H5Gcreate2(file.id(), std::to_string(i).c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                     "a table"),
                H5Gclose);
            Writer to(group.id());
            put_table_axes(to, tables[i]);
            put_values(to, tables[i]);
            put_provenance(to, tables[i]);
        }
        hdf5::finish(file, "the file");
    });
}

void write_solutions(std::string const& path, std::vector<CalTable> const& tables, std::string const& code_version)
{
    ProductFile product(path);
    write_solutions(product, tables, code_version);
    product.commit();
}

}  // namespace nocturne
