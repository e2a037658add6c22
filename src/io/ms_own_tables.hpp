// Tables of a Measurement Set have their rows in its own directory. C++17: casacore's headers (see src/CMakeLists.txt).
#pragma once

#include <casacore/tables/Tables/Table.h>

#include <string>

namespace nocturne::ms {

/// Rows of a selection or a concatenation lie in other tables: no checksum of this one covers them, and a product could be written
/// over them. Throws Error(bad_input).
void refuse_selection(casacore::Table const& table);

/// A subtable of a set that is not beneath its directory. Throws Error(bad_input) that calls it `what`.
void refuse_elsewhere(casacore::Table const& table, casacore::Table const& main, std::string const& what);

}  // namespace nocturne::ms
