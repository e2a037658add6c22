// Copies: whole, of one moment, and good for either kind of database.
#include "db/backup.hpp"

#include "db/deletions.hpp"
#include "db/queue.hpp"
#include "db/run_records.hpp"
#include "scratch.hpp"

#include <fstream>

namespace nocturne::db::test {
namespace {

/// A database with something in most tables.
std::string fill(Session& session)
{
    RunStart run;
    run.code_version = "test";
    auto const run_id = start_run(session, run);
    for (int i = 0; i < 130; ++i) put_group(session, "g" + std::to_string(1000 + i));
    GroupResult result;
    result.claim = claim_next(session, {run_id, lease_owner()}).value();
    result.key = {files_of(session, result.claim.group_id), "c", "v"};
    ImageRow image;
    image.path = "/out/a.fits";
    image.product = "dirty";
    image.noise_jy = 0.1 + 0.2;  // more digits than a text of fifteen keeps
    result.images = {image};
    result.products = {{image.path, "SCIENCE", "dirty", 1, std::string(32, '0'), "", ""}};
    record_group_result(session, result);
    return run_id;
}

/// Group by group: what the database numbers itself, each kind of it once more.
void work_on(Session& session, std::string const& run_id)
{
    GroupResult result;
    result.claim = claim_next(session, {run_id, lease_owner()}).value();
    auto const& group = result.claim.group_id;
    result.key = {files_of(session, group), "c", "v"};
    ImageRow image;
    image.path = "/out/" + group + ".fits";
    image.product = "dirty";
    result.images = {image};
    result.products = {{image.path, "SCIENCE", "dirty", 1, std::string(32, '0'), "", ""}};
    result.candidates.resize(1);
    result.calibration = {"SAME_DATE_VALID", "{}", {"/cal/a"}, false};
    CalTableRow table;
    table.set_name = table.group_id = group;
    table.path = table.file_path = "/cal/" + group;
    table.table_type = "BP";
    table.antennas_json = table.correlations_json = "[]";
    table.frequencies_json = "{}";
    table.qa = "pass";
    table.xxh128 = std::string(32, '1');
    result.solutions = {table};
    EventRow event;
    event.idempotency_key = event.entity_id = group;
    event.site_id = event.app_id = event.app_name = event.app_version = "x";
    event.entity_type = "job";
    event.kind = "started";
    event.payload = "{}";
    result.events = {event};
    record_group_result(session, result);
    auto const file = raw_files_below(session, "/data").front();
    EXPECT_TRUE(end_deletion(session, begin_deletion(session, {file, {"/archive/x"}, 1, "data reap"})));
}

/// Tables that number their rows themselves.
std::vector<std::string> numbered_tables(std::string const& copy)
{
    auto file = Session::connect(copy, OpenMode::reading);
    return texts_of(file, "SELECT name FROM sqlite_master WHERE sql LIKE '%id INTEGER PRIMARY KEY%' ORDER BY name");
}

TEST(Backup, a_database_of_a_copy_is_worked_on_as_the_first_one_was)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = fill(session);
    for (int i = 0; i < 3; ++i) work_on(session, run_id);
    auto const copy = scratch / "copy.sqlite";
    copy_into_file(session, copy);
    auto restored = Session::open(scratch.database("b"));
    fill_from_copy(restored, copy);
    auto const tables = numbered_tables(copy);
    EXPECT_EQ(tables.size(), 8u);
    for (auto const& table : tables)
        EXPECT_NE(texts_of(restored, "SELECT CAST(count(*) AS TEXT) FROM " + table), std::vector<std::string>{"0"})
            << table << " was not tried";
    EXPECT_NO_THROW(work_on(restored, run_id));
    EXPECT_TRUE(find_faults(restored).empty());
}

void expect_same(Session& session, std::string const& run_id)
{
    EXPECT_EQ(list_groups(session).size(), 130u);
    auto const images = list_images(session, ImageChoice::all);
    ASSERT_EQ(images.size(), 1u);
    EXPECT_EQ(images[0].noise_jy, 0.1 + 0.2);
    EXPECT_EQ(history_of(session, "group", "g1000").size(), 2u);
    EXPECT_EQ(history_of(session, "run", run_id).size(), 1u);
    EXPECT_TRUE(find_faults(session).empty());
    // New rows get ids of their own.
    auto const claim = claim_next(session, {run_id, lease_owner()});
    ASSERT_TRUE(claim);
    EXPECT_EQ(history_of(session, "group", claim->group_id).size(), 1u);
}

TEST(Backup, a_copy_makes_a_database_of_either_kind)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const run_id = fill(session);
    auto const copy = scratch / "copy.sqlite";
    auto const counts = copy_into_file(session, copy);
    EXPECT_FALSE(std::filesystem::exists(copy + "-wal"));
    EXPECT_EQ(check_copy(copy).size(), counts.size());
    EXPECT_EQ(code_of([&] { copy_into_file(session, copy); }), Code::cannot_create);

