// Benchmarks of perf/ as one table: run, kept as JSON, compared. Enters: the folder of the bench_* programs, or two tables. Leaves: a
// table, or what became slower.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace nocturne {

struct BenchRequest {
    std::string folder;             ///< of bench_*; "": where this program lies
    std::vector<std::string> only;  ///< programs without "bench_"; empty: all that are there
    std::string filter = ".";       ///< benchmarks whose names match this regular expression
    int rounds = 5;                 ///< the programs in turn, so many times
    double min_time_s = 0.2;        ///< of each benchmark in each round
    std::string peers = "python3";  ///< Python that may have peers; "none": they are left out
    /// Of the group that peers are measured on.
    std::vector<std::string> peer_size = {"--rounds", "3"};
};

/// What `bench quick` runs: kernels that every image needs.
std::vector<std::string> quick_programs();

/// {"kind", "made_utc", "code_version", "processor", "cores", "load", "benchmarks": {"grid grid_nodes": {"best_s", "median_s",
/// "spread", "shares": {of the machine's peak}, "rates"}}}. Spread: (median − best) / best. Throws Error(input_missing) where no program
/// is there, Error(system) where one fails, with what it said. Where the Python has ducc0 and numpy, "peers" holds what ducc_compare.py
/// beside the programs says of both gridders on the same visibilities; else why it does not.
nlohmann::ordered_json run_benchmarks(BenchRequest const& request);

/// Of two such tables: {"same_machine", "rule", "benchmarks": {name: {"a", "b", "ratio", "allowed", "verdict": same | faster | slower}},
/// "slower": [names], "only_in_a", "only_in_b"}. On one processor times are compared, ratio = b / a of the best; between processors the
/// shares of the peak, a / b, and benchmarks without shares are left out. Slower: ratio above 1 + max(0.05, 3 × the larger spread).
nlohmann::ordered_json compare_benchmarks(nlohmann::ordered_json const& a, nlohmann::ordered_json const& b);

/// A table from a file. Throws Error(input_missing, bad_input).
nlohmann::ordered_json read_benchmarks(std::string const& path);

}  // namespace nocturne
