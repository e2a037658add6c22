// Storms: writers that are killed, servers that crash, claims that race, migrations that are cut off. A small part by default, all of it
// with NOCTURNE_FAULTS=all (tests/faults/run).
#include "cut_off.hpp"
#include "db/migrations.hpp"
#include "db/query.hpp"
#include "db/recovery.hpp"
#include "db/runs.hpp"
#include "scratch.hpp"

#include <atomic>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace nocturne::db::test {
namespace {

bool everything()
{
    char const* word = std::getenv("NOCTURNE_FAULTS");
    return word && std::string(word) == "all";
}

std::string start(Session& session)
{
    RunStart run;
    run.code_version = "test";
    return start_run(session, run);
}

void put_many(Session& session, int n)
{
    Transaction transaction(session);
    Query(
        session,
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < CAST(:n AS BIGINT)) INSERT INTO "
        "ingest_queue (group_id, state, received_at, last_update) SELECT 'g' || (100000 + i), 'pending', 0, 0 FROM n")
        .bind(n)
        .run();
    transaction.commit();
}

/// Writers that record results of groups, a line in the log after each that the database acknowledged.
class Storm {
public:
    Storm(int writers, int groups) : groups_(groups)
    {
        {
            auto session = Session::open(where_);  // closed before any fork: SQLite's locks belong to a process
            put_many(session, groups);
            run_id_ = start(session);
        }
        log_ = open((scratch_ / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
        for (int i = 0; i < writers; ++i) begin_writer();
    }
    ~Storm() { close(log_); }
    Storm(Storm const&) = delete;
    Storm& operator=(Storm const&) = delete;

    void kill_one()
    {
        auto const victim = *std::next(running_.begin(), static_cast<long>(random_() % running_.size()));
        kill(victim, SIGKILL);
        waitpid(victim, nullptr, 0);
        running_.erase(victim);
        recover();
        begin_writer();
    }
    static void crash_server()
    {
        auto const control = std::string(std::getenv("NOCTURNE_TEST_POSTGRESQL_CONTROL"));
        auto const directory = std::string(std::getenv("NOCTURNE_TEST_POSTGRESQL_DIR"));
        ASSERT_EQ(std::system((control + " restart " + directory).c_str()), 0);
    }
    void wait_a_little() { usleep(static_cast<useconds_t>(random_() % 60000)); }

    void check()
    {
        for (pid_t const writer : running_) waitpid(writer, nullptr, 0);
        running_.clear();
        recover();
        begin_writer();
        waitpid(*running_.begin(), nullptr, 0);
        auto session = Session::open(where_, OpenMode::existing);
        std::ifstream file(scratch_ / "log");
        std::multiset<std::string> acknowledged;
        for (std::string line; std::getline(file, line);) acknowledged.insert(line);
        std::set<std::string> const different(acknowledged.begin(), acknowledged.end());
        EXPECT_EQ(acknowledged.size(), different.size()) << "a result was recorded twice";
        auto const done = texts_of(session, "SELECT group_id FROM group_runs WHERE status = 'COMPLETED'");
        std::set<std::string> const recorded(done.begin(), done.end());
        EXPECT_EQ(done.size(), recorded.size());
        EXPECT_EQ(static_cast<int>(recorded.size()), groups_);
        for (auto const& id : different) EXPECT_TRUE(recorded.count(id)) << id << " was acknowledged and is lost";
        EXPECT_GE(static_cast<int>(different.size()), groups_ - 200);
    }

private:
    void recover()
    {
        auto session = Session::open(where_, OpenMode::existing);
        recover_abandoned(session);
    }
    void begin_writer()
    {
        pid_t const child = fork();
        if (child == 0) {
            try {
                write_all();
            } catch (Error const& error) {
                std::fprintf(stderr, "a writer ended: %s\n", error.what());
                _exit(3);
            }
        }
        running_.insert(child);
    }
    void write_all()
    {
        auto session = Session::open(where_, OpenMode::existing);
        session.set_patience_s(60);
        while (auto const claim = claim_next(session, {run_id_, lease_owner()})) {
            GroupResult result;
            result.claim = *claim;
            result.key = {{{0, "/" + claim->group_id, std::string(32, 'a'), 1}}, "c", "v"};
            record_group_result(session, result);
            auto const line = claim->group_id + "\n";
            if (write(log_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(2);
        }
        _exit(0);
    }

    Scratch scratch_;
    std::string where_ = scratch_.database("a");
    int groups_, log_ = -1;
    std::string run_id_;
    std::set<pid_t> running_;
    std::mt19937 random_{7};
};

TEST(Storm, killed_writers_and_crashed_servers_lose_nothing_and_repeat_nothing)
{
    int const groups = everything() ? 16000 : 240, kills = everything() ? 40 : 8;
    int const crashes = Scratch::server().empty() ? 0 : everything() ? 5 : 1;
    Storm storm(8, groups);
    for (int i = 0; i < kills; ++i) {
        storm.wait_a_little();
        if (crashes > 0 && i % (kills / crashes) == kills / crashes - 1) Storm::crash_server();
        storm.kill_one();
    }
    storm.check();
}

TEST(Storm, of_two_that_claim_at_once_one_wins_and_the_older_is_refused)
{
    Scratch const scratch;
    auto const where = scratch.database("a");
    int const races = everything() ? 100 : 20;
    auto session = Session::open(where);
    put_many(session, races);
    auto const run_id = start(session);
    for (int i = 0; i < races; ++i) {
        auto const group = "g" + std::to_string(100000 + i);
        std::optional<Claim> claims[2];
        std::atomic<int> ready{0};
        std::vector<std::thread> threads;
        for (auto& claim : claims)
            threads.emplace_back([&] {
                auto own = Session::open(where, OpenMode::existing);
                for (++ready; ready < 2;) std::this_thread::yield();
                claim = claim_group(own, group, {run_id, "elsewhere:1:2", -1});
            });
        for (auto& thread : threads) thread.join();
        ASSERT_NE(claims[0].has_value(), claims[1].has_value()) << group;
        auto const zombie = *(claims[0] ? claims[0] : claims[1]);
        recover_abandoned(session);
        auto const second = claim_group(session, group, {run_id, lease_owner()});
        ASSERT_TRUE(second);
        GroupResult late;
        late.claim = zombie;
        EXPECT_EQ(code_of([&] { record_group_result(session, late); }), Code::transient);
        EXPECT_FALSE(renew_claim(session, zombie, "imaging"));
        EXPECT_FALSE(fail_group(session, zombie, {1, "", "late"}));
        late.claim = *second;
        EXPECT_NO_THROW(record_group_result(session, late));
    }
}

std::set<std::string> shape_of(Session& session)
{
    auto const columns = texts_of(
        session,
        session.dialect() == Dialect::sqlite
            ? "SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type "
              "= 'table' AND m.name NOT LIKE 'sqlite_%' UNION ALL SELECT type || ' ' || name FROM sqlite_master "
              "WHERE type IN ('index', 'trigger')"
            : "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = "
              "current_schema() UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = "
              "current_schema() UNION ALL SELECT 'trigger ' || trigger_name FROM information_schema.triggers "
              "WHERE trigger_schema = current_schema()");
    return {columns.begin(), columns.end()};
}

TEST(Storm, a_migration_that_is_cut_off_leaves_the_old_schema_or_the_new)
{
    auto const all = migrations();
    Scratch const scratch;
    std::vector<std::set<std::string>> shapes(all.size() + 1);
    for (std::size_t n = 1; n <= all.size(); ++n) {
        auto session = Session::connect(scratch.database("shape" + std::to_string(n)));
        migrate(session, all.first(n));
        shapes[n] = shape_of(session);
    }
    int kills = 0;
    int const step = everything() ? 1 : 9;
    for (std::size_t from = 1; from < all.size(); ++from)
        for (int k = 0;; k += step) {
            auto const where = scratch.database("from" + std::to_string(from) + "k" + std::to_string(k));
            {
                auto session = Session::connect(where);
                migrate(session, all.first(from));
                put_many(session, 3);
            }
            bool const killed = cut_off([&] { return Session::connect(where); }, migrations(), k);
            kills += killed;
            auto session = Session::connect(where);
            auto const version = static_cast<std::size_t>(schema_version(session));
            ASSERT_GE(version, from);
            EXPECT_EQ(shape_of(session), shapes[version]) << "from " << from << ", statement " << k;
            migrate(session, all);
            EXPECT_EQ(shape_of(session), shapes[all.size()]);
            EXPECT_EQ(texts_of(session, "SELECT group_id FROM ingest_queue").size(), 3u);
            if (!killed) break;
        }
    EXPECT_GE(kills, everything() ? 70 : 7);
}

}  // namespace
}  // namespace nocturne::db::test
