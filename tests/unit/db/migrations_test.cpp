// The schema: made once whoever comes first, never in between, never changed behind our back, and said in full in the docs.
#include "db/migrations.hpp"

#include "cut_off.hpp"
#include "db/query.hpp"
#include "db/soci_headers.hpp"
#include "scratch.hpp"

#include <atomic>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nocturne::db::test {
namespace {

/// Tables and columns as "table.column".
std::set<std::string> columns_of(Session& session)
{
    auto const columns = texts_of(
        session,
        session.dialect() == Dialect::sqlite
            ? "SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type "
              "= 'table' AND m.name NOT LIKE 'sqlite_%'"
            : "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = "
              "current_schema()");
    return {columns.begin(), columns.end()};
}

/// Children before parents, so that foreign keys let them be dropped in this order.
void drop_all(Session& session)
{
    bool const sqlite = session.dialect() == Dialect::sqlite;
    auto const tables =
        texts_of(session, sqlite ? "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid DESC"
                                 : "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()");
    for (auto const& table : tables) Query(session, "DROP TABLE " + table + (sqlite ? "" : " CASCADE")).run();
}

TEST(Migrations, are_numbered_from_one_without_gaps)
{
    int expected = 1;
    for (auto const& step : migrations()) EXPECT_EQ(step.version, expected++);
    EXPECT_GE(expected, 5);  // one beyond the four steps of the first release
}

TEST(Migrations, statements_are_cut_at_line_ends)
{
    auto const parts =
        statements_of("\nCREATE TABLE a (\n  x TEXT\n);\n-- a remark; with a semicolon\nCREATE INDEX b ON a (x);\n");
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[0], "CREATE TABLE a (\n  x TEXT\n)");
}

TEST(Migrations, have_the_columns_of_the_reference_pipeline)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const columns = columns_of(session);
    std::istringstream wanted(
        "ingest_queue.group_id ingest_queue.state ingest_queue.received_at ingest_queue.last_update "
        "ingest_queue.expected_subbands ingest_queue.retry_count ingest_queue.error ingest_queue.checkpoint_path "
        "ingest_queue.processing_stage ingest_queue.chunk_minutes ingest_queue.has_calibrator subband_files.group_id "
        "subband_files.subband_idx subband_files.path performance_metrics.load_time performance_metrics.phase_time "
        "performance_metrics.write_time performance_metrics.total_time performance_metrics.writer_type "
        "performance_metrics.recorded_at hdf5_files.path hdf5_files.filename hdf5_files.group_id "
        "hdf5_files.subband_code "
        "hdf5_files.subband_num hdf5_files.timestamp_iso hdf5_files.timestamp_mjd hdf5_files.file_size_bytes "
        "hdf5_files.modified_time hdf5_files.indexed_at hdf5_files.stored hdf5_files.ra_deg hdf5_files.dec_deg "
        "hdf5_files.obs_date hdf5_files.obs_time ms_index.path ms_index.start_mjd ms_index.end_mjd ms_index.mid_mjd "
        "ms_index.processed_at ms_index.status ms_index.stage ms_index.stage_updated_at ms_index.cal_applied "
        "ms_index.imagename ms_index.field_name ms_index.pointing_ra_deg ms_index.pointing_dec_deg ms_index.ra_deg "
        "ms_index.dec_deg ms_index.group_id ms_index.created_at images.path images.ms_path images.type images.format "
        "images.beam_major_arcsec images.beam_minor_arcsec images.beam_pa_deg images.noise_jy images.dynamic_range "
        "images.pbcor images.field_name images.center_ra_deg images.center_dec_deg images.imsize_x images.imsize_y "
        "images.cellsize_arcsec images.freq_ghz images.bandwidth_mhz images.integration_sec runs.hpc_job_id "
        "runs.wall_time_s runs.cpu_hours runs.peak_memory_gb runs.exit_code lineage.child lineage.parent");
    for (std::string column; wanted >> column;) EXPECT_TRUE(columns.count(column)) << column;
}

TEST(Migrations, every_column_is_explained)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    std::ifstream file(NOCTURNE_SOURCE_DIR "/docs/data-model.md");
    ASSERT_TRUE(file);
    std::string const text((std::istreambuf_iterator<char>(file)), {});
    // The section of a table begins with "## `table`"; each of its columns stands there as "`column`".
    for (auto const& full : columns_of(session)) {
        auto const dot = full.find('.');
        auto const begin = text.find("## `" + full.substr(0, dot) + "`");
        ASSERT_NE(begin, std::string::npos) << "no section on table " << full.substr(0, dot);
        auto const end = text.find("\n## ", begin);
        EXPECT_NE(text.substr(begin, end - begin).find("`" + full.substr(dot + 1) + "`"), std::string::npos) << full;
    }
}

TEST(Migrations, states_are_checked_by_the_database)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    put_group(session, "g");
    for (std::string const statement :
         {"UPDATE ingest_queue SET state = 'done'", "UPDATE ingest_queue SET processing_stage = 'x'",
          "INSERT INTO runs (run_id, status, code_version) VALUES ('r', 'running', 'v')",
          "UPDATE hdf5_files SET status = 'gone'", "UPDATE ingest_queue SET retry_count = -1"})
        EXPECT_EQ(code_of([&] { Query(session, statement).run(); }), Code::defect) << statement;
}

