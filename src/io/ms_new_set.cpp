// Enters: plans and values. Leaves: casacore tables. C++17: see the header.
#include "io/ms_new_set.hpp"

#include "io/ms_carry.hpp"
#include "nocturne/error.hpp"

#include <casacore/ms/MeasurementSets/MeasurementSet.h>
#include <casacore/tables/DataMan/IncrementalStMan.h>
#include <casacore/tables/DataMan/StandardStMan.h>
#include <casacore/tables/DataMan/TiledColumnStMan.h>
#include <casacore/tables/DataMan/TiledShapeStMan.h>
#include <casacore/tables/Tables/ArrColDesc.h>
#include <casacore/tables/Tables/ArrayColumn.h>
#include <casacore/tables/Tables/ScaColDesc.h>
#include <casacore/tables/Tables/ScalarColumn.h>
#include <casacore/tables/Tables/SetupNewTab.h>
#include <casacore/tables/Tables/TableRecord.h>

#include <algorithm>

namespace nocturne::ms {
namespace {

namespace cc = casacore;
using cc::MS;

/// Runs `work`; what casacore throws becomes Error(io).
template<class Work>
auto guarded(std::string const& path, Work&& work) -> decltype(work())
{
    try {
        return work();
    } catch (cc::AipsError const& error) {
        std::string reason = error.what();
        std::replace(reason.begin(), reason.end(), '\n', ' ');
        throw Error(Code::io, "cannot make the tables of " + path, reason,
                    "check the medium, its free space and ulimit -f, then run the same command again");
    }
}

cc::IPosition position_of(std::vector<std::int64_t> const& shape)
{
    cc::IPosition position(shape.size());
    for (std::size_t i = 0; i < shape.size(); ++i) position[i] = shape[i];
    return position;
}

cc::IPosition tile_of(NewCube const& cube)
{
    auto shape = position_of(cube.cell_shape);
    shape.append(cc::IPosition(1, cube.tile_rows));
    return shape;
}

bool asks_for(NewSetPlan const& plan, char const* column)
{
    return std::any_of(plan.tiled.begin(), plan.tiled.end(), [&](auto const& c) { return c.name == column; });
}

/// A lock file is synced at each flush of its table: 80 syncs a set, for files that nobody else sees yet.
cc::TableLock no_lock() { return cc::TableLock(cc::TableLock::NoLocking); }

cc::TableDesc describe(NewSetPlan const& plan)
{
    auto desc = MS::requiredTableDesc();
    for (auto column : {MS::DATA, MS::WEIGHT_SPECTRUM, MS::CORRECTED_DATA, MS::MODEL_DATA})
        if (asks_for(plan, MS::columnName(column).c_str())) MS::addColumnToDesc(desc, column, 2);
    for (auto const& column : plan.tiled)
        desc.defineHypercolumn("Tiled" + column.name, static_cast<cc::uInt>(column.cubes.front().cell_shape.size() + 1),
                               cc::Vector<cc::String>(1, column.name));
    desc.defineHypercolumn("TiledFLAG_CATEGORY", 4, cc::Vector<cc::String>(1, "FLAG_CATEGORY"));
    if (!plan.carry.rows.empty())  // arrays of another set keep their storage managers: carry_columns adds them
        for (char const* column : {"WEIGHT", "SIGMA", "FLAG_CATEGORY"})
            if (!asks_for(plan, column)) desc.removeColumn(column);
    return desc;
}

cc::Table make_main_table(NewSetPlan const& plan)
{
    cc::SetupNewTable setup(plan.path, describe(plan), cc::Table::NewNoReplace);
    for (auto const& column : plan.tiled) {
        auto const tile = tile_of(column.cubes.front());
        if (column.name == "UVW")
            setup.bindColumn(column.name, cc::TiledColumnStMan("TiledUVW", tile));
        else
            setup.bindColumn(column.name, cc::TiledShapeStMan("Tiled" + column.name, tile));
    }
    if (plan.carry.rows.empty())
        setup.bindColumn("FLAG_CATEGORY", cc::TiledShapeStMan("TiledFLAG_CATEGORY", cc::IPosition(4, 2, 16, 1, 64)));
    cc::IncrementalStMan slow("SlowlyChanging");
    cc::StandardStMan fast("EachRow", 32768);
    for (auto const* column : {"TIME", "TIME_CENTROID", "INTERVAL", "EXPOSURE", "FIELD_ID", "SCAN_NUMBER", "ARRAY_ID",
                               "OBSERVATION_ID", "FEED1", "FEED2", "PROCESSOR_ID", "STATE_ID", "DATA_DESC_ID"})
        setup.bindColumn(column, slow);
    for (auto const* column : {"ANTENNA1", "ANTENNA2", "FLAG_ROW"}) setup.bindColumn(column, fast);
    // Buffered access leaves holes where nothing was written; the other ways would write all tiles as zeros here.
    return cc::Table(setup, no_lock(), static_cast<cc::rownr_t>(plan.n_rows), cc::False, cc::Table::LittleEndian,
                     cc::TSMOption(cc::TSMOption::Buffer));
}

template<class T>
void set_shapes(cc::Table const& table, NewTiledColumn const& column, std::vector<CubeRun> const& runs)
{
    cc::ArrayColumn<T> cells(table, column.name);
    std::vector<cc::IPosition> shapes, tiles;
    for (auto const& cube : column.cubes) {
        shapes.push_back(position_of(cube.cell_shape));
        tiles.push_back(tile_of(cube));
    }
    cc::rownr_t row = 0;
    for (auto const& run : runs) {
        auto const cube = shapes.size() == 1 ? 0 : static_cast<std::size_t>(run.cube);
        for (auto const end = row + static_cast<cc::rownr_t>(run.rows); row < end; ++row)
            cells.setShape(row, shapes[cube], tiles[cube]);
    }
}

void set_shapes_of(cc::Table const& table, NewTiledColumn const& column, std::vector<CubeRun> const& runs)
{
    if (column.name == "UVW") return;  // fixed
    switch (column.type) {
        case CellType::boolean:
            return set_shapes<cc::Bool>(table, column, runs);
        case CellType::f32:
            return set_shapes<cc::Float>(table, column, runs);
        case CellType::f64:
            return set_shapes<cc::Double>(table, column, runs);
        case CellType::complex_f32:
            return set_shapes<cc::Complex>(table, column, runs);
    }
}

template<class To, class From>
cc::Array<To> array_of(Array<From> const& array)
{
    cc::Array<To> made(position_of(array.shape));
    std::copy(array.values.begin(), array.values.end(), made.cbegin());
    return made;
}

}  // namespace

struct NewTable::Handle {
    std::string path;
    cc::Table table;

