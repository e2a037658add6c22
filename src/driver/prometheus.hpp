// Metrics of runs for Prometheus, as node_exporter's textfile collector reads them. Enters: what a run added up to. Leaves: a file that is replaced whole.
#pragma once

#include "qa/timing.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nocturne {

struct PrometheusRun {
    std::string job;
    int exit_code = 0;
    double wall_s = 0, cpu_s = 0, peak_memory_bytes = 0;
    std::int64_t done = 0, failed = 0, left = 0, skipped = 0, unrecorded = 0;  ///< groups; records in spools
    double ended_s = 0;                                                        ///< since 1970
    std::vector<LedgerRow> stages;
};

/// The text: gauges of this run, and counters that go on from those of `before`, the file as the run before left it ("" = there was none). Times
/// of the last success stay where this run was none. https://prometheus.io/docs/instrumenting/exposition_formats/
std::string prometheus_text(PrometheusRun const& run, std::string const& before);

/// Reads `path` and writes it anew. Throws Error as ProductFile does.
void write_prometheus(std::string const& path, PrometheusRun const& run);

}  // namespace nocturne
