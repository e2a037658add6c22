// How fast waiting groups are taken from a long queue by many at once.
#pragma once

#include "db/session.hpp"

#include <cstdint>

namespace nocturne::db {

struct QueueBenchArgs {
    std::int64_t groups = 1000000;  ///< in the index; as many files
    int claimants = 64;
    int batch = 1;              ///< groups a claim
    std::int64_t take = 20000;  ///< groups to be taken in all
};

struct QueueBench {
    double fill_s = 0;
    double alone_ms = 0;  ///< one claim, nobody else there: mean
    double alone_median_ms = 0;
    double alone_worst_ms = 0;
    std::int64_t taken = 0, twice = 0;  ///< groups
    double per_s = 0;                   ///< groups taken in a second
    double claim_ms = 0;                ///< one claim among many: mean
};

/// Fills the empty database at `where` and takes groups from it. Throws Error(usage) where it holds groups.
QueueBench measure_queue(std::string const& where, QueueBenchArgs const& args);

}  // namespace nocturne::db
