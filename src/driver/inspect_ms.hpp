// A Measurement Set, looked at for the index. Enters: its path and what the database says of it. Leaves: a row, as
// Inspector makes them of files.
#pragma once

#include "driver/index.hpp"

namespace nocturne {

/// Header in a child process, then hash_tree. An unchanged set (`before`) is not read again. group_id stays as it was.
db::FileRow look_at_measurement_set(std::string const& path, std::optional<db::FileRow> const& before,
                                    ScanOptions const& options);

}  // namespace nocturne
