// Opening a database: what is refused, with which code, and what holds once it is open.
#include "db/session.hpp"

#include "db/file_system.hpp"
#include "db/query.hpp"
#include "scratch.hpp"

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace nocturne::db::test {
namespace {

std::string ask(Session& session, std::string const& sql)
{
    Query query(session, sql);
    auto& answer = query.text();
    return query.fetch() ? answer.get() : "";
}

TEST(Session, holds_what_it_promises)
{
    Scratch const scratch;
    auto session = Session::open(scratch / "a.sqlite");
    EXPECT_EQ(ask(session, "PRAGMA journal_mode"), "wal");
    EXPECT_EQ(ask(session, "PRAGMA synchronous"), "2");
    EXPECT_EQ(ask(session, "PRAGMA foreign_keys"), "1");
    EXPECT_EQ(ask(session, "PRAGMA busy_timeout"), "30000");
}

TEST(Session, takes_odd_names)
{
    Scratch const scratch;
    for (std::string const name :
         {"with space.sqlite", "a=b c.sqlite", "x;DROP TABLE runs.sqlite", "ü'\".sqlite", "file:x?mode=ro"}) {
        auto const path = scratch / name;
        {
            auto const session = Session::open(path);
        }
        EXPECT_TRUE(std::filesystem::exists(path)) << name;
    }
    EXPECT_EQ(code_of([&] { Session::open(scratch / "a=\".sqlite"); }), Code::bad_config);
}

TEST(Session, refuses_network_file_systems)
{
    for (std::uint64_t const magic : {0x6969ULL, 0x0BD00BD0ULL, 0x47504653ULL, 0xFF534D42ULL, 0x65735546ULL}) {
        auto const system = file_system_of_magic(magic);
        EXPECT_TRUE(system.network);
        std::string text;
        EXPECT_EQ(code_of([&] { refuse_network(system, "/net/db.sqlite"); }, &text), Code::bad_config);
        EXPECT_NE(text.find("PostgreSQL"), std::string::npos) << text;
        EXPECT_NE(text.find("/net/db.sqlite"), std::string::npos) << text;
    }
    for (std::uint64_t const magic : {0xEF53ULL, 0x58465342ULL, 0x01021994ULL, 0x12345ULL})
        EXPECT_NO_THROW(refuse_network(file_system_of_magic(magic), "x"));
    EXPECT_EQ(file_system_of_magic(0x12345).name, "0x12345");
}

TEST(Session, a_server_that_is_not_there_is_named_without_its_password)
{
    std::string text;
    EXPECT_EQ(code_of([] { Session::open("postgresql://user:canary-pw@127.0.0.1:9/db"); }, &text), Code::unavailable);
    EXPECT_EQ(text.find("canary-pw"), std::string::npos) << text;
    EXPECT_NE(text.find("postgresql://user:***@127.0.0.1:9/db"), std::string::npos) << text;
}

TEST(Session, a_server_without_tables_is_told_from_one_with)
{
    if (Scratch::server().empty()) GTEST_SKIP() << "no PostgreSQL server: NOCTURNE_TEST_POSTGRESQL is not set";
    Scratch const scratch;
    auto const where = scratch.database("a");
    std::string text;
    EXPECT_EQ(code_of([&] { Session::open(where, OpenMode::existing); }, &text), Code::unavailable);
    EXPECT_NE(text.find("db init"), std::string::npos) << text;
    EXPECT_EQ(text.find("canary-pw"), std::string::npos) << text;
    auto const made = Session::open(where);
    EXPECT_EQ(made.dialect(), Dialect::postgresql);
    EXPECT_EQ(made.path().find("canary-pw"), std::string::npos) << made.path();
    EXPECT_NO_THROW(Session::open(where, OpenMode::existing));
}

/// Whoever may only read, and whoever may make what is not there.
TEST(Session, a_role_without_the_right_to_the_tables_is_told_so_however_they_are_opened)
{
    if (Scratch::server().empty()) GTEST_SKIP() << "no PostgreSQL server: NOCTURNE_TEST_POSTGRESQL is not set";
    Scratch const scratch;
    auto const where = scratch.database("a");
    std::string const own = "nocturne:canary-pw@";
    auto as_bare = where;
    as_bare.replace(where.find(own), own.size(), "bare@");
    auto owner = Session::connect(where);
    Query(owner, "CREATE ROLE bare LOGIN").run();
    std::string text;
    auto const schema = where.substr(where.rfind("%3D") + 3);
    for (std::string const& right : {std::string("SELECT 1"), "GRANT USAGE ON SCHEMA " + schema + " TO bare"}) {
        Query(owner, right).run();
        EXPECT_EQ(code_of([&] { Session::open(as_bare); }, &text), Code::cannot_create) << text;
        EXPECT_NE(text.find("allowed to write"), std::string::npos) << text;
    }
    Session::open(where);
    for (auto const mode : {OpenMode::create, OpenMode::existing}) {
        EXPECT_EQ(code_of([&] { Session::open(as_bare, mode); }, &text), Code::unavailable) << text;
        EXPECT_NE(text.find("no right to read them"), std::string::npos) << text;
    }
    Query(owner, "DROP OWNED BY bare").run();
    Query(owner, "DROP ROLE bare").run();
}

TEST(Session, a_clock_is_held_against_the_servers)
{
    Scratch const scratch;
    auto file = Session::open(scratch / "a.sqlite");
    EXPECT_EQ(clock_ahead_s(file), 0);
    if (Scratch::server().empty()) GTEST_SKIP() << "no PostgreSQL server: NOCTURNE_TEST_POSTGRESQL is not set";
    auto session = Session::open(scratch.database("b"));
    EXPECT_LT(std::abs(clock_ahead_s(session)), 5);
    Query(session, "CREATE SCHEMA slow").run();
    Query(session,
          "CREATE FUNCTION slow.clock_timestamp() RETURNS TIMESTAMPTZ LANGUAGE sql AS $$SELECT "
          "pg_catalog.clock_timestamp() - CAST('4000 s' AS INTERVAL)$$")
        .run();
    Query(session, "SET search_path = slow, pg_catalog, public").run();
    EXPECT_NEAR(clock_ahead_s(session), 4000, 5);
}

TEST(Session, a_server_that_takes_no_writes_now_is_away_and_a_role_without_the_right_is_refused)
{
    if (Scratch::server().empty()) GTEST_SKIP() << "no PostgreSQL server: NOCTURNE_TEST_POSTGRESQL is not set";
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    auto const write = [&] { Query(session, "UPDATE schema_migrations SET name = name").run(); };
    EXPECT_TRUE(serves(session));
    Query(session, "SET default_transaction_read_only = on").run();
    EXPECT_THROW(write(), DatabaseAway);
    EXPECT_THROW(transact(session, write), DatabaseAway);
    EXPECT_FALSE(serves(session));
    Query(session, "SET default_transaction_read_only = off").run();
    EXPECT_TRUE(serves(session));
    EXPECT_NO_THROW(write());
    auto const refused = [&](std::string const& state) {
        Query(session, "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '" + state + "'; END $$").run();
    };
    for (char const* state : {"53000", "53100", "53200", "53300"}) EXPECT_THROW(refused(state), DatabaseAway) << state;
    try {
        refused("42501");
    } catch (DatabaseAway const& away) {
        FAIL() << away.what();
    } catch (Error const& error) {
        EXPECT_EQ(error.code(), Code::cannot_create);
    }
}

TEST(Session, an_address_of_another_kind_is_no_path)
{
    std::string text;
    EXPECT_EQ(code_of([] { Session::open("mysql://user:canary-pw@host/db"); }, &text), Code::bad_config);
    EXPECT_NE(text.find("'mysql'"), std::string::npos) << text;
    EXPECT_EQ(text.find("canary-pw"), std::string::npos) << text;
    for (std::string const where : {"sqlite:///tmp/a.sqlite", "POSTGRESQL://u:canary-pw@host/db",
                                    "host=node1 password=canary-pw", "dbname=nights"}) {
        EXPECT_EQ(code_of([&] { Session::open(where); }, &text), Code::bad_config) << where;
        EXPECT_EQ(text.find("canary-pw"), std::string::npos) << text;
    }
}

TEST(Session, an_address_that_was_mistyped_is_no_path_and_is_not_shown)
{
    Scratch const scratch;
    for (std::string const where :
         {" postgresql://sec:canary-pw@host/db", "\"postgresql://sec:canary-pw@host/db\"",
          "'postgres://sec:canary-pw@host/db'", "postgresql:sec:canary-pw@127.0.0.1", "Postgres:/sec:canary-pw@host/db",
          "./postgresql:sec:canary-pw@host", "<mysql://sec:canary-pw@host/db>"}) {
        std::string text;
        EXPECT_EQ(code_of([&] { Session::open(where); }, &text), Code::bad_config) << where;
        EXPECT_EQ(text.find("canary-pw"), std::string::npos) << text;
        EXPECT_EQ(text.find("sec"), std::string::npos) << text;
        EXPECT_FALSE(std::filesystem::exists(where)) << where;
    }
    EXPECT_EQ(dialect_of("/data/postgresql/night.sqlite"), Dialect::sqlite);
    EXPECT_EQ(dialect_of(scratch / "a b:c.sqlite"), Dialect::sqlite);
}

TEST(Session, passwords_are_hidden_wherever_they_stand)
{
    EXPECT_EQ(without_password("postgresql://u:S3c/r@t@host:5432/d"), "postgresql://u:***@host:5432/d");
    EXPECT_EQ(without_password("x?user=u&password=S3cret&y"), "x?user=u&password=***&y");
    EXPECT_EQ(without_password("/data/night.sqlite"), "/data/night.sqlite");
}

TEST(Session, names_the_file_that_is_missing_or_corrupt)
{
    Scratch const scratch;
    auto const path = scratch / "none.sqlite";
    std::string text;
    EXPECT_EQ(code_of([&] { Session::open(path, OpenMode::existing); }, &text), Code::unavailable);
    EXPECT_NE(text.find(path), std::string::npos) << text;
    EXPECT_FALSE(std::filesystem::exists(path));
    auto const bad = scratch / "bad.sqlite";
    std::ofstream(bad)
        << "this is a text of more than one hundred bytes, not a database, and it says so for as long as it takes "
           "to fill the header of an SQLite file";
    EXPECT_EQ(code_of([&] { Session::open(bad); }, &text), Code::unavailable);
    EXPECT_NE(text.find(bad), std::string::npos) << text;
    EXPECT_EQ(code_of([&] { Session::open(scratch / "."); }), Code::unavailable);
}

TEST(Session, a_file_that_was_removed_or_replaced_takes_nothing_more)
{
    Scratch const scratch;
    auto const path = scratch / "a.sqlite", other = scratch / "b.sqlite";
    auto session = Session::open(path);
    Session::open(other);
    EXPECT_TRUE(serves(session));
    std::filesystem::rename(path, scratch / "kept");
    EXPECT_THROW(Transaction const lost(session), DatabaseAway);
    std::filesystem::rename(other, path);
    EXPECT_FALSE(serves(session));
    std::filesystem::rename(scratch / "kept", path);
    EXPECT_TRUE(serves(session));
}

TEST(Session, refuses_a_directory_that_takes_no_file)
{
    Scratch const scratch;
    EXPECT_EQ(code_of([&] { Session::open(scratch / "no/such/db.sqlite"); }), Code::cannot_create);
    if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere: the directory without permission was not tried";
    auto const locked = scratch / "locked";
    std::filesystem::create_directory(locked);
    chmod(locked.c_str(), 0500);
    EXPECT_EQ(code_of([&] { Session::open(locked + "/db.sqlite"); }), Code::cannot_create);
}

TEST(Session, says_locked_where_another_holds_it)
{
    Scratch const scratch;
    auto one = Session::open(scratch / "a.sqlite");
    auto two = Session::open(scratch / "a.sqlite");
    db::ask(two.soci(), "PRAGMA busy_timeout=50");
    Transaction const held(one);
    EXPECT_EQ(code_of([&] { Transaction const second(two); }), Code::unavailable);
}

TEST(Transaction, leaves_nothing_without_commit)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    {
        Transaction const transaction(session);
        Query(session, "INSERT INTO lineage (child, parent) VALUES ('a', 'b')").run();
    }
    EXPECT_EQ(ask(session, "SELECT count(*) FROM lineage"), "0");
    Transaction transaction(session);
    Query(session, "INSERT INTO lineage (child, parent) VALUES ('a', 'b')").run();
    transaction.commit();
    EXPECT_EQ(ask(session, "SELECT count(*) FROM lineage"), "1");
}

TEST(Query, binds_whatever_text_it_is_given)
{
    Scratch const scratch;
    auto session = Session::open(scratch.database("a"));
    for (std::string const nasty :
         {"'; DROP TABLE runs; --", "\" OR 1=1", "%_\\", ":name ?1 @x $y", "line\nbreak", "\xff\xfe"}) {
        if (session.dialect() == Dialect::postgresql && nasty[0] == '\xff') {  // a server takes UTF-8 alone
            EXPECT_EQ(code_of([&] { put_group(session, nasty, 1); }), Code::bad_input);
            continue;
        }
        put_group(session, nasty, 1);
        auto const found = find_group(session, nasty);
        ASSERT_TRUE(found) << nasty;
        EXPECT_EQ(found->group_id, nasty);
        EXPECT_EQ(files_of(session, nasty).size(), 1u);
    }
    EXPECT_EQ(list_groups(session).size(), session.dialect() == Dialect::sqlite ? 6u : 5u);
    EXPECT_EQ(ask(session, "SELECT count(*) FROM runs"), "0");
}

}  // namespace
}  // namespace nocturne::db::test
