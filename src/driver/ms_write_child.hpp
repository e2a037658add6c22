// The child in which casacore makes a Measurement Set and reads it back: the hidden verb `ms-write-child`. Enters: messages of
// driver/ms_export.cpp. Leaves: answers, and tables on disk.
//
//   {"do": "create", "path", "request"}  → {}
//   {"do": "read_back", "samples"}       → {"rows", "bytes_compared"}
//
// Every answer may be {"error"} instead. casacore ends this process on a full disk.
#pragma once

namespace nocturne {

/// Serves until the parent closes its channel. The exit code.
int serve_measurement_set_writer();

}  // namespace nocturne
