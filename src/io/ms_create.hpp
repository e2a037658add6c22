// Makes a whole Measurement Set except the samples, with casacore. Call it in a child process: casacore ends the process on a
// full disk.
#pragma once

#include "io/ms_request.hpp"

#include <string>

namespace nocturne {

/// Makes the directory `path`: the main table with all rows and every column that says where and when, and all subtables. The
/// columns of tiled_columns() have their shapes and files of full size without content (holes): MsWriter fills them. Throws
/// Error(io), and Error(defect) where this casacore lays its files out in another way than plan_tiles says.
void create_measurement_set(std::string const& path, MsRequest const& request);

/// Reads all that create_measurement_set takes over from the set that the request came from, and writes nothing: whose fault was it?
/// Throws Error(bad_input) naming that set.
void read_what_is_carried(MsRequest const& request);

}  // namespace nocturne
