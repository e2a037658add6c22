#include "io/uvh5_writer.hpp"

#include "io/hdf5.hpp"
#include "io/product.hpp"
#include "nocturne/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

namespace nocturne {
namespace {

using hdf5::Handle;

hid_t good(hid_t id, std::string const& what) { return hdf5::checked(id, "cannot write " + what, Code::io); }
void good_status(herr_t status, std::string const& what)
{
    hdf5::check_status(status, "cannot write " + what, Code::io);
}

/// Items of one HDF5 group.
class Items {
public:
    explicit Items(hid_t group) : group_(group) {}

    void put(char const* name, double value) { array(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {}, &value); }
    void put(char const* name, std::int64_t value) { array(name, H5T_STD_I64LE, H5T_NATIVE_INT64, {}, &value); }
    void put(char const* name, std::vector<double> const& v, std::vector<hsize_t> const& shape)
    {
        array(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, shape, v.data());
    }
    void put(char const* name, std::vector<float> const& v, std::vector<hsize_t> const& shape)
    {
        array(name, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, shape, v.data());
    }
    void put(char const* name, std::vector<std::int64_t> const& v)
    {
        array(name, H5T_STD_I64LE, H5T_NATIVE_INT64, {v.size()}, v.data());
    }
    /// Fixed-length bytes, as np.bytes_.
    void put(char const* name, std::string const& text)
    {
        Handle const type(string_type(std::max<std::size_t>(text.size(), 1)), H5Tclose);
        std::string const padded = text.empty() ? std::string(1, '\0') : text;
        array(name, type.id(), type.id(), {}, padded.data());
    }
    void put(char const* name, std::vector<std::string> const& texts, std::size_t width)
    {
        Handle const type(string_type(width), H5Tclose);
        std::string bytes;
        for (auto const& text : texts) bytes += (text + std::string(width, '\0')).substr(0, width);
        array(name, type.id(), type.id(), {texts.size()}, bytes.data());
    }
    /// Variable-length UTF-8, as a Python str.
    void put_variable(char const* name, char const* text)
    {
        Handle const type(good(H5Tcopy(H5T_C_S1), name), H5Tclose);
        H5Tset_size(type.id(), H5T_VARIABLE);
        H5Tset_cset(type.id(), H5T_CSET_UTF8);
        array(name, type.id(), type.id(), {}, &text);
    }

private:
    static hid_t string_type(std::size_t width)
    {
        hid_t const type = good(H5Tcopy(H5T_C_S1), "a type");
        H5Tset_size(type, width);
        H5Tset_strpad(type, H5T_STR_NULLPAD);
        return type;
    }

    void array(char const* name, hid_t file_type, hid_t memory_type, std::vector<hsize_t> const& shape,
               void const* data)
    {
        std::string const what = std::string("Header/") + name;
        Handle const space(good(shape.empty() ? H5Screate(H5S_SCALAR)
                                              : H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr),
                                what),
                           H5Sclose);
        auto const properties = hdf5::dataset_properties(what);
        Handle dataset(
            good(H5Dcreate2(group_, name, file_type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), what),
            H5Dclose);
        good_status(H5Dwrite(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), what);
        hdf5::finish(dataset, what);
    }

