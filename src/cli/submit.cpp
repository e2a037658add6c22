// Verb `submit`: the jobs of a job file as jobs of Slurm, or here and now.
#include "driver/submit.hpp"
#include "cli/verb.hpp"
#include "driver/job_arguments.hpp"
#include "driver/shell_words.hpp"
#include "sky/data_path.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <spdlog/spdlog.h>
#include <unistd.h>

namespace nocturne::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    std::string what, out, array, cluster, after = "ok", runner = "slurm", time, partition;
    std::vector<std::string> args, slurm, run_options;
    int ranks = 1;
    bool dry_run = false;
};

SubmitRequest make_request(Options const& options, Globals const& globals)
{
    SubmitRequest request;
    request.args = parse_job_args(options.args);
    auto path = options.what;
    if (std::filesystem::is_directory(path)) {
        request.args["incoming"] = std::filesystem::absolute(path).string();
        path = data_path("continuum.yaml");
    }
    if (!options.out.empty()) request.args["out"] = options.out;
    request.jobs = load_jobs(path, {request.args, {}});
    request.job_file = std::filesystem::absolute(path).lexically_normal().string();
    request.out = argument_of(request.jobs.front(), "out");
    request.database = database_of(globals);
    if (request.database.find("://") == std::string::npos)
        request.database = std::filesystem::absolute(request.database).lexically_normal().string();
    request.run_options = options.run_options;
    request.cluster = options.cluster;
    request.ranks = options.ranks;
    if (!options.time.empty()) request.slurm_options.push_back("--time=" + options.time);
    if (!options.partition.empty()) request.slurm_options.push_back("--partition=" + options.partition);
    request.slurm_options.insert(request.slurm_options.end(), options.slurm.begin(), options.slurm.end());
    if (!options.array.empty()) request.array = parse_array(options.array);
    request.after = options.after == "ok" ? After::ok : After::any;
    request.command_line = shell_line(globals.command_line);
    return request;
}

Json to_json(SubmittedJob const& job)
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

void print(std::vector<SubmittedJob> const& jobs, Options const& options, Globals const& globals)
{
    if (globals.json) {
        auto list = Json::array();
        for (auto const& job : jobs) list.push_back(to_json(job));
        print_json({{"dry_run", options.dry_run}, {"jobs", list}});
        return;
    }
    for (auto const& job : jobs) {
        if (options.dry_run) {
            std::cout << job.script;
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

/// The whole job file on this machine, by `nocturne run` in place of this process.
int run_here(Options const& options, Globals const& globals, SubmitRequest const& request)
{
    std::vector<std::string> words{"nocturne", "run", request.job_file};
    for (auto const& [name, value] : request.args) words.insert(words.end(), {"--arg", name + "=" + value});
    words.insert(words.end(), {"--db", request.database});
    words.insert(words.end(), options.run_options.begin(), options.run_options.end());
    if (globals.json) words.emplace_back("--json");
    if (options.dry_run) {
        std::cout << shell_line(words) << std::endl;
        return 0;
    }
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    execv("/proc/self/exe", pointers.data());
    throw Error(Code::system, "cannot start nocturne run", std::strerror(errno), "run it by hand");
}

int submit_verb(Options const& options, Globals const& globals)
{
    auto const request = make_request(options, globals);
    if (options.runner == "local") return run_here(options, globals, request);
    print(options.dry_run ? plan_submission(request) : submit(request), options, globals);
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("job", o->what, "A job file, or a directory of files (then jobs/continuum.yaml with incoming=DIR)")
        ->required();
    app.add_option("options", o->run_options, "After --: options of nocturne run, such as -- --imsize 4096");
    app.add_option("--arg", o->args, "NAME=VALUE: an argument of the job file; may be given several times")
        ->one_value_each();
    app.add_option("-o,--out", o->out,
                   "Directory of products (the job's argument out); scripts and logs go to OUT/slurm");
    app.add_option("--array", o->array, "N: so many jobs that share the queue of groups; N%M: at most M at once");
    app.add_option("--cluster", o->cluster, "NAME of slurm/clusters/NAME.sh, or the path of such a file");
    app.add_option("--ranks", o->ranks, "Ranks of each job")->in_range(1, 1'000'000)->show_default();
    app.add_option("--time", o->time, "Time limit, as sbatch takes it");
    app.add_option("--partition", o->partition, "Partition");
    app.add_option("--slurm", o->slurm, "Another option of sbatch, such as --slurm=--gpus-per-task=1")
        ->one_value_each();
    app.add_option("--after", o->after, "Jobs that need others start when these succeeded (ok), or ended (any)")
        ->one_of({"ok", "any"});
    app.add_option("--runner", o->runner, "slurm, or local: run it here and now")->one_of({"slurm", "local"});
    app.add_flag("--dry-run", o->dry_run, "Print the scripts; write and submit nothing");
    return [o, &globals] { return submit_verb(*o, globals); };
}

VerbRegistrar const here{{"submit", "Submit the jobs of a job file to Slurm", &declare}};

}  // namespace
}  // namespace nocturne::cli