    template<class T>
    void scalar(char const* column, T const& value)
    {
        guarded(path, [&] { cc::ScalarColumn<T>(table, column).put(table.nrow() - 1, value); });
    }
    template<class T>
    void array(char const* column, cc::Array<T> const& value)
    {
        guarded(path, [&] { cc::ArrayColumn<T>(table, column).put(table.nrow() - 1, value); });
    }
};

NewTable& NewTable::add_row()
{
    guarded(handle_->path, [&] { handle_->table.addRow(); });
    return *this;
}

NewTable& NewTable::put(char const* column, int value) { return handle_->scalar<cc::Int>(column, value), *this; }
NewTable& NewTable::put(char const* column, bool value) { return handle_->scalar<cc::Bool>(column, value), *this; }
NewTable& NewTable::put(char const* column, double value) { return handle_->scalar<cc::Double>(column, value), *this; }
NewTable& NewTable::put(char const* column, std::string const& value)
{
    return handle_->scalar<cc::String>(column, value), *this;
}
NewTable& NewTable::put(char const* column, Array<int> const& value)
{
    return handle_->array(column, array_of<cc::Int>(value)), *this;
}
NewTable& NewTable::put(char const* column, Array<double> const& value)
{
    return handle_->array(column, array_of<cc::Double>(value)), *this;
}
NewTable& NewTable::put(char const* column, Array<std::complex<float>> const& value)
{
    return handle_->array(column, array_of<cc::Complex>(value)), *this;
}
NewTable& NewTable::put(char const* column, Array<std::string> const& value)
{
    return handle_->array(column, array_of<cc::String>(value)), *this;
}

void NewTable::set_frame(char const* column, char const* frame)
{
    guarded(handle_->path, [&] {
        auto& keywords = cc::TableColumn(handle_->table, column).rwKeywordSet();
        cc::TableRecord info(keywords.subRecord("MEASINFO"));
        info.define("Ref", frame);
        keywords.defineRecord("MEASINFO", info);
    });
}

void NewTable::add_vector_column(char const* column, int length)
{
    guarded(handle_->path,
            [&] { handle_->table.addColumn(cc::ArrayColumnDesc<cc::Double>(column, cc::IPosition(1, length))); });
}

void NewTable::fill(char const* column, std::string const& value)
{
    guarded(handle_->path, [&] { cc::ScalarColumn<cc::String>(handle_->table, column).fillColumn(value); });
}

struct NewSet::Handle {
    std::string path;
    cc::Table table;
    std::set<std::string> carried;