    hid_t group_;
};

/// The rows as the file is to have them.
std::vector<Uvh5Row> rows_of(Uvh5Subband const& s)
{
    if (!s.rows.empty()) return s.rows;
    std::vector<Uvh5Row> rows;
    rows.reserve(s.time_mjd_s.size() * s.baselines.size());
    for (std::size_t t = 0; t < s.time_mjd_s.size(); ++t)
        for (std::size_t b = 0; b < s.baselines.size(); ++b)
            rows.push_back({static_cast<Index>(rows.size()), false, s.time_mjd_s[t], s.integration_s[t]});
    return rows;
}

void put_axes(Items& header, Uvh5Subband const& s, std::vector<Uvh5Row> const& all)
{
    std::vector<double> jd, lasted, uvw;
    std::vector<std::int64_t> ant1, ant2, codes;
    for (auto const& row : all) {
        auto const b = static_cast<std::size_t>(row.cell) % s.baselines.size();
        ant1.push_back(s.antennas[static_cast<std::size_t>(s.baselines[b].ant1)].number);
        ant2.push_back(s.antennas[static_cast<std::size_t>(s.baselines[b].ant2)].number);
        if (row.swapped) std::swap(ant1.back(), ant2.back());
        for (double const x : s.uvw_m[b]) uvw.push_back(row.swapped ? -x : x);
        jd.push_back(row.time_mjd_s / day_s + jd_minus_mjd_days);
        lasted.push_back(row.integration_s);
    }
    for (auto const c : s.correlations) codes.push_back(static_cast<int>(c));
    auto const rows = static_cast<hsize_t>(all.size());
    header.put("ant_1_array", ant1);
    header.put("ant_2_array", ant2);
    if (s.double_uvw)
        header.put("uvw_array", uvw, {rows, 3});
    else
        header.put("uvw_array", std::vector<float>(uvw.begin(), uvw.end()), {rows, 3});
    header.put("time_array", jd, {rows});
    header.put("integration_time", lasted, {rows});
    header.put("freq_array", s.freq_hz, {1, s.freq_hz.size()});
    header.put("channel_width", s.channel_width_hz);
    header.put("spw_array", std::vector<std::int64_t>{1});
    header.put("polarization_array", codes);
}

void put_antennas(Items& header, Uvh5Subband const& s)
{
    std::vector<std::string> names;
    std::vector<std::int64_t> numbers;
    std::vector<double> positions, diameters;
    std::set<std::int32_t> used;
    for (auto const& b : s.baselines) used.insert({b.ant1, b.ant2});
    std::size_t width = 4;
    for (auto const& a : s.antennas) {
        names.push_back(a.name);
        numbers.push_back(a.number);
        diameters.push_back(a.diameter_m);
        positions.insert(positions.end(), a.position_m.begin(), a.position_m.end());
        width = std::max(width, a.name.size());
    }
    header.put("Nants_data", static_cast<std::int64_t>(used.size()));
    header.put("Nants_telescope", static_cast<std::int64_t>(s.antennas.size()));
    header.put("antenna_names", names, width);
    header.put("antenna_numbers", numbers);
    header.put("antenna_diameters", diameters, {diameters.size()});
    header.put("antenna_positions", positions, {s.antennas.size(), 3});
}

void put_header(hid_t file, Uvh5Subband const& s, std::vector<Uvh5Row> const& rows)
{
    Handle const group(good(H5Gcreate2(file, "Header", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "Header"), H5Gclose);
    Items header(group.id());
    header.put("latitude", s.site.latitude_rad / degree_rad);
    header.put("longitude", s.site.longitude_rad / degree_rad);
    header.put("altitude", s.site.altitude_m);
    header.put("telescope_name", s.site.telescope_name);
    header.put("instrument", s.instrument);
    header.put("object_name", s.object_name);
    header.put("history", s.history);
    header.put("phase_type", std::string("drift"));
    header.put("Nbls", static_cast<std::int64_t>(s.baselines.size()));
    header.put("Nblts", static_cast<std::int64_t>(rows.size()));
    header.put("Nfreqs", static_cast<std::int64_t>(s.freq_hz.size()));
    header.put("Npols", static_cast<std::int64_t>(s.correlations.size()));
    header.put("Ntimes", static_cast<std::int64_t>(s.time_mjd_s.size()));
    header.put("Nspws", std::int64_t(1));
    put_antennas(header, s);
    put_axes(header, s, rows);
    Handle const extra(
        good(H5Gcreate2(group.id(), "extra_keywords", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "extra_keywords"),
        H5Gclose);
    Items keywords(extra.id());
    keywords.put("phase_center_dec", s.phase_center_dec_rad);
    keywords.put("ha_phase_center", 0.0);
    keywords.put_variable("phase_center_epoch", "HADEC");
}

/// numpy's complex64 as h5py stores it.
Handle complex_type()
{
    Handle type(good(H5Tcreate(H5T_COMPOUND, sizeof(Vis)), "a type"), H5Tclose);
    H5Tinsert(type.id(), "r", 0, H5T_IEEE_F32LE);
    H5Tinsert(type.id(), "i", sizeof(float), H5T_IEEE_F32LE);
    return type;
}

/// numpy's bool as h5py stores it.
Handle bool_type()
{
    Handle type(good(H5Tenum_create(H5T_STD_I8LE), "a type"), H5Tclose);
    std::int8_t const no = 0, yes = 1;
    H5Tenum_insert(type.id(), "FALSE", &no);
    H5Tenum_insert(type.id(), "TRUE", &yes);
    return type;
}

/// Writes one dataset chunk by chunk, past HDF5's cache; value(row, t, b, c, p) gives a sample.
template<class T, class Value>
void put_samples(hid_t group, std::string const& name, hid_t type, Uvh5Subband const& s,
                 std::vector<Uvh5Row> const& all, Value const& value)
{
    auto const nc = static_cast<Index>(s.freq_hz.size()), np = static_cast<Index>(s.correlations.size());
    auto const nb = static_cast<Index>(s.baselines.size()), rows = std::ssize(all);
    auto const chunk = guessed_chunk(nc, np, sizeof(T));
    auto const shape =
        std::array<hsize_t, 4>{static_cast<hsize_t>(rows), 1, static_cast<hsize_t>(nc), static_cast<hsize_t>(np)};
    auto most = shape;
    most[0] = H5S_UNLIMITED;
    hsize_t const cut[4] = {static_cast<hsize_t>(chunk[0]), 1, static_cast<hsize_t>(chunk[2]),
                            static_cast<hsize_t>(chunk[3])};
    Handle const space(good(H5Screate_simple(4, shape.data(), most.data()), name), H5Sclose);
    auto const properties = hdf5::dataset_properties(name);
    H5Pset_chunk(properties.id(), 4, cut);
    Handle dataset(
        good(H5Dcreate2(group, name.c_str(), type, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT), name),
        H5Dclose);
    std::vector<T> buffer(static_cast<std::size_t>(chunk[0] * chunk[2] * chunk[3]));
    for (Index r0 = 0; r0 < rows; r0 += chunk[0])
        for (Index c0 = 0; c0 < nc; c0 += chunk[2])
            for (Index p0 = 0; p0 < np; p0 += chunk[3]) {
                std::fill(buffer.begin(), buffer.end(), T{});
                for (Index r = r0; r < std::min(rows, r0 + chunk[0]); ++r) {
                    auto const& row = all[static_cast<std::size_t>(r)];
                    Index const t = row.cell / nb, b = row.cell % nb;
                    for (Index c = c0; c < std::min(nc, c0 + chunk[2]); ++c)
                        for (Index p = p0; p < std::min(np, p0 + chunk[3]); ++p)
                            buffer[static_cast<std::size_t>(((r - r0) * chunk[2] + c - c0) * chunk[3] + p - p0)] =
                                value(row, t, b, c, p);
                }
                hsize_t const at[4] = {static_cast<hsize_t>(r0), 0, static_cast<hsize_t>(c0), static_cast<hsize_t>(p0)};
                good_status(H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, 0, at, buffer.size() * sizeof(T), buffer.data()),
                            name);
            }
    hdf5::finish(dataset, name);
}

void put_data(hid_t file, Uvh5Subband const& s, std::vector<Uvh5Row> const& rows)
{
    using Row = Uvh5Row;
    Handle const group(good(H5Gcreate2(file, "Data", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "Data"), H5Gclose);
    auto const complex64 = complex_type();
    auto const boolean = bool_type();
    put_samples<Vis>(group.id(), "visdata", complex64.id(), s, rows,
                     [&](Row const& row, Index t, Index b, Index c, Index p) {
                         Vis const v = s.vis(t, b, c, p);
                         return Vis{v.re, row.swapped ? -v.im : v.im};
                     });
    put_samples<std::uint8_t>(group.id(), "flags", boolean.id(), s, rows,
                              [&](Row const&, Index t, Index b, Index c, Index p) {
                                  return static_cast<std::uint8_t>(s.flag.data && s.flag(t, b, c, p) != 0);
                              });
    put_samples<float>(group.id(), "nsamples", H5T_IEEE_F32LE, s, rows,
                       [&](Row const&, Index t, Index b, Index c, Index p) {
                           return s.nsamples.data ? s.nsamples(t, b, c, p) : s.constant_nsamples;
                       });
}

void check_shapes(Uvh5Subband const& s)
{
    Index const wanted[4] = {static_cast<Index>(s.time_mjd_s.size()), static_cast<Index>(s.baselines.size()),
                             static_cast<Index>(s.freq_hz.size()), static_cast<Index>(s.correlations.size())};
    for (int axis = 0; axis < 4; ++axis) {
        NOCT_CHECK(wanted[axis] > 0 && s.vis.extent[axis] == wanted[axis],
                   "a subband whose visibilities do not fit its axes");
        NOCT_CHECK(!s.flag.data || s.flag.extent[axis] == wanted[axis], "a subband whose flags do not fit its axes");
        NOCT_CHECK(!s.nsamples.data || s.nsamples.extent[axis] == wanted[axis],
                   "a subband whose nsamples do not fit its axes");
    }
    NOCT_CHECK(s.uvw_m.size() == s.baselines.size() && s.integration_s.size() == s.time_mjd_s.size(),
               "a subband whose axes differ");
    for (auto const& row : s.rows)
        NOCT_CHECK(row.cell >= 0 && row.cell < wanted[0] * wanted[1], "a row beyond the axes of its subband");
}

}  // namespace

std::array<Index, 4> guessed_chunk(Index channels, Index correlations, Index element_bytes)
{
    constexpr double base = 16384, least = 8192, most = 1 << 20;
    std::array<Index, 4> chunk{1024, 1, channels, correlations};
    auto const bytes = [&] { return static_cast<double>(chunk[0] * chunk[1] * chunk[2] * chunk[3] * element_bytes); };
    double const target = std::clamp(base * std::exp2(std::log10(bytes() / most)), least, most);
    for (std::size_t axis = 0; bytes() > static_cast<double>(element_bytes); axis = (axis + 1) % 4) {
        bool const near = bytes() < target || std::abs(bytes() - target) < 0.5 * target;
        if (near && bytes() < most) break;
        chunk[axis] = (chunk[axis] + 1) / 2;
    }
    return chunk;
}

void write_uvh5(std::string const& path, Uvh5Subband const& subband)
{
    check_shapes(subband);
    ProductFile product(path);
    within("file " + path, [&] {
        hdf5::start();
        Handle file(H5Fcreate(product.temporary_path().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
        if (!file)
            throw Error(Code::cannot_create, "cannot create the file", hdf5::take_error_text(), "check the directory");
        auto const rows = rows_of(subband);
        put_header(file.id(), subband, rows);
        put_data(file.id(), subband, rows);
        hdf5::finish(file, "the file");
    });
    product.commit();
}

}  // namespace nocturne
