// What a casacore table names, and its rows read for the sake of reading them. casacore's own types: C++17, as the other files that see them.
#pragma once

#include <casacore/tables/Tables/Table.h>

#include <string>
#include <vector>

namespace nocturne::ms {

/// Subtables that keywords name and that are there, damaged or not: programs leave keywords behind of tables that they removed.
std::vector<std::string> subtables_there(casacore::Table const& table);

/// Every defined cell of every column; keywords, and the tables that they name, are left alone. Throws casacore::AipsError.
void read_rows(casacore::Table const& rows);

/// The same of a whole table, so many rows at a time as memory may hold.
void read_table(casacore::Table const& table);

}  // namespace nocturne::ms
