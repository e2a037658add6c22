// Verb `queue acquire`: takes waiting groups for a program other than ours; one id a line. They go back when the lease runs out.
#include "cli/queue_json.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "db/runs.hpp"
#include "driver/shell_words.hpp"
#include "driver/surroundings.hpp"
#include "nocturne/version.hpp"

#include <cstdlib>
#include <iostream>

namespace nocturne::cli {
namespace queue_acquire_verb {

struct Options {
    int n = 1;
    std::string lease = "1h";
};

std::string user_and_host(std::string const& host)
{
    char const* user = std::getenv("USER");
    return std::string(user ? user : "someone") + " on " + host;
}

int run_verb(Options const& o, Globals const& globals)
{
    double const lease_s = parse_duration_s(o.lease, "--lease");
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    std::vector<db::Claim> claims;
    if (!db::list_queue(session, {"", db::QueueState::pending, 1}).empty()) {
        auto const where = look_around(make_device("kokkos", 0));
        db::RunStart start;
        start.job_name = "queue acquire";
        start.command_line = recorded_line(globals.command_line);
        start.code_version = code_version();
        start.host = where.host;
        start.hpc_job_id = where.slurm_job_id;
        start.restart_count = where.restart_count;
        auto const run_id = db::start_run(session, start);
        claims = db::claim_batch(session, {run_id, db::hand_owner(user_and_host(where.host)), lease_s}, o.n);
        if (claims.empty())
            db::finish_run(session, run_id, {db::RunStatus::cancelled, 0, 0, 0, "others had taken what waited"});
    }
    auto document = nlohmann::ordered_json::array();
    for (auto const& claim : claims) {
        document.push_back({{"group_id", claim.group_id}, {"run_id", claim.run_id}, {"fence", claim.fence}});
        if (!globals.json) std::cout << claim.group_id << "\n";
    }
    if (globals.json) print_json(document);
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("--n", o->n, "So many groups at most; default 1")->in_range(1, 100000);
    app.add_option("--lease", o->lease, "Until when they are yours, such as 90min; default 1h");
    app.footer(
        "Prints the ids of the groups, oldest first; nothing where none waits. 'queue retry --force ID' gives one back "
        "early.");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{
    {"queue acquire", "Take the next waiting groups, for a program other than Nocturne", &declare}};

}  // namespace queue_acquire_verb
}  // namespace nocturne::cli
