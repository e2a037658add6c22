#include "io/ms_read_rows.hpp"

#include <casacore/casa/OS/File.h>
#include <casacore/tables/Tables/ColumnDesc.h>
#include <casacore/tables/Tables/SetupNewTab.h>
#include <casacore/tables/Tables/TableAttr.h>
#include <casacore/tables/Tables/TableCopy.h>
#include <casacore/tables/Tables/TableDesc.h>
#include <casacore/tables/Tables/TableRecord.h>

#include <algorithm>

namespace nocturne::ms {

namespace cc = casacore;

std::vector<std::string> subtables_there(cc::Table const& table)
{
    std::vector<std::string> names;
    auto const& keywords = table.keywordSet();
    for (cc::uInt i = 0; i < keywords.nfields(); ++i) {
        auto const name = keywords.name(static_cast<cc::Int>(i));
        if (keywords.dataType(static_cast<cc::Int>(i)) != cc::TpTable) continue;
        bool const there = cc::File(table.tableName() + "/" + name).exists() ||
                           cc::File(keywords.tableAttributes(name).name()).exists();
        if (there) names.emplace_back(name);
    }
    return names;
}

void read_rows(cc::Table const& rows)
{
    cc::TableDesc const given = rows.tableDesc();
    cc::TableDesc columns;
    for (cc::uInt i = 0; i < given.ncolumn(); ++i) columns.addColumn(given[i]);
    cc::SetupNewTable setup("rows", columns, cc::Table::Scratch);
    cc::Table memory(setup, cc::Table::Memory, rows.nrow());
    cc::TableCopy::copyRows(memory, rows, cc::False);
}

void read_table(cc::Table const& table)
{
    constexpr cc::rownr_t piece = 4096;
    for (cc::rownr_t first = 0; first < table.nrow(); first += piece) {
        cc::Vector<cc::rownr_t> rows(std::min(piece, table.nrow() - first));
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = first + i;
        read_rows(table(cc::RowNumbers(rows)));
    }
}

}  // namespace nocturne::ms
