#include "driver/submit.hpp"

#include "db/submitted_runs.hpp"
#include "driver/batch_script.hpp"
#include "driver/command.hpp"
#include "driver/shell_words.hpp"
#include "driver/stop_signal.hpp"
#include "io/product.hpp"
#include "nocturne/version.hpp"
#include "sky/data_path.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include <spdlog/spdlog.h>

namespace nocturne {
namespace {

namespace fs = std::filesystem;

/// The folder slurm/ that was shipped with the program.
fs::path slurm_folder()
{
    std::error_code failure;
    for (auto const& folder : data_folders())
        for (auto const& place : {fs::path(folder) / "slurm", fs::path(folder).parent_path() / "slurm"})
            if (fs::exists(place / "nocturne.sbatch", failure)) return fs::canonical(place);
    throw Error(Code::input_missing, "cannot find slurm/nocturne.sbatch", "it is not beside the program's data",
                "install the program whole, or set NOCTURNE_DATA");
}

std::string find_cluster(std::string const& name, fs::path const& folder)
{
    if (name.empty()) return "";
    std::error_code failure;
    if (name.find('/') != std::string::npos && fs::is_regular_file(name, failure)) return fs::absolute(name).string();
    auto const file = folder / "clusters" / (name + ".sh");
    if (name.find('/') == std::string::npos && fs::is_regular_file(file, failure)) return file.string();
    std::string known;
    for (auto const& entry : fs::directory_iterator(folder / "clusters", failure))
        known += (known.empty() ? "" : ", ") + entry.path().stem().string();
    throw Error(Code::bad_config, "no cluster " + bash_word(name), "the folder of clusters holds " + known,
                "choose one, give the path of a file, or write one: docs/add-a-cluster.md");
}

std::vector<std::string> run_words(SubmitRequest const& request, Job const& job)
{
    std::vector<std::string> words{request.job_file};
    for (auto const& [name, value] : request.args) {
        words.emplace_back("--arg");
        words.push_back(name + "=" + value);
    }
    if (request.jobs.size() > 1) words.insert(words.end(), {"--job", job.id});
    if (!holds_password(request.database)) words.insert(words.end(), {"--db", request.database});
    words.insert(words.end(), request.run_options.begin(), request.run_options.end());
    for (auto const& word : words)
        if (holds_password(word))
            throw Error(Code::usage, "an argument holds a password: " + without_password(word),
                        "it would stand in the job's script and in logs", "keep it in ~/.pgpass or the environment");
    return words;
}

std::vector<std::string> options_of(SubmitRequest const& request)
{
    std::vector<std::string> options{"--ntasks=" + std::to_string(request.ranks)};
    if (auto const& array = request.array)
        options.push_back("--array=0-" + std::to_string(array->count - 1) +
                          (array->at_once > 0 ? "%" + std::to_string(array->at_once) : ""));
    options.insert(options.end(), request.slurm_options.begin(), request.slurm_options.end());
    for (auto const& option : options) check_slurm_option(option);
    return options;
}

/// A path that Slurm takes for a pattern: % stands for itself.
std::string pattern_of(std::string const& path)
{
    std::string text;
    for (char c : path) text += c == '%' ? std::string("%%") : std::string(1, c);
    return text;
}

/// sbatch with the cluster's settings (modules, SBATCH_…) around it. All values are words, none is read by a shell.
std::vector<std::string> sbatch_command(std::string const& cluster)
{
    if (cluster.empty()) return {"sbatch"};
    return {"bash", "-c", "source \"$0\" >&2 || exit 78; exec \"$@\"", cluster, "sbatch"};
}

bool registers(Job const& job)
{
    return std::any_of(job.tasks.begin(), job.tasks.end(),
                       [](Task const& task) { return task.stage->name == "register"; });
}

/// One calibrator that fails does not cost a night: `run` goes on to the targets then, too.
After after_needs(SubmitRequest const& request, Job const& job)
{
    if (request.after) return *request.after;
    bool const any = std::any_of(request.jobs.begin(), request.jobs.end(), [&](Job const& other) {
        return registers(other) && std::find(job.needs.begin(), job.needs.end(), other.id) != job.needs.end();
    });
    return any ? After::any : After::ok;
}

/// A run that nobody announces has no id: its script serves whoever submits it, as often as he likes.
enum class Runs { announced, nameless };

SubmittedJob plan_job(SubmitRequest const& request, Job const& job, fs::path const& folder, Runs runs)
{
    auto const base = db::make_run_id();
    auto const name = slurm_name(job.name);
    SubmittedJob planned{job.id, "", "", job.needs, {}, {}, "", after_needs(request, job)};
    auto const place = fs::absolute(request.out).lexically_normal() / "slurm";
    planned.script_path = (place / (name + "-" + base + ".sbatch")).string();
    BatchScript script;
    if (runs == Runs::announced) {
        for (int i = 0; request.array && i < request.array->count; ++i)
            planned.run_ids.push_back(base + "-" + std::to_string(i));
        if (!request.array) planned.run_ids = {base};
        script.path = planned.script_path;
        script.run_id = base;
    }
    script.launcher = (folder / "nocturne.sbatch").string();
    script.program = fs::read_symlink("/proc/self/exe").string();
    script.cluster = find_cluster(request.cluster, folder);
    script.job_name = job.name;
    script.options = options_of(request);
    script.arguments = run_words(request, job);
    script.secret_database = holds_password(request.database);
    planned.script = to_text(script);
    planned.command = sbatch_command(script.cluster);
    planned.command.insert(planned.command.end(), {"--parsable", "--output=" + pattern_of((place / name).string()) +
                                                                     (request.array ? "-%A_%a.out" : "-%j.out")});
    return planned;
}

/// Slurm's words for an answer that another time may be different.
Error refusal(SubmittedJob const& job, CommandOutcome const& said)
{
    auto const problem = "cannot submit job " + job.id;
    auto why = said.err.substr(0, said.err.find_last_not_of(" \n") + 1);
    std::replace(why.begin(), why.end(), '\n', ' ');
    auto const has = [&](char const* words) { return why.find(words) != std::string::npos; };
    if (said.code == 127)
        return Error(
            Code::unavailable, problem, "there is no sbatch here",
            "submit from a login node of the cluster; --dry-run shows the script, --runner local runs it here");
    if (has("Unable to contact") || has("Connection refused") || has("Socket timed out") || has("configuration source"))
        return Error(Code::unavailable, problem, "Slurm's controller does not answer: " + why, "try again later");
    if (has("temporarily"))
        return Error(Code::transient, problem, "Slurm is busy: " + why, "run the same command again");
    return Error(Code::bad_config, problem, "sbatch refused with exit " + std::to_string(said.code) + ": " + why,
                 "correct the options for Slurm (--slurm, the cluster's file)");
}

/// The number in what --parsable prints: "123" or "123;cluster".
std::string job_number(SubmittedJob const& job, CommandOutcome const& said)
{
    auto const end = std::find_if(said.out.begin(), said.out.end(),
                                  [](char c) { return std::isdigit(static_cast<unsigned char>(c)) == 0; });
    if (said.code != 0 || end == said.out.begin()) throw refusal(job, said);
    return {said.out.begin(), end};
}

std::string dependency(SubmittedJob const& job, std::vector<SubmittedJob> const& before)
{
    std::string text;
    for (auto const& need : job.needs)
        for (auto const& other : before)
            if (other.id == need) text += (text.empty() ? "" : ":") + other.hpc_job_id;
    return text.empty() ? "" : std::string("--dependency=") + name(job.after) + ":" + text;
}

std::vector<std::string> ids_of_elements(SubmittedJob const& job, bool array)
{
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < job.run_ids.size(); ++i)
        ids.push_back(job.hpc_job_id + (array ? "_" + std::to_string(i) : ""));
    return ids;
}

void submit_one(SubmittedJob& job, std::vector<SubmittedJob> const& before, SubmitRequest const& request)
{
    ProductFile script(job.script_path);
    script.write(job.script);
    script.commit();
    if (auto const needs = dependency(job, before); !needs.empty())
        job.command.insert(job.command.end(), {needs, "--kill-on-invalid-dep=yes"});
    job.command.push_back(job.script_path);
    std::map<std::string, std::string> environment;
    if (holds_password(request.database)) environment["NOCTURNE_DB"] = request.database;
    job.hpc_job_id = job_number(job, run_command(job.command, environment));
}

/// Jobs whose fellows could not be submitted would run half a night.
void take_back(std::vector<SubmittedJob> const& jobs, db::Session& session, std::string const& why)
{
    for (auto const& job : jobs) {
        if (!job.hpc_job_id.empty() && run_command({"scancel", job.hpc_job_id}).code != 0)
            spdlog::warn("job {} of Slurm could not be taken back: scancel {}", job.hpc_job_id, job.hpc_job_id);
        db::cancel_announced(session, job.run_ids, why);
        std::error_code gone;
        fs::remove(job.script_path, gone);
    }
}

db::RunStart announcement(SubmitRequest const& request, Job const& job)
{
    db::RunStart about;
    about.job_name = job.name;
    about.command_line = request.command_line;
    about.config_json = job.configuration_with_origin().dump();
    about.code_version = code_version();
    about.ranks = request.ranks;
    return about;
}

/// A slip here is an exit code hours later; but a node may see what this machine does not.
void look_for_inputs(SubmitRequest const& request)
{
    auto const incoming = request.args.find("incoming");
    std::error_code hidden;
    if (incoming != request.args.end() && !fs::exists(incoming->second, hidden))
        spdlog::warn("{} is not there as seen from here: a node that does not see it either ends the job with {}",
                     incoming->second, exit_code(Code::input_missing));
}

std::vector<SubmittedJob> plan_jobs(SubmitRequest const& request, Runs runs)
{
    auto const folder = slurm_folder();
    look_for_inputs(request);
    std::vector<SubmittedJob> planned;
    for (auto const& job : request.jobs) planned.push_back(plan_job(request, job, folder, runs));
    return planned;
}

}  // namespace

