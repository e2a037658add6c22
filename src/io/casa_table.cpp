// Enters: values. Leaves: a table with the columns, keywords and subtables that CASA's applycal asks for. C++17: see the header.
#include "io/casa_table.hpp"

#include "io/table_info.hpp"
#include "nocturne/error.hpp"

#include <casacore/casa/Arrays/ArrayMath.h>
#include <casacore/casa/Arrays/Matrix.h>
#include <casacore/casa/Arrays/Vector.h>
#include <casacore/ms/MeasurementSets/MeasurementSet.h>
#include <casacore/tables/DataMan/StandardStMan.h>
#include <casacore/tables/Tables/ArrColDesc.h>
#include <casacore/tables/Tables/ArrayColumn.h>
#include <casacore/tables/Tables/ScaColDesc.h>
#include <casacore/tables/Tables/ScalarColumn.h>
#include <casacore/tables/Tables/SetupNewTab.h>
#include <casacore/tables/Tables/TableRecord.h>

#include <algorithm>

namespace nocturne::casa {
namespace {

namespace cc = casacore;

constexpr int topocentric = 5;  // casacore's MFrequency::TOPO

cc::TableLock no_lock() { return cc::TableLock(cc::TableLock::NoLocking); }

bool is_float(Table const& table) { return table.type == "K Jones"; }

cc::TableDesc describe_table(Table const& table)
{
    cc::TableDesc desc("calibration", cc::TableDesc::Scratch);
    desc.addColumn(cc::ScalarColumnDesc<cc::Double>("TIME"));
    for (auto const* name : {"FIELD_ID", "SPECTRAL_WINDOW_ID", "ANTENNA1", "ANTENNA2"})
        desc.addColumn(cc::ScalarColumnDesc<cc::Int>(name));
    desc.addColumn(cc::ScalarColumnDesc<cc::Double>("INTERVAL"));
    for (auto const* name : {"SCAN_NUMBER", "OBSERVATION_ID"}) desc.addColumn(cc::ScalarColumnDesc<cc::Int>(name));
    if (is_float(table))
        desc.addColumn(cc::ArrayColumnDesc<cc::Float>("FPARAM", -1));
    else
        desc.addColumn(cc::ArrayColumnDesc<cc::Complex>("CPARAM", -1));
    desc.addColumn(cc::ArrayColumnDesc<cc::Float>("PARAMERR", -1));
    desc.addColumn(cc::ArrayColumnDesc<cc::Bool>("FLAG", -1));
    for (auto const* name : {"SNR", "WEIGHT"}) desc.addColumn(cc::ArrayColumnDesc<cc::Float>(name, -1));
    auto const seconds = cc::Vector<cc::String>(1, "s");
    for (auto const* name : {"TIME", "INTERVAL"})
        desc.rwColumnDesc(name).rwKeywordSet().define("QuantumUnits", seconds);
    cc::TableRecord epoch;
    epoch.define("type", "epoch");
    epoch.define("Ref", "UTC");
    desc.rwColumnDesc("TIME").rwKeywordSet().defineRecord("MEASINFO", epoch);
    return desc;
}

template<class To, class From>
cc::Matrix<To> matrix_of(std::vector<From> const& values)
{
    cc::Matrix<To> matrix(2, static_cast<cc::Int>(values.size() / 2));
    std::copy(values.begin(), values.end(), matrix.cbegin());
    return matrix;
}

template<class T>
void put(cc::Table const& table, char const* column, cc::rownr_t row, T const& value)
{
    cc::ScalarColumn<T>(table, column).put(row, value);
}

template<class T>
void put_array(cc::Table const& table, char const* column, cc::rownr_t row, cc::Array<T> const& value)
{
    cc::ArrayColumn<T>(table, column).put(row, value);
}

/// Columns are opened once: a table has tens of thousands of cells.
void put_solution_rows(cc::Table& main, Table const& table)
{
    auto const n = table.rows.size();
    main.addRow(n);
    cc::ScalarColumn<cc::Double> time(main, "TIME"), interval(main, "INTERVAL");
    cc::ScalarColumn<cc::Int> field(main, "FIELD_ID"), window(main, "SPECTRAL_WINDOW_ID"), antenna(main, "ANTENNA1"),
        reference(main, "ANTENNA2"), scan(main, "SCAN_NUMBER"), observation(main, "OBSERVATION_ID");
    cc::ArrayColumn<cc::Float> error(main, "PARAMERR"), snr(main, "SNR");
    cc::ArrayColumn<cc::Bool> flag(main, "FLAG");
    for (cc::rownr_t i = 0; i < n; ++i) {
        auto const& row = table.rows[i];
        time.put(i, row.time_mjd_s);
        interval.put(i, row.interval_s);
        field.put(i, 0);
        window.put(i, row.window);
        antenna.put(i, row.antenna);
        reference.put(i, row.reference);
        scan.put(i, row.scan);
        observation.put(i, 0);
        error.put(i, matrix_of<cc::Float>(row.error));
        snr.put(i, matrix_of<cc::Float>(row.snr));
        flag.put(i, matrix_of<cc::Bool>(row.flag));
        if (is_float(table))
            put_array<cc::Float>(main, "FPARAM", i, matrix_of<cc::Float>(row.value));
        else
            put_array<cc::Complex>(main, "CPARAM", i, matrix_of<cc::Complex>(row.gain));
    }
}

template<class Subtable>
cc::Table new_subtable(cc::Table& main, char const* name, cc::rownr_t rows)
{
    cc::SetupNewTable setup(main.tableName() + "/" + name, Subtable::requiredTableDesc(), cc::Table::New);
    cc::Table made(setup, no_lock(), rows, cc::True, cc::Table::LittleEndian);
    main.rwKeywordSet().defineTable(name, made);
    return made;
}

void put_antenna_table(cc::Table& main, Table const& table)
{
    auto const to = new_subtable<cc::MSAntenna>(main, "ANTENNA", table.antennas.size());
    for (cc::rownr_t i = 0; i < table.antennas.size(); ++i) {
        auto const& antenna = table.antennas[i];
        cc::Vector<cc::Double> position(3);
        std::copy(antenna.position_itrf_m.begin(), antenna.position_itrf_m.end(), position.begin());
        put<cc::String>(to, "NAME", i, antenna.name);
        put<cc::String>(to, "STATION", i, antenna.name);
        put<cc::String>(to, "TYPE", i, "GROUND-BASED");
        put<cc::String>(to, "MOUNT", i, "ALT-AZ");
        put<cc::Double>(to, "DISH_DIAMETER", i, antenna.diameter_m);
        put_array<cc::Double>(to, "POSITION", i, position);
        put_array<cc::Double>(to, "OFFSET", i, cc::Vector<cc::Double>(3, 0.0));
    }
}

void put_field(cc::Table& main, Table const& table)
{
    auto const to = new_subtable<cc::MSField>(main, "FIELD", 1);
    cc::Matrix<cc::Double> direction(2, 1);
    direction(0, 0) = table.ra_rad;
    direction(1, 0) = table.dec_rad;
    for (auto const* column : {"DELAY_DIR", "PHASE_DIR", "REFERENCE_DIR"})
        put_array<cc::Double>(to, column, 0, direction);
    put<cc::String>(to, "NAME", 0, table.field);
    put<cc::Int>(to, "SOURCE_ID", 0, -1);
    put<cc::Double>(to, "TIME", 0, table.start_mjd_s);
}

void put_windows(cc::Table& main, Table const& table)
{
    auto const to = new_subtable<cc::MSSpectralWindow>(main, "SPECTRAL_WINDOW", table.windows.size());
    for (cc::rownr_t i = 0; i < table.windows.size(); ++i) {
        auto const& window = table.windows[i];
        cc::Vector<cc::Double> const freq(window.freq_hz), width(window.width_hz);
        put<cc::Int>(to, "NUM_CHAN", i, static_cast<cc::Int>(window.freq_hz.size()));
        put<cc::Double>(to, "REF_FREQUENCY", i, window.reference_hz);
        put<cc::Int>(to, "MEAS_FREQ_REF", i, topocentric);
        put<cc::Double>(to, "TOTAL_BANDWIDTH", i, cc::sum(width));
        put<cc::Int>(to, "NET_SIDEBAND", i, 1);
        put_array<cc::Double>(to, "CHAN_FREQ", i, freq);
        for (auto const* column : {"CHAN_WIDTH", "EFFECTIVE_BW", "RESOLUTION"})
            put_array<cc::Double>(to, column, i, width);
    }
}

void put_observation_table(cc::Table& main, Table const& table)
{
    auto const to = new_subtable<cc::MSObservation>(main, "OBSERVATION", 1);
    cc::Vector<cc::Double> range(2);
    range[0] = table.start_mjd_s;
    range[1] = table.end_mjd_s;
    put_array<cc::Double>(to, "TIME_RANGE", 0, range);
    put<cc::String>(to, "TELESCOPE_NAME", 0, table.telescope);
}

void put_keywords(cc::Table& main, Table const& table)
{
    main.tableInfo().setType("Calibration");
    main.tableInfo().setSubType(table.type);
    auto& keywords = main.rwKeywordSet();
    keywords.define("ParType", is_float(table) ? "Float" : "Complex");
    keywords.define("MSName", table.ms_name);
    keywords.define("VisCal", table.type);
    keywords.define("PolBasis", "unknown");
    keywords.define("CASA_Version", table.version);
}

}  // namespace

void write_table(std::string const& path, Table const& table)
{
    try {
        cc::SetupNewTable setup(path, describe_table(table), cc::Table::NewNoReplace);
        setup.bindAll(cc::StandardStMan("calibration", 32768));
        cc::Table main(setup, no_lock(), 0, cc::False, cc::Table::LittleEndian);
        put_keywords(main, table);
        put_solution_rows(main, table);
        put_observation_table(main, table);
        put_antenna_table(main, table);
        put_field(main, table);
        put_windows(main, table);
        new_subtable<cc::MSHistory>(main, "HISTORY", 0);
        main.flush(cc::False, cc::True);
    } catch (cc::AipsError const& error) {
        std::string reason = error.what();
        std::replace(reason.begin(), reason.end(), '\n', ' ');
        throw Error(Code::io, "cannot make the CASA table " + path, reason,
                    "check the medium, its free space and ulimit -f, then run the same command again");
    }
    check_table_infos(path, {"Calibration", table.type});
}

}  // namespace nocturne::casa
