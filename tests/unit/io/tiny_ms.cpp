// casacore's headers want C++17 (tests/CMakeLists.txt).
#include "tests/unit/io/tiny_ms.hpp"

#include <casacore/tables/Tables/ArrColDesc.h>
#include <casacore/tables/Tables/ArrayColumn.h>
#include <casacore/tables/Tables/ScaColDesc.h>
#include <casacore/tables/Tables/ScalarColumn.h>
#include <casacore/tables/Tables/SetupNewTab.h>
#include <casacore/tables/Tables/Table.h>
#include <casacore/tables/Tables/TableRecord.h>

#include <cmath>
#include <fstream>

namespace nocturne::test {
namespace {

namespace cc = casacore;

template<class T>
void scalar(cc::TableDesc& desc, std::string const& name)
{
    desc.addColumn(cc::ScalarColumnDesc<T>(name));
}
template<class T>
void array(cc::TableDesc& desc, std::string const& name)
{
    desc.addColumn(cc::ArrayColumnDesc<T>(name));
}

cc::Table make(std::string const& path, cc::TableDesc const& desc, std::size_t rows)
{
    cc::SetupNewTable setup(path, desc, cc::Table::New);
    return cc::Table(setup, rows);
}

template<class T, class V>
void put(cc::Table& table, std::string const& column, std::size_t row, V const& value)
{
    cc::ScalarColumn<T>(table, column).put(row, value);
}
template<class T>
void put_array(cc::Table& table, std::string const& column, std::size_t row, cc::IPosition const& shape,
               std::function<T(int)> const& value)
{
    cc::Array<T> cell(shape);
    int i = 0;
    for (auto at = cell.begin(); at != cell.end(); ++at) *at = value(i++);
    cc::ArrayColumn<T>(table, column).put(row, cell);
}

void set_reference(cc::Table& table, std::string const& column, std::string const& reference)
{
    cc::TableRecord info;
    info.define("type", "whatever");
    info.define("Ref", reference);
    cc::TableColumn(table, column).rwKeywordSet().defineRecord("MEASINFO", info);
}

void write_feeds(TinyMs const& set, std::string const& path)
{
    cc::TableDesc desc;
    scalar<cc::Int>(desc, "ANTENNA_ID");
    array<cc::String>(desc, "POLARIZATION_TYPE");
    array<cc::Double>(desc, "RECEPTOR_ANGLE");
    auto table = make(path + "/FEED", desc, set.antennas_itrf_m.size());
    cc::IPosition const shape(1, static_cast<int>(set.receptors.size()));
    for (std::size_t a = 0; a < set.antennas_itrf_m.size(); ++a) {
        put<cc::Int>(table, "ANTENNA_ID", a, static_cast<int>(a));
        put_array<cc::String>(table, "POLARIZATION_TYPE", a, shape, [&](int i) { return set.receptors.at(i); });
        put_array<cc::Double>(table, "RECEPTOR_ANGLE", a, shape, [&](int i) { return set.receptor_angle_rad.at(i); });
    }
}

void write_antennas(TinyMs const& set, std::string const& path)
{
    cc::TableDesc desc;
    scalar<cc::String>(desc, "NAME");
    scalar<cc::String>(desc, "MOUNT");
    scalar<cc::Double>(desc, "DISH_DIAMETER");
    array<cc::Double>(desc, "POSITION");
    auto table = make(path + "/ANTENNA", desc, set.antennas_itrf_m.size());
    for (std::size_t a = 0; a < set.antennas_itrf_m.size(); ++a) {
        put<cc::String>(table, "NAME", a, "A" + std::to_string(a));
        put<cc::String>(table, "MOUNT", a, "ALT-AZ");
        put<cc::Double>(table, "DISH_DIAMETER", a, 4.65);
        put_array<cc::Double>(table, "POSITION", a, cc::IPosition(1, 3),
                              [&](int i) { return set.antennas_itrf_m[a].at(i); });
    }
    if (!set.receptors.empty()) write_feeds(set, path);
    cc::TableDesc observation;
    scalar<cc::String>(observation, "TELESCOPE_NAME");
    auto about = make(path + "/OBSERVATION", observation, 1);
    put<cc::String>(about, "TELESCOPE_NAME", 0, set.telescope);
}

void write_fields(TinyMs const& set, std::string const& path)
{
    cc::TableDesc desc;
    scalar<cc::String>(desc, "NAME");
    scalar<cc::Int>(desc, "PhaseDir_Ref");
    array<cc::Double>(desc, "PHASE_DIR");
    array<cc::Double>(desc, "REFERENCE_DIR");
    auto table = make(path + "/FIELD", desc, set.fields.size());
    for (std::size_t f = 0; f < set.fields.size(); ++f) {
        auto const& field = set.fields[f];
        put<cc::String>(table, "NAME", f, field.name);
        put<cc::Int>(table, "PhaseDir_Ref", f, static_cast<int>(f) + 3);
        auto const value = [&](int i) {
            return i == 0 ? field.ra : i == 1 ? field.dec : field.more[static_cast<std::size_t>(i) - 2];
        };
        cc::IPosition const shape(2, 2, 1 + static_cast<int>(field.more.size()) / 2);
        put_array<cc::Double>(table, "PHASE_DIR", f, shape, value);
        put_array<cc::Double>(table, "REFERENCE_DIR", f, shape, value);
    }
    if (set.frame.empty()) return;
    set_reference(table, "PHASE_DIR", set.frame);
    if (set.row_frames.empty()) return;
    cc::Vector<cc::String> types(set.row_frames.size());
    cc::Vector<cc::uInt> codes(set.row_frames.size());
    for (std::size_t f = 0; f < set.row_frames.size(); ++f) {
        types[f] = set.row_frames[f];
        codes[f] = static_cast<cc::uInt>(f) + 3;
    }
    auto info = cc::TableColumn(table, "PHASE_DIR").keywordSet().subRecord("MEASINFO");
    info.define("VarRefCol", "PhaseDir_Ref");
    info.define("TabRefTypes", types);
    info.define("TabRefCodes", codes);
    cc::TableColumn(table, "PHASE_DIR").rwKeywordSet().defineRecord("MEASINFO", info);
}

void write_windows(TinyMs const& set, std::string const& path)
{
    cc::TableDesc desc;
    array<cc::Double>(desc, "CHAN_FREQ");
    array<cc::Double>(desc, "CHAN_WIDTH");
    if (set.frequency_frame >= 0) scalar<cc::Int>(desc, "MEAS_FREQ_REF");
    auto table = make(path + "/SPECTRAL_WINDOW", desc, set.windows.size());
    for (std::size_t w = 0; w < set.windows.size(); ++w) {
        if (set.frequency_frame >= 0) put<cc::Int>(table, "MEAS_FREQ_REF", w, set.frequency_frame);
        cc::IPosition const shape(1, static_cast<int>(set.windows[w].size()));
        put_array<cc::Double>(table, "CHAN_FREQ", w, shape, [&](int i) { return set.windows[w].at(i); });
        put_array<cc::Double>(table, "CHAN_WIDTH", w, shape, [&](int) { return -1e6; });
    }
    cc::TableDesc polarization;
    array<cc::Int>(polarization, "CORR_TYPE");
    auto pol = make(path + "/POLARIZATION", polarization, set.polarizations.size());
    for (std::size_t p = 0; p < set.polarizations.size(); ++p)
        put_array<cc::Int>(pol, "CORR_TYPE", p, cc::IPosition(1, static_cast<int>(set.polarizations[p].size())),
                           [&](int i) { return set.polarizations[p].at(i); });
    cc::TableDesc description;
    scalar<cc::Int>(description, "SPECTRAL_WINDOW_ID");
    scalar<cc::Int>(description, "POLARIZATION_ID");
    auto dd = make(path + "/DATA_DESCRIPTION", description, set.descriptions.size());
    for (std::size_t d = 0; d < set.descriptions.size(); ++d) {
        put<cc::Int>(dd, "SPECTRAL_WINDOW_ID", d, set.descriptions[d].window);
        put<cc::Int>(dd, "POLARIZATION_ID", d, set.descriptions[d].polarization);
    }
}

void write_pointings(TinyMs const& set, std::string const& path)
{
    cc::TableDesc desc;
    scalar<cc::Int>(desc, "ANTENNA_ID");
    scalar<cc::Double>(desc, "TIME");
    scalar<cc::Double>(desc, "INTERVAL");
    scalar<cc::String>(desc, "NAME");
    array<cc::Double>(desc, "DIRECTION");
    auto table = make(path + "/POINTING", desc, set.pointings.size());
    set_reference(table, "DIRECTION", "ICRS");
    for (std::size_t r = 0; r < set.pointings.size(); ++r) {
        auto const& p = set.pointings[r];
        put<cc::Int>(table, "ANTENNA_ID", r, p.antenna);
        put<cc::Double>(table, "TIME", r, p.time_s);
        put<cc::Double>(table, "INTERVAL", r, p.interval_s);
        put<cc::String>(table, "NAME", r, p.name);
        put_array<cc::Double>(table, "DIRECTION", r, cc::IPosition(2, 2, 1),
                              [&](int i) { return i == 0 ? p.ra : p.dec; });
    }
}

cc::Table make_main(TinyMs const& set, std::string const& path)
{
    cc::TableDesc desc;
    for (char const* name : {"TIME", "INTERVAL", "EXPOSURE"}) scalar<cc::Double>(desc, name);
    for (char const* name : {"ANTENNA1", "ANTENNA2", "FIELD_ID", "DATA_DESC_ID", "SCAN_NUMBER"})
        scalar<cc::Int>(desc, name);
    scalar<cc::Bool>(desc, "FLAG_ROW");
    array<cc::Double>(desc, "UVW");
    array<cc::Bool>(desc, "FLAG");
    array<cc::Float>(desc, "WEIGHT");
    if (set.weight_spectrum) array<cc::Float>(desc, "WEIGHT_SPECTRUM");
    if (!set.late_s.empty()) scalar<cc::Double>(desc, "TIME_CENTROID");
    if (set.float_data)
        array<cc::Float>(desc, set.column);
    else if (set.double_data)
        array<cc::DComplex>(desc, set.column);
    else
        array<cc::Complex>(desc, set.column);
    auto table = make(path, desc, set.rows.size());
    set_reference(table, "TIME", set.time_scale);
    return table;
}

/// Indices that point nowhere stand for some row, so that the cell has a shape.
void write_row(TinyMs const& set, cc::Table& table, std::size_t r)
{
    auto const& row = set.rows[r];
    put<cc::Double>(table, "TIME", r, row.time_s);
    put<cc::Double>(table, "INTERVAL", r, row.interval_s);
    put<cc::Double>(table, "EXPOSURE", r, row.exposure_s);
    put<cc::Int>(table, "ANTENNA1", r, row.ant1);
    put<cc::Int>(table, "ANTENNA2", r, row.ant2);
    put<cc::Int>(table, "FIELD_ID", r, row.field);
    put<cc::Int>(table, "DATA_DESC_ID", r, row.description);
    put<cc::Int>(table, "SCAN_NUMBER", r, row.scan);
    put<cc::Bool>(table, "FLAG_ROW", r, row.flag_row);
    put_array<cc::Double>(table, "UVW", r, cc::IPosition(1, 3), [&](int i) { return row.uvw_m.at(i); });
    auto const& about = set.descriptions.at(static_cast<std::size_t>(row.description) % set.descriptions.size());
    int const np = static_cast<int>(
        set.polarizations.at(static_cast<std::size_t>(about.polarization) % set.polarizations.size()).size());
    int const nc = static_cast<int>(set.windows.at(static_cast<std::size_t>(about.window) % set.windows.size()).size());
    int const n = static_cast<int>(r);
    cc::IPosition const shape(2, np, nc);
    put_array<cc::Bool>(table, "FLAG", r, shape, [&](int i) { return set.flag(n, i / np, i % np); });
    put_array<cc::Float>(table, "WEIGHT", r, cc::IPosition(1, np), [&](int i) { return set.weight(n, 0, i); });
    if (set.weight_spectrum)
        put_array<cc::Float>(table, "WEIGHT_SPECTRUM", r, shape, [&](int i) { return set.weight(n, i / np, i % np); });
    if (!set.late_s.empty()) put<cc::Double>(table, "TIME_CENTROID", r, row.time_s + set.late_s.at(r));
    if (set.float_data)
        put_array<cc::Float>(table, set.column, r, shape, [](int) { return 1.0F; });
    else if (set.double_data)
        put_array<cc::DComplex>(table, set.column, r, shape,
                                [&](int i) { return cc::DComplex(set.vis(n, i / np, i % np)); });
    else
        put_array<cc::Complex>(table, set.column, r, shape, [&](int i) { return set.vis(n, i / np, i % np); });
}

}  // namespace

void TinyMs::write(std::string const& path) const
{
    auto table = make_main(*this, path);
    for (std::size_t r = 0; r < rows.size(); ++r) write_row(*this, table, r);
    table.tableInfo().setType("Measurement Set");
    write_antennas(*this, path);
    write_fields(*this, path);
    write_windows(*this, path);
    if (!pointings.empty()) write_pointings(*this, path);
}

void put_integers(std::string const& path, char const* column, std::vector<int> const& values)
{
    cc::Table table(path, cc::Table::Update);
    for (std::size_t r = 0; r < values.size(); ++r) put<cc::Int>(table, column, r, values[r]);
}

std::vector<std::array<double, 3>> three_antennas()
{
    return {{-2409000, -4478000, 3839000}, {-2409200, -4477900, 3839010}, {-2408700, -4478100, 3839200}};
}

std::array<double, 3> casa_uvw(TinyMs const& set, int ant1, int ant2, double time_s, double ra, double dec)
{
    double const days = time_s / 86400 - 51544.5, degree = std::acos(-1.0) / 180;
    double const lon = ra - std::fmod(280.46061837 + 360.98564736629 * days, 360.0) * degree;
    auto const& p = set.antennas_itrf_m.at(static_cast<std::size_t>(ant1));
    auto const& q = set.antennas_itrf_m.at(static_cast<std::size_t>(ant2));
    double const x = p[0] - q[0], y = p[1] - q[1], z = p[2] - q[2];
    double const out = x * std::cos(lon) + y * std::sin(lon);
    return {y * std::cos(lon) - x * std::sin(lon), z * std::cos(dec) - out * std::sin(dec),
            z * std::sin(dec) + out * std::cos(dec)};
}

}  // namespace nocturne::test
