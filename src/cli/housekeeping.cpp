// Verb `housekeeping`: groups that nobody works on any more wait again; what never got complete fails; strays of dead processes go.
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "db/queue.hpp"
#include "driver/dead_jobs.hpp"
#include "driver/dead_runs.hpp"
#include "driver/tidy.hpp"

#include <iostream>

namespace nocturne::cli {
namespace housekeeping_verb {

struct Options {
    std::string in_progress = "3600", collecting = "86400", temp_age = "86400";
    std::vector<std::string> directories;
};

int run_verb(Options const& o, Globals const& globals)
{
    db::HousekeepingArgs args;
    args.in_progress_timeout_s = parse_duration_s(o.in_progress, "--in-progress-timeout");
    args.collecting_timeout_s = parse_duration_s(o.collecting, "--collecting-timeout");
    double const temp_age_s = parse_duration_s(o.temp_age, "--temp-age");
    args.tell = end_of_the_dead;
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    args.dead_jobs = dead_jobs(db::jobs_at_work(session));
    auto const report = db::keep_house(session, args);
    int strays = 0;
    for (auto const& top : o.directories) strays += tidy(session, top, temp_age_s);
    if (globals.json) {
        print_json({{"abandoned", report.abandoned},
                    {"stale", report.stale},
                    {"expired", report.expired},
                    {"closed_runs", report.closed},
                    {"strays", strays}});
        return 0;
    }
    for (auto const& id : report.abandoned) std::cout << id << ": pending, its process is gone or its lease ran out\n";
    for (auto const& id : report.stale) std::cout << id << ": pending, silent for too long or its job is gone\n";
    for (auto const& id : report.expired) std::cout << id << ": failed, it never got complete\n";
    for (auto const& id : report.closed) std::cout << "run " << id << ": closed, its job is gone\n";
    if (strays > 0) std::cout << strays << " temporary files of dead processes removed\n";
    if (report.abandoned.empty() && report.stale.empty() && report.expired.empty() && report.closed.empty() &&
        strays == 0)
        std::cout << "nothing to tidy\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option(
        "--in-progress-timeout", o->in_progress,
        "A group without a sign of life for so long waits again (retries + 1); seconds, or 2h; default 3600");
    app.add_option("--collecting-timeout", o->collecting, "A group incomplete for so long fails; default 86400");
    app.add_option(
        "--tidy", o->directories,
        "Directory of products: temporary files of dead processes are removed from it and below, those of other "
        "hosts when they are old; directories of inputs are refused");
    app.add_option("--temp-age", o->temp_age,
                   "A temporary file of another host that did not change for so long is a dead one's; default 86400");
    app.footer(
        "Groups of processes of this host that live are left alone; those of Slurm's jobs that squeue knows no more go "
        "back when nobody has renewed their claims for 5 minutes.");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"housekeeping", "Give back what dead runs held, fail what never got complete", &declare}};

}  // namespace housekeeping_verb
}  // namespace nocturne::cli