    auto const file = scratch / "restored.sqlite";
    expand_copy(copy, file);
    auto restored = Session::open(file, OpenMode::existing);
    expect_same(restored, run_id);

    auto filled = Session::open(scratch.database("b"));
    fill_from_copy(filled, copy);
    expect_same(filled, run_id);
    EXPECT_EQ(code_of([&] { fill_from_copy(filled, copy); }), Code::cannot_create);
}

TEST(Backup, a_copy_is_of_one_moment_whatever_the_session_was_told_before)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a")), other = Session::open(scratch.database("a"));
    if (session.dialect() == Dialect::sqlite) GTEST_SKIP() << "SQLite has one writer: it is of one moment anyway";
    auto const count = [](Session& of) {
        return texts_of(of, "SELECT CAST(count(*) AS TEXT) FROM ingest_queue").at(0);
    };
    put_group(session, "a");
    Transaction const reading(session, Sight::one_moment);
    EXPECT_EQ(count(session), "1");
    put_group(other, "b");
    EXPECT_EQ(count(session), "1");
    EXPECT_EQ(texts_of(session, "SHOW default_transaction_isolation").at(0), "read committed");
}

TEST(Backup, what_another_database_left_is_not_taken_for_its_own)
{
    Scratch const scratch;
    auto const path = scratch / "a.sqlite";
    EXPECT_NO_THROW(refuse_remains(path));
    for (std::string const left : {"-wal", "-shm", "-journal"}) {
        std::ofstream(path + left) << "changes";
        std::string text;
        EXPECT_EQ(code_of([&] { refuse_remains(path); }, &text), Code::cannot_create);
        EXPECT_NE(text.find(path + left), std::string::npos) << text;
        std::filesystem::remove(path + left);
    }
}

TEST(Backup, a_copy_that_was_changed_or_cut_is_refused)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    fill(session);
    auto const copy = scratch / "copy.sqlite";
    copy_into_file(session, copy);
    {
        auto changed = Session::connect(copy);
        Query(changed, "DELETE FROM stage_timings").run();
        Query(changed, "DELETE FROM lineage").run();
    }
    std::string text;
    EXPECT_EQ(code_of([&] { check_copy(copy); }, &text), Code::bad_input);
    EXPECT_NE(text.find("lineage"), std::string::npos) << text;
    std::filesystem::resize_file(copy, std::filesystem::file_size(copy) / 2);
    EXPECT_NE(code_of([&] { check_copy(copy); }), Code::qa_fail);
}

TEST(Backup, faults_are_found)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    fill(session);
    EXPECT_TRUE(find_faults(session).empty());
    Query(session, "UPDATE ingest_queue SET state = 'in_progress' WHERE group_id = 'g1005'").run();
    Query(session, "UPDATE ingest_queue SET lease_owner = 'x' WHERE group_id = 'g1006'").run();
    EXPECT_EQ(find_faults(session).size(), 2u);
}

}  // namespace
}  // namespace nocturne::db::test
