// Enters: a Measurement Set of anyone. Leaves: its columns and subtables in a new one. C++17: see ms_new_set.hpp.
#include "io/ms_carry.hpp"

#include "io/ms_read_rows.hpp"

#include <casacore/tables/Tables/TableColumn.h>
#include <casacore/tables/Tables/TableCopy.h>
#include <casacore/tables/Tables/TableRecord.h>

#include <algorithm>

namespace nocturne::ms {
namespace {

namespace cc = casacore;

bool has(std::vector<std::string> const& names, std::string const& name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Rows of another table, in the order that is wanted.
cc::Table chosen_rows(cc::Table const& from, CarryPlan const& plan)
{
    cc::Vector<cc::rownr_t> rows(plan.rows.size());
    bool all = plan.rows.size() == from.nrow();
    for (std::size_t i = 0; i < plan.rows.size(); ++i) {
        rows[i] = static_cast<cc::rownr_t>(plan.rows[i]);
        all = all && rows[i] == i;
    }
    return all ? from : from(cc::RowNumbers(rows));
}

void carry_keywords(cc::Table& to, cc::Table const& from, std::string const& column)
{
    auto const keywords = cc::TableColumn(from, column).keywordSet();
    auto& ours = cc::TableColumn(to, column).rwKeywordSet();
    for (cc::uInt i = 0; i < keywords.nfields(); ++i)
        if (keywords.dataType(static_cast<cc::Int>(i)) != cc::TpTable)
            ours.mergeField(keywords, static_cast<cc::Int>(i), cc::RecordInterface::OverwriteDuplicates);
}

void carry_cells(cc::Table& to, cc::Table const& rows, std::string const& column)
{
    cc::TableColumn const source(rows, column);
    cc::TableColumn target(to, column);
    bool const scalar = source.columnDesc().isScalar();
    for (cc::rownr_t row = 0; row < rows.nrow(); ++row)
        if (scalar || source.isDefined(row)) target.put(row, source, row);
}

/// Where the subtable is: below the set, else where its keyword says.
cc::Table subtable_of(cc::Table const& from, cc::String const& name)
{
    auto const inside = from.tableName() + "/" + name;
    if (cc::Table::isReadable(inside)) return open_to_carry(inside);
    return from.keywordSet().asTable(name, cc::TableLock(cc::TableLock::NoLocking));
}

/// Subtables that are taken over.
std::vector<cc::String> carried_tables(cc::Table const& from, CarryPlan const& plan)
{
    std::vector<cc::String> names;
    for (auto const& name : subtables_there(from))
        if (!has(plan.own_tables, name) && name != "SORTED_TABLE") names.emplace_back(name);
    return names;
}

}  // namespace

cc::Table open_to_carry(std::string const& path)
{
    return cc::Table(path, cc::TableLock(cc::TableLock::NoLocking), cc::Table::Old);
}

std::set<std::string> carried_columns(cc::Table const& from, CarryPlan const& plan)
{
    std::set<std::string> names;
    if (plan.rows.empty()) return names;
    for (auto const& column : from.tableDesc().columnNames())
        if (!has(plan.own_columns, column)) names.insert(column);
    return names;
}

void carry_columns(cc::Table& to, cc::Table const& from, CarryPlan const& plan)
{
    if (plan.rows.empty()) return;
    auto const rows = chosen_rows(from, plan);
    for (auto const& column : carried_columns(from, plan)) {
        if (!to.tableDesc().isColumn(column)) cc::TableCopy::cloneColumn(from, column, to, column, "Carried" + column);
        carry_keywords(to, from, column);
        carry_cells(to, rows, column);
    }
    for (auto const& column : plan.own_columns) {
        bool const turned = column == "UVW" && has(plan.own_tables, "FIELD");  // its axes are those of the new centre
        if (!turned && from.tableDesc().isColumn(column) && to.tableDesc().isColumn(column))
            carry_keywords(to, from, column);
    }
}

std::set<std::string> carry_tables(cc::Table& to, cc::Table const& from, CarryPlan const& plan)
{
    std::set<std::string> names;
    auto const& keywords = from.keywordSet();
    for (cc::uInt i = 0; i < keywords.nfields(); ++i)
        if (keywords.dataType(static_cast<cc::Int>(i)) != cc::TpTable)
            to.rwKeywordSet().mergeField(keywords, static_cast<cc::Int>(i), cc::RecordInterface::OverwriteDuplicates);
    for (auto const& name : carried_tables(from, plan)) {
        auto const path = to.tableName() + "/" + name;
        auto const table = subtable_of(from, name);
        read_table(table);  // its files are copied as they are, damaged ones too
        table.deepCopy(path, cc::Table::New);
        to.rwKeywordSet().defineTable(name,
                                      cc::Table(path, cc::TableLock(cc::TableLock::NoLocking), cc::Table::Update));
        names.insert(name);
    }
    return names;
}

void read_all_carried(cc::Table const& from, CarryPlan const& plan)
{
    constexpr std::size_t piece = 256;  // rows at a time
    auto const names = carried_columns(from, plan);
    cc::Block<cc::String> columns(names.size());
    std::copy(names.begin(), names.end(), columns.begin());
    for (std::size_t first = 0; !names.empty() && first < plan.rows.size(); first += piece) {
        auto part = plan;
        part.rows = {plan.rows.begin() + static_cast<std::ptrdiff_t>(first),
                     plan.rows.begin() + static_cast<std::ptrdiff_t>(std::min(first + piece, plan.rows.size()))};
        read_rows(chosen_rows(from, part).project(columns));
    }
    for (auto const& name : carried_tables(from, plan)) read_table(subtable_of(from, name));
}

}  // namespace nocturne::ms
