// Verb `run`: a job file over a directory of groups, alone or under mpirun.
#include "cli/group_options.hpp"
#include "cli/stage_options.hpp"
#include "cli/table.hpp"
#include "cli/window.hpp"
#include "driver/attempt.hpp"
#include "driver/home.hpp"
#include "driver/job_arguments.hpp"
#include "driver/run_job.hpp"
#include "driver/run_record.hpp"
#include "driver/scratch_space.hpp"
#include "driver/shell_words.hpp"
#include "driver/stop_signal.hpp"
#include "io/ms_reader.hpp"
#include "io/uvh5_files.hpp"
#include "nocturne/nearest.hpp"
#include "qa/timing.hpp"
#include "sky/data_path.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <limits>

namespace nocturne::cli {
namespace run_verb {

struct Options {
    std::string what, incoming, out, group, job, keep, record, spool, prom, since, until, backend = "auto";
    std::string database_wait = "10min";
    std::vector<std::string> args;
    std::int64_t limit = -1;
    int min_subbands = 12, ranks_per_group = 1;
    std::string partial_after = "0";
    double memory_gb = 0;
    int max_readers = 0;
    std::string stage;
    bool dry_run = false;
    std::shared_ptr<Overrides> overrides;
};

/// A Measurement Set, and a UVH5 file that is no subband of others, is a group by itself: its folder, and of that the one group.
bool is_group(std::string const& path)
{
    if (is_measurement_set(path)) return true;
    if (!named_like_hdf5(path)) return false;
    auto const name = parse_subband_name(path);
    if (name)
        throw Error(Code::usage, path + " is one subband of a group", "a run takes whole groups",
                    "say nocturne run DIR --group " + name->stamp + ", or nocturne image FILES");
    if (!std::filesystem::is_regular_file(path))
        throw Error(Code::input_missing, "no file " + path, "no such file", "check the path");
    return true;
}

/// `--job ID`, where the file has such a job.
std::string known_job(std::string const& id, std::vector<Job> const& jobs)
{
    std::vector<std::string> ids;
    for (auto const& job : jobs) ids.push_back(job.id);
    if (!id.empty() && std::find(ids.begin(), ids.end(), id) == ids.end())
        throw Error(Code::usage, "--job " + id, jobs.front().path + " has no such job",
                    "choose one of its jobs" + did_you_mean(id, ids));
    return id;
}

/// `run DIR` is the main job on DIR.
RunRequest make_request(Options const& options, Globals const& globals)
{
    auto args = parse_job_args(options.args);
    auto path = options.what;
    auto only_group = options.group;
    if (is_group(path)) {
        auto whole = std::filesystem::absolute(path).lexically_normal();
        if (!whole.has_filename()) whole = whole.parent_path();  // "X.ms/"
        only_group = whole.stem().string();
        if (!options.group.empty() && options.group != only_group)
            throw Error(Code::input_missing, "no group " + options.group + " in what is named",
                        path + " is group " + only_group, "leave --group out, or name its directory");
        path = whole.parent_path().string();
    }
    bool const directory = std::filesystem::is_directory(path);
    if (directory && !options.incoming.empty())
        throw Error(Code::usage, "two directories: " + path + " and " + options.incoming,
                    "a run takes a job file and a directory, or a directory alone", "name one directory");
    if (!options.incoming.empty()) args["incoming"] = options.incoming;
    if (directory) {
        args["incoming"] = path;
        path = data_path("continuum.yaml");
    }
    if (!options.out.empty()) args["out"] = options.out;
    RunRequest request;
    request.jobs = load_jobs(path, {args, *options.overrides});
    request.incoming = argument_of(request.jobs.front(), "incoming");
    request.out = argument_of(request.jobs.front(), "out");
    request.database = database_of(globals);
    request.only_group = only_group;
    request.only_job = known_job(options.job, request.jobs);
    if (!options.since.empty()) request.since_mjd = parse_mjd(options.since, "--since");
    if (!options.until.empty()) request.until_mjd = parse_mjd(options.until, "--until");
    require_window(request.since_mjd, request.until_mjd);
    request.limit = options.limit;
    request.min_subbands = options.min_subbands;
    request.partial_after_s = parse_duration_s(options.partial_after, "--partial-after", 60);
    request.ranks_per_group = options.ranks_per_group;
    request.backend = options.backend;
    request.memory_gb = options.memory_gb;
    request.max_readers = options.max_readers;
    request.stage = options.stage == "scratch" ? scratch_space().string() : options.stage;
    request.command_line = recorded_line(globals.command_line);
    request.keep_visibilities = options.keep;
    request.record = options.record;
    request.spool = options.spool.empty() ? request.out + "/spool" : options.spool;
    request.database_wait_s = parse_duration_s(options.database_wait, "--db-wait", 60);
    request.prom = options.prom;
    request.progress = !globals.quiet;
    return request;
}

std::string text_of_bytes(nlohmann::ordered_json const& bytes) { return format_bytes(bytes.get<double>()); }

/// For people: what would be done to which group; the whole of it, configuration and passes, is --json's.
void show_plan(nlohmann::ordered_json const& plan)
{
    std::vector<std::vector<std::string>> rows;
    for (auto const& group : plan["groups"])
        rows.push_back({group["job"], group["group_id"], std::to_string(group["n_subbands"].get<int>()),
                        text_of_bytes(group["file_bytes"]), text_of_bytes(group["visibility_bytes"])});
    if (!rows.empty()) print_table({"job", "group", "files", "to read", "in memory"}, rows);
    for (auto const& failure : plan["failures"])
        std::cout << failure["group_id"].get<std::string>() << " fails (" << failure["code"]
                  << "): " << failure["message"].get<std::string>() << "\n";
    std::int64_t again = 0;
    for (auto const& job : plan["jobs"]) again += job["register_again"].get<std::int64_t>();
    if (again > 0) std::cout << "sets to be registered again, without a solve: " << again << "\n";
    std::cout << rows.size() << " to do, " << plan["skipped"] << " done before, " << plan["left"] << " left, "
              << plan["failures"].size() << " that cannot be worked on; ranks " << plan["ranks"] << " in teams of "
              << plan["ranks_per_group"] << ", " << text_of_bytes(plan["span_bytes_per_rank"])
              << " of visibilities a rank at a time, on " << plan["device"].get<std::string>() << "\nproducts go to "
              << plan["out"].get<std::string>() << ", records to " << plan["database"].get<std::string>() << std::endl;
}

int print_plan(RunRequest const& request, Ranks const& world, Globals const& globals)
{
    auto const plan = plan_job(request, world);
    if (!world.leader()) return 0;
    if (globals.json)
        print_json(plan);
    else
        show_plan(plan);
    return 0;
}

int run_verb(Options const& options, Globals const& globals)
{
    StopSignal const signals;  // before MPI: a signal may come early
    return on_all_ranks([&](Ranks const& world) {
        RunRequest request;
        auto const refused = attempt([&] { request = make_request(options, globals); });
        if (refused && world.leader() && !options.dry_run) record_refusal(options.record, *refused);
        world.agree(refused);
        if (options.dry_run) return print_plan(request, world, globals);
        auto const report = run_job(request, world);
        if (world.leader()) {
            if (globals.json)
                print_json(to_json(report));
            else if (report.done + report.failed + report.left == 0)
                std::cout << "nothing left to do" << std::endl;
            else
                for (auto const& page : report.reports) std::cout << for_output(page) << "\n";
        }
        return report.exit_code;
    });
}

void declare_reading(App& app, Options& options)
{
    app.add_option("--max-readers", options.max_readers,
                   "So many ranks of a node read at once, of all its jobs; default 0: all of them")
        ->in_range(0, 100000);
    app.add_option("--stage", options.stage,
                   "Copy the files of each group to this directory of the node before they are read, and remove them "
                   "afterwards; scratch: NOCTURNE_SCRATCH of the cluster's file, or TMPDIR");
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("job", o->what,
                   "A job file, or a directory of files, a Measurement Set or a UVH5 file that is a group by itself "
                   "(then jobs/continuum.yaml with incoming=DIR)")
        ->required();
    app.add_option("incoming", o->incoming, "Directory of files for a job file (the job's argument incoming)");
    app.add_option("--arg", o->args, "NAME=VALUE: an argument of the job file; may be given several times")
        ->one_value_each();
    app.add_option("-o,--out", o->out, "Directory of products (the job's argument out)");
    app.add_option("--group", o->group, "Only this group");
    app.add_option("--job", o->job, "Only this job of a file with several; those that it needs are done already");
    app.add_option("--since", o->since, "Groups that start at or after this time (UTC date or MJD)");
    app.add_option("--until", o->until, "Groups that start before this time (UTC date or MJD)");
    app.add_option("--limit", o->limit, "Work on so many groups at most")->in_range(0, std::numeric_limits<int>::max());
    app.add_option("--min-subbands", o->min_subbands, "Groups with fewer are listed and left (exit 66); default 12")
        ->in_range(1, std::numeric_limits<int>::max());
    app.add_option("--partial-after", o->partial_after,
                   "An incomplete group waits until no file came for so long, such as 10min or 600s; a plain number is "
                   "minutes; default 0");
    app.add_option("--ranks-per-group", o->ranks_per_group, "Ranks that share a group; default 1");
    app.add_option("--backend", o->backend, "cuda, kokkos or auto")->one_of({"auto", "cuda", "kokkos"});
    add_memory_option(app, o->memory_gb);
    declare_reading(app, *o);
    app.add_option("--keep-visibilities", o->keep,
                   "Write uvw_m, freq_hz, vis and weight of the one group, as they enter the image, to this .npz");
    app.add_option(
        "--record", o->record,
        "Directory of status.json (a heartbeat every 10 s) and result.json (products and checksums); under Slurm "
        "OUT/runs/RUN, otherwise none");
    app.add_option(
        "--spool", o->spool,
        "Directory in which each rank keeps what it cannot record while the database is away; default OUT/spool");
    app.add_option(
        "--db-wait", o->database_wait,
        "How long to wait for a database that went away in the middle, such as 30s or 1h; a plain number is "
        "minutes; default 10min. Then what is left is left for a rerun (75). A job of Slurm waits as long for "
        "one that is away as it begins (69)");
    app.add_option("--prom", o->prom,
                   "Metrics of the run for Prometheus' textfile collector: a file (DIR/nocturne.prom) that is replaced "
                   "whole when the run ends");
    app.add_flag("--dry-run", o->dry_run, "Print the plan: groups, ranks, passes, bytes; change nothing but the index");
    std::vector<std::string> stages;
    for (auto const& type : stage_types()) stages.push_back(type.name);
    o->overrides = add_stage_options(app, stages, {"ms", "force"});
    add_force(app, o->overrides);
    app.add_flag_callback(
        "--ms", [o] { (*o->overrides)["ms"] = "on"; }, "Write each group as a Measurement Set, too: OUT/GROUP.ms");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"run", "Run a job over every complete group of a directory", &declare}};

}  // namespace run_verb
}  // namespace nocturne::cli
