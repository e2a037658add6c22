// The file table.info of casacore's tables, which casacore writes without looking whether it was written. Enters: a table. Leaves: nothing,
// or an Error that names the file.
#pragma once

#include <string>
#include <vector>

namespace nocturne {

/// Every table.info of a table and its subtables is whole, and that of the table itself holds each of `words`. Error(io) otherwise.
void check_table_infos(std::string const& path, std::vector<std::string> const& words);

}  // namespace nocturne
