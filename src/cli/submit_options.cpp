// What is typed becomes a SubmitRequest; what became of it is printed.
#include "cli/submit_options.hpp"

#include "driver/job_arguments.hpp"
#include "driver/shell_words.hpp"
#include "sky/data_path.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <spdlog/spdlog.h>
#include <unistd.h>

namespace nocturne::cli {
namespace {

using Json = nlohmann::ordered_json;

Json json_of_job(SubmittedJob const& job)
{
    Json document{{"job", job.id},
                  {"hpc_job_id", nullptr},
                  {"needs", job.needs},
                  {"run_ids", job.run_ids},
                  {"path", job.script_path}};
    if (!job.hpc_job_id.empty()) document["hpc_job_id"] = job.hpc_job_id;
    document["command"] = shell_line(job.command);
    document["script"] = job.script;
    return document;
}

void print(std::vector<SubmittedJob> const& jobs, SubmitOptions const& options, Globals const& globals)
{
    if (globals.json) {
        auto list = Json::array();
        for (auto const& job : jobs) list.push_back(json_of_job(job));
        print_json({{"dry_run", options.dry_run}, {"jobs", list}});
        return;
    }
    bool const several = options.dry_run && jobs.size() > 1;  // each script of theirs ends where it hands over
    if (several) std::cout << script_that_submits(jobs);
    for (auto const& job : jobs) {
        if (options.dry_run) {
            if (!several) std::cout << job.script;
            std::string needs;
            for (auto const& need : job.needs) needs += " after " + need;
            spdlog::info("job {}{} would be submitted by: {} {}", job.id, needs, shell_line(job.command),
                         job.script_path);
        } else {
            std::cout << job.hpc_job_id << "\n";
            spdlog::info("job {} is job {} of Slurm: {}", job.id, job.hpc_job_id, job.script_path);
        }
    }
}

/// One process of this machine takes the place of Slurm: what is for Slurm alone would be lost without a word.
void refuse_for_slurm(SubmitRequest const& request)
{
    std::string what;
    if (request.array) what = "--array";
    if (request.ranks > 1) what = "--ranks " + std::to_string(request.ranks);
    if (!request.slurm_options.empty()) what = request.slurm_options.front();
    if (!request.cluster.empty()) what = "--cluster " + request.cluster;
    if (what.empty()) return;
    throw Error(Code::usage, what + " with --runner local",
                "that is for Slurm; here one process works through the queue",
                "leave it out; several ranks: mpirun -np N nocturne run, with the words that --dry-run prints");
}

/// The whole job file on this machine, by `nocturne run` in place of this process.
int run_here(SubmitRequest const& request, SubmitOptions const& options, Globals const& globals)
{
    refuse_for_slurm(request);
    std::vector<std::string> words{"nocturne", "run", request.job_file};
    for (auto const& [name, value] : request.args) words.insert(words.end(), {"--arg", name + "=" + value});
    if (setenv("NOCTURNE_DB", request.database.c_str(), 1) != 0)  // not a word: processes see each other's
        throw Error(Code::system, "cannot set NOCTURNE_DB", std::strerror(errno), "run it by hand");
    words.insert(words.end(), request.run_options.begin(), request.run_options.end());
    if (globals.json) words.emplace_back("--json");
    if (globals.quiet) words.emplace_back("--quiet");
    bool const said = std::any_of(words.begin(), words.end(),
                                  [](std::string const& word) { return word.starts_with("--log-format"); });
    if (globals.log_format != "text" && !said) words.insert(words.end(), {"--log-format", globals.log_format});
    if (options.dry_run) {
        bool const secret = db::holds_password(request.database);
        if (secret) spdlog::warn("NOCTURNE_DB is to name the database, whose password is not shown here");
        std::cout << (secret ? "" : "NOCTURNE_DB=" + bash_word(request.database) + " ") << shell_line(words)
                  << std::endl;
        return 0;
    }
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execv("/proc/self/exe", pointers.data());
    throw Error(Code::system, "cannot start nocturne run", std::strerror(errno), "run it by hand");
}

}  // namespace

namespace {

/// Behind -- they would be each job's, and the submission would take place.
void refuse_own_options(std::vector<std::string> const& of_run)
{
    for (auto const& word : of_run)
        for (std::string const option : {"--dry-run", "--json"})
            if (word == option || word.starts_with(option + "="))
                throw Error(Code::usage, option + " behind --", "what stands there is for nocturne run in each job",
                            "say it before the --");
}

}  // namespace

SubmitRequest SubmitOptions::request(Globals const& globals, std::vector<std::string> const& more) const
{
    SubmitRequest made;
    made.args = parse_job_args(args);
    auto path = what;
    if (std::filesystem::is_directory(path)) {
        made.args["incoming"] = std::filesystem::absolute(path).string();
        path = data_path("continuum.yaml");
    }
    if (!out.empty()) made.args["out"] = std::filesystem::absolute(out).lexically_normal().string();
    made.jobs = load_jobs(path, {made.args, {}});
    made.job_file = std::filesystem::absolute(path).lexically_normal().string();
    made.out = argument_of(made.jobs.front(), "out");
    made.database = database_of(globals);
    if (made.database.find("://") == std::string::npos)
        made.database = std::filesystem::absolute(made.database).lexically_normal().string();
    refuse_own_options(run_options);
    made.run_options = run_options;
    made.run_options.insert(made.run_options.end(), more.begin(), more.end());
    if (groups_per_task > 0)
        made.run_options.insert(made.run_options.end(), {"--limit", std::to_string(groups_per_task)});
    std::vector<std::string> words{made.job_file};
    words.insert(words.end(), made.run_options.begin(), made.run_options.end());
    check_words("run", words);
    made.cluster = cluster;
    made.ranks = ranks;
    if (!time.empty()) made.slurm_options.push_back("--time=" + time);
    if (!partition.empty()) made.slurm_options.push_back("--partition=" + partition);
    made.slurm_options.insert(made.slurm_options.end(), slurm.begin(), slurm.end());
    if (!array.empty()) made.array = parse_array(array);
    if (!after.empty()) made.after = after == "ok" ? After::ok : After::any;
    made.command_line = recorded_line(globals.command_line);
    return made;
}

void SubmitOptions::declare(App& app, char const* of_run)
{
    app.add_option("job", what, "A job file, or a directory of files (then jobs/continuum.yaml with incoming=DIR)")
        ->required();
    app.add_option("options", run_options, of_run);
    app.add_option("--arg", args, "NAME=VALUE: an argument of the job file; may be given several times")
        ->one_value_each();
    app.add_option("-o,--out", out, "Directory of products (the job's argument out); scripts and logs go to OUT/slurm");
    app.add_option("--array", array, "N: so many jobs that share the queue of groups; N%M: at most M at once");
    app.add_option("--groups-per-task", groups_per_task,
                   "Each job takes so many groups at most; default 0: all that it finds")
        ->in_range(0, 1'000'000'000);
    app.add_option("--cluster", cluster, "NAME of slurm/clusters/NAME.sh, or the path of such a file");
    app.add_option("--ranks", ranks, "Ranks of each job")->in_range(1, 1'000'000)->show_default();
    app.add_option("--time", time, "Time limit, as sbatch takes it");
    app.add_option("--partition", partition, "Partition");
    app.add_option("--slurm", slurm, "Another option of sbatch, such as --slurm=--gpus-per-task=1")->one_value_each();
    app.add_option(
           "--after", after,
           "Jobs that need others start when these succeeded (ok), or ended (any); default: any where these register "
           "solutions, as one that failed leaves the others' to serve, else ok")
        ->one_of({"ok", "any"});
    app.add_option("--runner", runner, "slurm, or local: run it here and now")->one_of({"slurm", "local"});
    app.add_flag("--dry-run", dry_run, "Print the scripts; write and submit nothing");
}

int hand_over(SubmitRequest const& request, SubmitOptions const& options, Globals const& globals)
{
    if (options.runner == "local") return run_here(request, options, globals);
    print(options.dry_run ? plan_submission(request) : submit(request), options, globals);
    return 0;
}

}  // namespace nocturne::cli
