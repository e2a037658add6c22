// Enters: an empty database and a number of rows. Leaves: milliseconds.
#include "db/window_bench.hpp"

#include "db/groups.hpp"
#include "db/query.hpp"

#include <algorithm>
#include <chrono>

namespace nocturne::db {
namespace {

constexpr double first_mjd = 60000, cadence_days = 309.24 / 86400;
constexpr std::int64_t files_a_group = 16;

template<class Body>
double seconds_of(Body&& body)
{
    auto const start = std::chrono::steady_clock::now();
    body();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

void fill_index(Session& session, std::int64_t rows)
{
    Transaction transaction(session);
    std::string const numbers =
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < CAST(:rows AS BIGINT)) ";
    Query(session, numbers +
                       "INSERT INTO ingest_queue (group_id, state, received_at, last_update, start_mjd, path) "
                       "SELECT 'g' || (1000000000 + i), 'pending', 0, 0, CAST(:first AS DOUBLE PRECISION) + i * "
                       "CAST(:cadence AS DOUBLE PRECISION), '/data' FROM n")
        .bind(rows)
        .bind(first_mjd)
        .bind(cadence_days)
        .run();
    Query(session,
          numbers +
              "INSERT INTO hdf5_files (path, filename, group_id, subband_code, subband_num, timestamp_mjd, "
              "indexed_at) SELECT '/data/f' || (1000000000 + i), 'f' || (1000000000 + i), 'g' || (1000000000 "
              "+ i / 16), 'sb', "
              "i % 16, CAST(:first AS DOUBLE PRECISION) + (i / 16) * CAST(:cadence AS DOUBLE PRECISION), 0 FROM n")
        .bind(rows)
        .bind(first_mjd)
        .bind(cadence_days)
        .run();
    transaction.commit();
    if (session.dialect() == Dialect::postgresql) Query(session, "ANALYZE").run();  // its autovacuum would, in a minute
}

WindowBench measure_windows(Session& session, std::int64_t rows, int windows)
{
    WindowBench bench;
    bench.rows = rows;
    bench.fill_s = seconds_of([&] { fill_index(session, rows); });
    double const days = static_cast<double>(rows) * cadence_days;
    for (int i = 0; i < windows; ++i) {
        double const start = first_mjd + days * (i + 0.5) / windows;
        double const groups_s = seconds_of([&] {
            bench.groups_found =
                static_cast<std::int64_t>(list_groups(session, {start, start + 1, std::nullopt, -1}).size());
        });
        double const at = first_mjd + days * (i + 0.5) / windows / static_cast<double>(files_a_group);
        double const files_s = seconds_of(
            [&] { bench.files_found = static_cast<std::int64_t>(files_between(session, at, at + 0.1).size()); });
        bench.groups_ms = std::max(bench.groups_ms, 1e3 * groups_s);
        bench.files_ms = std::max(bench.files_ms, 1e3 * files_s);
    }
    return bench;
}

}  // namespace nocturne::db
