// Enters: an empty database. Leaves: milliseconds and claims a second.
#include "db/queue_bench.hpp"

#include "db/groups.hpp"
#include "db/runs.hpp"
#include "db/window_bench.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

namespace nocturne::db {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Many at once, each with its own connection, as many processes would have.
void take_at_once(std::string const& where, std::string const& run_id, QueueBenchArgs const& args, QueueBench& bench)
{
    std::mutex mutex;
    std::set<std::string> seen;
    std::atomic<std::int64_t> taken{0}, claims{0};
    std::atomic<int> ready{0};
    std::chrono::steady_clock::time_point start;
    std::vector<std::thread> threads;
    for (int i = 0; i < args.claimants; ++i)
        threads.emplace_back([&] {
            auto session = Session::connect(where, OpenMode::existing);
            ClaimArgs const claim{run_id, lease_owner()};
            if (++ready == args.claimants) start = std::chrono::steady_clock::now();
            while (ready < args.claimants) std::this_thread::yield();
            while (taken < args.take) {
                auto const got = claim_batch(session, claim, args.batch);
                ++claims;
                if (got.empty()) break;
                taken += std::ssize(got);
                std::lock_guard const lock(mutex);
                for (auto const& one : got) bench.twice += !seen.insert(one.group_id).second;
            }
        });
    for (auto& thread : threads) thread.join();
    double const wall_s = seconds_since(start);
    bench.taken = taken;
    bench.per_s = static_cast<double>(taken) / wall_s;
    bench.claim_ms = 1e3 * wall_s * args.claimants / static_cast<double>(claims);
}

}  // namespace

QueueBench measure_queue(std::string const& where, QueueBenchArgs const& args)
{
    QueueBench bench;
    auto session = Session::open(where);
    if (!list_groups(session, {std::nullopt, std::nullopt, std::nullopt, 1}).empty())
        throw Error(Code::usage, "cannot measure in database " + session.path(), "it holds groups",
                    "name an empty one: it is filled with a million made-up groups");
    auto const start = std::chrono::steady_clock::now();
    fill_index(session, args.groups);
    bench.fill_s = seconds_since(start);
    RunStart run;
    run.job_name = "bench queue";
    run.code_version = "bench";
    auto const run_id = start_run(session, run);
    constexpr int alone = 200;
    std::vector<double> each_ms;
    for (int i = 0; i < alone; ++i) {
        auto const begun = std::chrono::steady_clock::now();
        claim_next(session, {run_id, lease_owner()});
        double const ms = 1e3 * seconds_since(begun);
        bench.alone_ms += ms / alone;
        bench.alone_worst_ms = std::max(bench.alone_worst_ms, ms);
        each_ms.push_back(ms);
    }
    std::nth_element(each_ms.begin(), each_ms.begin() + alone / 2, each_ms.end());
    bench.alone_median_ms = each_ms[alone / 2];
    take_at_once(where, run_id, args, bench);
    return bench;
}

}  // namespace nocturne::db
