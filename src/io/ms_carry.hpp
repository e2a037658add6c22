// What a new Measurement Set takes over from another one. casacore's own types: for ms_new_set.cpp alone, C++17 as that.
#pragma once

#include "io/ms_new_set.hpp"

#include <casacore/tables/Tables/Table.h>

#include <set>
#include <string>

namespace nocturne::ms {

/// The table to take from, opened to be read without locks.
casacore::Table open_to_carry(std::string const& path);

/// Columns of `from` that the plan takes over.
std::set<std::string> carried_columns(casacore::Table const& from, CarryPlan const& plan);

/// Fills them: rows `plan.rows`, in this order. Columns that `to` lacks are added, with the storage managers they had. Keywords of all
/// columns that both have come along.
void carry_columns(casacore::Table& to, casacore::Table const& from, CarryPlan const& plan);

/// Reads what carry_columns and carry_tables take over, piece by piece into memory.
void read_all_carried(casacore::Table const& from, CarryPlan const& plan);

/// Copies the subtables and the keywords of the main table. A subtable that the keywords name but that is not there is left out.
/// Returns their names.
std::set<std::string> carry_tables(casacore::Table& to, casacore::Table const& from, CarryPlan const& plan);

}  // namespace nocturne::ms