TEST(Migrations, a_changed_or_newer_schema_is_refused)
{
    Scratch const scratch;
    {
        auto session = Session::open(scratch.database("a"));
        Query(session, "UPDATE schema_migrations SET checksum = 'x' WHERE version = 2").run();
    }
    std::string text;
    EXPECT_EQ(code_of([&] { Session::open(scratch.database("a")); }, &text), Code::unavailable);
    EXPECT_NE(text.find("migration 2"), std::string::npos) << text;
    {
        auto session = Session::open(scratch.database("b"));
        Query(session, "INSERT INTO schema_migrations VALUES (99, 'future', 'y', 0)").run();
    }
    EXPECT_EQ(code_of([&] { Session::open(scratch.database("b")); }, &text), Code::unavailable);
    EXPECT_NE(text.find("newer"), std::string::npos) << text;
}

TEST(Migrations, a_file_of_another_program_is_refused_and_stays_as_it_is)
{
    Scratch const scratch;
    auto const path = scratch / "theirs.sqlite";
    {
        soci::session theirs(soci::sqlite3, path);
        theirs << "CREATE TABLE photographs (id INTEGER)";
    }
    auto const content = [&] {
        std::ostringstream bytes;
        bytes << std::ifstream(path, std::ios::binary).rdbuf();
        return bytes.str();
    };
    auto const before = content();
    for (auto mode : {OpenMode::create, OpenMode::existing, OpenMode::reading}) {
        std::string text;
        EXPECT_EQ(code_of([&] { Session::open(path, mode); }, &text), Code::bad_config);
        EXPECT_NE(text.find("photographs"), std::string::npos) << text;
    }
    EXPECT_EQ(content(), before);
}

TEST(Migrations, eight_may_start_at_once)
{
    for (int round = 0; round < 3; ++round) {
        Scratch const scratch;
        auto const path = scratch.database("a");
        std::vector<std::thread> threads;
        std::atomic<int> good{0};
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] {
                auto session = Session::open(path);
                good += schema_version(session) == migrations().back().version;
            });
        for (auto& thread : threads) thread.join();
        EXPECT_EQ(good, 8);
    }
}

/// Adds one step to the schema of `path` in a child that kills itself before statement `k`; false where the child came to
/// its end.
bool killed_at(std::string const& path, int k)
{
    constexpr Migration next{100, "next",
                             "CREATE TABLE extra (a TEXT);\nINSERT INTO extra SELECT path FROM hdf5_files;\n"
                             "CREATE INDEX idx_extra ON extra (a);\nALTER TABLE runs ADD COLUMN more TEXT;\n"};
    std::vector<Migration> steps(migrations().begin(), migrations().end());
    steps.push_back(next);
    return cut_off([&] { return Session::open(path, OpenMode::existing); }, steps, k);
}

TEST(Migrations, killed_at_any_statement_leave_the_old_schema_whole)
{
    Scratch const scratch;
    auto const path = scratch.database("a");
    {
        auto session = Session::open(path);
        put_group(session, "g", 16);
    }
    int kills = 0;
    while (killed_at(path, kills)) {
        ++kills;
        auto session = Session::open(path, OpenMode::existing);
        EXPECT_EQ(schema_version(session), migrations().back().version);
        auto const columns = columns_of(session);
        EXPECT_FALSE(columns.count("extra.a"));
        EXPECT_FALSE(columns.count("runs.more"));
        EXPECT_EQ(files_of(session, "g").size(), 16u);
        ASSERT_LT(kills, 100);
    }
    EXPECT_EQ(kills, 5);                                                  // four statements and the record of the step
    EXPECT_EQ(code_of([&] { Session::open(path); }), Code::unavailable);  // the new schema is of a newer program
}

TEST(Migrations, every_older_schema_becomes_the_newest)
{
    auto const all = migrations();
    Scratch const scratch;
    std::set<std::string> newest;
    {
        auto session = Session::open(scratch.database("new"));
        newest = columns_of(session);
    }
    for (std::size_t n = 1; n < all.size(); ++n) {
        auto const path = scratch.database(std::to_string(n));
        {
            auto session = Session::open(path);  // then taken back to an empty file of `n` steps
            drop_all(session);
            migrate(session, all.first(n));
            EXPECT_EQ(schema_version(session), static_cast<int>(n));
        }
        auto session = Session::open(path);
        EXPECT_EQ(schema_version(session), all.back().version);
        EXPECT_EQ(columns_of(session), newest) << "from step " << n;
    }
}

TEST(Migrations, killed_while_a_database_is_made)
{
    Scratch const scratch;
    int kills = 0;
    int const step_us = Scratch::server().empty() ? 500 : 10000;
    for (int delay_us = 0; delay_us < (step_us == 500 ? 80 : 20) * step_us; delay_us += step_us) {
        auto const path = scratch.database(std::to_string(delay_us));
        pid_t const child = fork();
        if (child == 0) {
            Session::open(path);
            pause();
        }
        usleep(static_cast<useconds_t>(delay_us));
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        kills += WIFSIGNALED(status);
        auto session = Session::open(path);
        EXPECT_EQ(schema_version(session), migrations().back().version) << delay_us;
    }
    EXPECT_EQ(kills, step_us == 500 ? 80 : 20);
}

}  // namespace
}  // namespace nocturne::db::test
