// Solution sets in one HDF5 file: all tables that belong together, with what CASA's tables cannot hold (errors of phases, iterations, χ²,
// model, gauge). Enters: tables, a path. Leaves: the file, whole or not at all; or the tables of a file.
//
// Layout: the root has format ("nocturne solutions"), version (1), code_version, n_tables; each table is a group "0", "1", … with a dataset for
// each field of CalTable, shapes as there: gain complex64 (compound r, i), flag as numpy's bool, texts of fixed length, scalars without
// dimensions. Fields that a kind does not have (delays of B, gains of K) are absent.
#pragma once

#include "io/product.hpp"
#include "nocturne/cal_table.hpp"

#include <string>
#include <vector>

namespace nocturne {

/// Into a product that the caller commits. Throws Error(cannot_create), Error(io).
void write_solutions(ProductFile const& product, std::vector<CalTable> const& tables, std::string const& code_version);
/// The whole of a file. Throws the same.
void write_solutions(std::string const& path, std::vector<CalTable> const& tables, std::string const& code_version);

/// Throws Error(input_missing), Error(bad_input) where the file is another one, or its shapes do not fit one another.
std::vector<CalTable> read_solutions(std::string const& path);

}  // namespace nocturne