    void carry(CarryPlan const& plan)
    {
        auto const from = open_to_carry(plan.path);
        carry_columns(table, from, plan);
        carried = carried_columns(from, plan);
        carried.merge(carry_tables(table, from, plan));
    }
};

namespace {

template<class Subtable>
void add_subtable(cc::Table& main, char const* name)
{
    if (main.keywordSet().isDefined(name)) return;  // taken over
    cc::SetupNewTable setup(main.tableName() + "/" + name, Subtable::requiredTableDesc(), cc::Table::New);
    main.rwKeywordSet().defineTable(name, cc::Table(setup, no_lock(), 0, cc::False, cc::Table::LittleEndian));
}

void add_subtables(cc::Table& main, CarryPlan const& carry)
{
    add_subtable<cc::MSAntenna>(main, "ANTENNA");
    add_subtable<cc::MSDataDescription>(main, "DATA_DESCRIPTION");
    add_subtable<cc::MSFeed>(main, "FEED");
    add_subtable<cc::MSField>(main, "FIELD");
    add_subtable<cc::MSFlagCmd>(main, "FLAG_CMD");
    add_subtable<cc::MSHistory>(main, "HISTORY");
    add_subtable<cc::MSObservation>(main, "OBSERVATION");
    add_subtable<cc::MSPointing>(main, "POINTING");
    add_subtable<cc::MSPolarization>(main, "POLARIZATION");
    add_subtable<cc::MSProcessor>(main, "PROCESSOR");
    auto const& anew = carry.own_tables;
    if (carry.path.empty() || std::find(anew.begin(), anew.end(), "SOURCE") != anew.end())
        add_subtable<cc::MSSource>(main, "SOURCE");
    add_subtable<cc::MSSpectralWindow>(main, "SPECTRAL_WINDOW");
    add_subtable<cc::MSState>(main, "STATE");
}

}  // namespace

NewSet::NewSet(NewSetPlan const& plan)
{
    guarded(plan.path, [&] {
        auto table = make_main_table(plan);
        table.tableInfo().setType(cc::TableInfo::type(cc::TableInfo::MEASUREMENTSET));
        table.tableInfo().readmeAddLine(plan.readme);
        for (auto const& column : plan.tiled) set_shapes_of(table, column, plan.runs);
        handle_ = std::make_shared<Handle>(Handle{plan.path, table, {}});
        if (!plan.carry.path.empty()) handle_->carry(plan.carry);
        add_subtables(table, plan.carry);
    });
}

void read_carried(CarryPlan const& plan)
{
    try {
        read_all_carried(open_to_carry(plan.path), plan);
    } catch (cc::AipsError const& error) {
        std::string reason = error.what();
        std::replace(reason.begin(), reason.end(), '\n', ' ');
        throw Error(Code::bad_input, "cannot read Measurement Set " + plan.path, reason,
                    "repair it with the program that wrote it, or take the table or column away");
    }
}

bool NewSet::carries(std::string const& column_or_table) const { return handle_->carried.count(column_or_table) > 0; }

bool NewSet::has(std::string const& subtable) const { return handle_->table.keywordSet().isDefined(subtable); }

void NewSet::put(char const* column, std::vector<std::int32_t> const& values)
{
    if (carries(column)) return;
    guarded(handle_->path,
            [&] { cc::ScalarColumn<cc::Int>(handle_->table, column).putColumn(cc::Vector<cc::Int>(values)); });
}

void NewSet::put(char const* column, std::vector<double> const& values)
{
    if (carries(column)) return;
    guarded(handle_->path,
            [&] { cc::ScalarColumn<cc::Double>(handle_->table, column).putColumn(cc::Vector<cc::Double>(values)); });
}

void NewSet::fill(char const* column, std::int32_t value)
{
    if (carries(column)) return;
    guarded(handle_->path, [&] { cc::ScalarColumn<cc::Int>(handle_->table, column).fillColumn(value); });
}

void NewSet::fill(char const* column, bool value)
{
    if (carries(column)) return;
    guarded(handle_->path, [&] { cc::ScalarColumn<cc::Bool>(handle_->table, column).fillColumn(value); });
}

NewTable NewSet::subtable(char const* name)
{
    NewTable made;
    guarded(handle_->path, [&] {
        made.handle_ = std::make_shared<NewTable::Handle>(
            NewTable::Handle{handle_->path + "/" + name, handle_->table.rwKeywordSet().asTable(name, no_lock())});
        made.handle_->table.reopenRW();
    });
    return made;
}

void NewSet::close()
{
    guarded(handle_->path, [&] {
        handle_->table.flush(cc::False, cc::True);  // with its subtables
        handle_->table = cc::Table();
    });
}

}  // namespace nocturne::ms
