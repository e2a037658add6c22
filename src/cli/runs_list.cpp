// Verb `runs list`: what was run, newest first.
#include "cli/queue_json.hpp"
#include "cli/runs_json.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

#include <limits>

namespace nocturne::cli {
namespace runs_list_verb {

struct Options {
    std::string status, since;
    std::int64_t limit = -1;
};

int run_verb(Options const& o, Globals const& globals)
{
    constexpr double unix_epoch_mjd = 40587, day_s = 86400;
    db::RunFilter filter{"", o.status, std::nullopt, o.limit};
    if (!o.since.empty()) filter.since_s = (parse_mjd(o.since, "--since") - unix_epoch_mjd) * day_s;
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    auto const runs = db::list_runs(session, filter);
    if (globals.json) {
        auto document = nlohmann::ordered_json::array();
        for (auto const& run : runs) document.push_back(to_json(run));
        print_json(document);
        return 0;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& run : runs)
        rows.push_back({run.run_id, run.status, run.job_name, utc_text(run.started_s ? run.started_s : run.submitted_s),
                        run.wall_time_s ? format_number(*run.wall_time_s, 4) : "", run.host, run.hpc_job_id,
                        run.exit_code ? std::to_string(*run.exit_code) : "", run.error});
    print_table({"run", "status", "job", "started (UTC)", "wall [s]", "host", "slurm job", "exit", "error"}, rows);
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("--status", o->status,
                   "PENDING, STAGING_DATA, SUBMITTED, RUNNING, COLLECTING_RESULTS, COMPLETED, FAILED or CANCELLED");
    app.add_option("--since", o->since, "Started at or after this time (UTC date or MJD)");
    app.add_option("--limit", o->limit, "So many at most")->in_range(0, std::numeric_limits<int>::max());
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"runs list", "List the runs of the database, newest first", &declare}};

}  // namespace runs_list_verb
}  // namespace nocturne::cli
