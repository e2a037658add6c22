// The child that reads Measurement Sets: the hidden verb `ms-read-child`. Enters: messages of driver/ms_source.cpp. Leaves:
// answers, and samples in shared memory.
//
//   {"do": "open", "path", "column", "field", "spw"}  → {"header", "lists", "constant_weight", "notes"}
//   {"do": "facts", "path"}                           → {"facts"}
//   {"do": "lists"} with memory                       → {} and the header's long lists in it
//   {"do": "memory"} with memory                      → {}
//   {"do": "read", "first", "n", "at"}                → {"bytes"} and a span `at` bytes into the memory
//
// Every answer may be {"error"} instead.
#pragma once

namespace nocturne {

/// Serves until the parent closes its channel. The exit code.
int serve_measurement_set();

}  // namespace nocturne
