// How fast a window of time is found among many groups and files: a measurement on rows made for it.
#pragma once

#include "db/session.hpp"

#include <cstdint>

namespace nocturne::db {

struct WindowBench {
    std::int64_t rows = 0;  ///< of ingest_queue, and as many of hdf5_files
    double fill_s = 0;
    std::int64_t groups_found = 0, files_found = 0;
    double groups_ms = 0, files_ms = 0;  ///< the slowest of several windows
};

/// Fills an empty database with `rows` groups and as many files.
void fill_index(Session& session, std::int64_t rows);

/// Fills an empty database with `rows` groups, 309.24 s apart, and as many files, 16 a group, then reads `windows` windows of
/// a day (groups) and of 2.4 hours (files).
WindowBench measure_windows(Session& session, std::int64_t rows, int windows = 10);

}  // namespace nocturne::db
