// CASA tables of a solution set, made in a child process (casacore ends its process on a full disk).
#pragma once

#include "nocturne/cal_table.hpp"

#include <cstddef>
#include <string>

namespace nocturne {

/// Writes table `index` of the file `solutions` as PREFIX.K, PREFIX.B or PREFIX.G, whole or not at all; a caltable that stands there is replaced.
/// Returns its path. Throws Error(cannot_create), Error(io).
std::string write_casa_table(std::string const& prefix, std::string const& solutions, std::size_t index, CalKind kind);

/// The child: answers {"solutions", "index", "path"} with {}, and {"read": PATH} with the tables of a file or CASA table as CBOR; or with
/// {"error"}, until the parent closes its channel. The exit code.
int serve_casa_tables();

}  // namespace nocturne
