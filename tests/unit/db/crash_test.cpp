// Workers that are killed at any moment: what a worker was told is recorded stays recorded, and no group is done twice.
#include "db/query.hpp"
#include "db/recovery.hpp"
#include "db/runs.hpp"
#include "scratch.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <set>
#include <sstream>

namespace nocturne::db::test {
namespace {

constexpr int n_groups = 120, n_workers = 4, n_kills = 12;

/// Takes groups until there are none; writes a line to `log` after each result that the database acknowledged.
[[noreturn]] void work(std::string const& path, std::string const& run_id, int log)
{
    auto session = Session::open(path, OpenMode::existing);
    while (auto const claim = claim_next(session, {run_id, lease_owner()})) {
        GroupResult result;
        result.claim = *claim;
        result.key = {files_of(session, claim->group_id), "c", "v"};
        ImageRow image;
        image.path = "/out/" + claim->group_id + ".fits";
        image.product = "dirty";
        result.images = {image};
        result.products = {{image.path, "SCIENCE", "dirty", 1, std::string(32, '0'), "", ""}};
        record_group_result(session, result);
        auto const line = claim->group_id + "\n";
        if (write(log, line.data(), line.size()) != static_cast<ssize_t>(line.size())) _exit(2);
    }
    _exit(0);
}

pid_t start_worker(std::string const& path, std::string const& run_id, int log)
{
    pid_t const child = fork();
    if (child == 0) work(path, run_id, log);
    return child;
}

/// Kills random workers and starts others in their place, then lets the rest finish; abandoned groups are taken back.
void work_and_kill(std::string const& path, std::string const& run_id, int log)
{
    std::mt19937 random(5);
    std::set<pid_t> workers;
    auto const recover = [&] {  // closed before the next fork: SQLite's locks belong to a process
        auto session = Session::open(path, OpenMode::existing);
        recover_abandoned(session);
    };
    for (int i = 0; i < n_workers; ++i) workers.insert(start_worker(path, run_id, log));
    for (int i = 0; i < n_kills; ++i) {
        usleep(static_cast<useconds_t>(random() % 40000));
        auto const victim = *std::next(workers.begin(), static_cast<long>(random() % workers.size()));
        kill(victim, SIGKILL);
        waitpid(victim, nullptr, 0);
        workers.erase(victim);
        recover();
        workers.insert(start_worker(path, run_id, log));
    }
    for (pid_t const worker : workers) waitpid(worker, nullptr, 0);
    recover();
    pid_t const last = start_worker(path, run_id, log);
    waitpid(last, nullptr, 0);
}

std::multiset<std::string> lines_of(std::string const& path)
{
    std::ifstream file(path);
    std::multiset<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.insert(line);
    return lines;
}

TEST(Crash, nothing_acknowledged_is_lost_and_nothing_done_twice)
{
    Scratch const scratch;
    auto const path = scratch.database("a");
    std::string run_id;
    {
        auto session = Session::open(path);
        for (int i = 0; i < n_groups; ++i) put_group(session, "g" + std::to_string(1000 + i));
        RunStart run;
        run.code_version = "test";
        run_id = start_run(session, run);
    }
    int const log = open((scratch / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    work_and_kill(path, run_id, log);
    close(log);

    auto session = Session::open(path, OpenMode::existing);
    auto const acknowledged = lines_of(scratch / "log");
    std::set<std::string> const different(acknowledged.begin(), acknowledged.end());
    EXPECT_EQ(acknowledged.size(), different.size()) << "a group was done twice";
    EXPECT_GE(static_cast<int>(different.size()), n_groups - n_kills) << "only a kill may part commit and log";
    for (auto const& group : list_groups(session)) EXPECT_EQ(group.state, QueueState::completed) << group.group_id;
    EXPECT_EQ(list_images(session, ImageChoice::all).size(), static_cast<std::size_t>(n_groups));
    if (session.dialect() == Dialect::postgresql) return;
    Query query(session, "SELECT group_concat(integrity_check) FROM pragma_integrity_check");
    auto& verdict = query.text();
    ASSERT_TRUE(query.fetch());
    EXPECT_EQ(verdict.get(), "ok");
}

}  // namespace
}  // namespace nocturne::db::test
