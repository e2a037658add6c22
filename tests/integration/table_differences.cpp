// Enters: two table directories. Leaves: what differs. C++17: casacore's headers (see src/CMakeLists.txt).
#include "tests/integration/table_differences.hpp"

#include <casacore/tables/TaQL/ExprNode.h>
#include <casacore/tables/Tables/ArrayColumn.h>
#include <casacore/tables/Tables/ScalarColumn.h>
#include <casacore/tables/Tables/Table.h>
#include <casacore/tables/Tables/TableColumn.h>
#include <casacore/tables/Tables/TableRecord.h>
#include <casacore/tables/Tables/TableRow.h>

#include <algorithm>
#include <sstream>

namespace nocturne::test {
namespace {

using Names = casacore::Vector<casacore::String>;

casacore::Table opened(std::string const& path)
{
    return casacore::Table(path, casacore::TableLock(casacore::TableLock::NoLocking));
}

/// All digits of all values.
std::string text_of(casacore::RecordInterface const& record)
{
    std::ostringstream text;
    text.precision(17);
    record.print(text, -1);
    return text.str();
}

void compare_columns(std::string const& label, casacore::Table const& a, casacore::Table const& b,
                     std::vector<std::string>& found)
{
    for (std::string const& column : a.tableDesc().columnNames()) {
        auto const name = label + "." + column;
        if (!b.tableDesc().isColumn(column)) {
            found.push_back(name + " is not there");
            continue;
        }
        auto const keywords = [&](casacore::Table const& t) {
            return text_of(casacore::TableColumn(t, column).keywordSet());
        };
        if (keywords(a) != keywords(b)) found.push_back(name + " keywords");
        casacore::ROTableRow left(a, Names(1, column)), right(b, Names(1, column));
        for (casacore::rownr_t row = 0; row < a.nrow(); ++row)
            if (text_of(left.get(row)) != text_of(right.get(row))) {
                found.push_back(name);
                break;
            }
    }
    for (std::string const& column : b.tableDesc().columnNames())
        if (!a.tableDesc().isColumn(column)) found.push_back(label + "." + column + " is new");
}

void compare_rows(std::string const& label, casacore::Table const& a, casacore::Table const& b,
                  std::vector<std::string>& found)
{
    if (a.nrow() != b.nrow())
        found.push_back(label + " has " + std::to_string(b.nrow()) + " rows");
    else
        compare_columns(label, a, b, found);
}

}  // namespace

std::vector<std::string> table_differences(std::string const& before, std::string const& after)
{
    std::vector<std::string> found;
    auto const a = opened(before), b = opened(after);
    compare_rows("MAIN", a, b, found);
    auto const& keywords = a.keywordSet();
    for (casacore::uInt i = 0; i < keywords.nfields(); ++i) {
        std::string const name = keywords.name(static_cast<casacore::Int>(i));
        if (keywords.dataType(static_cast<casacore::Int>(i)) != casacore::TpTable) continue;
        if (!casacore::Table::isReadable(before + "/" + name)) continue;
        if (!casacore::Table::isReadable(after + "/" + name))
            found.push_back(name + " is not there");
        else
            compare_rows(name, opened(before + "/" + name), opened(after + "/" + name), found);
    }
    std::sort(found.begin(), found.end());
    return found;
}

void move_antenna(std::string const& set, unsigned row, std::array<double, 3> const& by_m)
{
    casacore::Table const table(set + "/ANTENNA", casacore::TableLock(casacore::TableLock::NoLocking),
                                casacore::Table::Update);
    casacore::ArrayColumn<casacore::Double> positions(table, "POSITION");
    casacore::Array<casacore::Double> position = positions(row);
    auto at = position.begin();
    for (double const metres : by_m) *at++ += metres;
    positions.put(row, position);
}

void turn_rows(std::string const& set, unsigned step)
{
    casacore::Table const table(set, casacore::TableLock(casacore::TableLock::NoLocking), casacore::Table::Update);
    casacore::ScalarColumn<casacore::Int> ant1(table, "ANTENNA1"), ant2(table, "ANTENNA2");
    casacore::ArrayColumn<casacore::Double> uvw(table, "UVW");
    casacore::ArrayColumn<casacore::Complex> data(table, "DATA");
    for (casacore::rownr_t row = 0; row < table.nrow(); row += step) {
        auto const a = ant1(row), b = ant2(row);
        if (a == b) continue;
        ant1.put(row, b);
        ant2.put(row, a);
        casacore::Array<casacore::Double> turned = uvw(row);
        for (auto& metres : turned) metres = -metres;
        uvw.put(row, turned);
        casacore::Array<casacore::Complex> vis = data(row);
        for (auto& v : vis) v = std::conj(v);
        data.put(row, vis);
    }
}

void scale_column(std::string const& set, std::string const& column, float factor)
{
    casacore::Table table(set, casacore::TableLock(casacore::TableLock::NoLocking), casacore::Table::Update);
    casacore::ArrayColumn<casacore::Complex> cells(table, column);
    for (casacore::rownr_t row = 0; row < table.nrow(); ++row) {
        casacore::Array<casacore::Complex> cell(cells(row));
        for (auto& value : cell) value *= factor;
        cells.put(row, cell);
    }
}

void write_selection(std::string const& set, std::string const& path, unsigned n)
{
    auto const table = opened(set);
    casacore::Table some = table(table.nodeRownr() < n);
    some.rename(path, casacore::Table::New);
    some.flush();
}

void name_correlations(std::string const& set, std::vector<int> const& casa_codes)
{
    casacore::Table const table(set + "/POLARIZATION", casacore::TableLock(casacore::TableLock::NoLocking),
                                casacore::Table::Update);
    casacore::ArrayColumn<casacore::Int>(table, "CORR_TYPE").put(0, casacore::Vector<casacore::Int>(casa_codes));
}

}  // namespace nocturne::test