ArraySize parse_array(std::string const& text)
{
    auto const digits = [&](std::string const& part) {
        bool const good = !part.empty() && part.size() < 8 &&
                          std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!good || std::stoi(part) < 1)
            throw Error(Code::usage, "--array " + bash_word(text), "it is not N or N%M",
                        "write --array 50, or 50%10 for ten at once");
        return std::stoi(part);
    };
    auto const percent = text.find('%');
    return {digits(text.substr(0, percent)), percent == std::string::npos ? 0 : digits(text.substr(percent + 1))};
}

std::vector<SubmittedJob> plan_submission(SubmitRequest const& request) { return plan_jobs(request, Runs::nameless); }

std::vector<SubmittedJob> submit(SubmitRequest const& request)
{
    StopSignal const signals;  // between two jobs; what was submitted is taken back
    auto jobs = plan_jobs(request, Runs::announced);
    auto session = db::Session::open(request.database);
    for (std::size_t i = 0; i < jobs.size(); ++i)
        db::announce_runs(session, jobs[i].run_ids, announcement(request, request.jobs[i]));
    try {
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            if (StopSignal::requested())
                throw Error(Code::transient, "cannot submit job " + jobs[i].id, "a signal stopped it",
                            "nothing of it is in the queue: run the same command again");
            submit_one(jobs[i], jobs, request);
            db::mark_submitted(session, jobs[i].run_ids, ids_of_elements(jobs[i], request.array.has_value()));
        }
    } catch (Error const& error) {
        take_back(jobs, session, error.what());
        throw;
    }
    return jobs;
}

}  // namespace nocturne
