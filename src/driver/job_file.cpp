// Reading of job files with yaml-cpp. Every key is looked up in a list of what may stand there; positions come from its marks.
#include "driver/job_file.hpp"

#include "driver/job_source.hpp"
#include "driver/retry.hpp"
#include "driver/template_text.hpp"
#include "driver/tiers.hpp"
#include "nocturne/nearest.hpp"
#include "nocturne/utf8.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace nocturne {
namespace {

YAML::Node parse(JobSource const& source)
{
    if (!std::filesystem::exists(source.path))
        throw Error(Code::input_missing, "no job file " + source.path, "no such file or directory",
                    "name a job file, such as jobs/continuum.yaml, or a directory of UVH5 files");
    std::ifstream file(source.path);
    if (!file)
        throw Error(Code::input_missing, "cannot read job file " + source.path, "it cannot be opened",
                    "check its permissions");
    std::string text(1 << 20, '\0');  // a pipe or a device may have no end
    if (file.read(text.data(), std::ssize(text)))
        throw Error(Code::bad_config, "no job file", "it is longer than a MiB", "name a job file").in(source.path);
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (!is_utf8(text))
        throw Error(Code::bad_config, "job file is not UTF-8", "some of its bytes are no character", "save it as UTF-8")
            .in(source.path);
    try {
        return YAML::Load(text);
    } catch (YAML::ParserException const& error) {
        throw Error(Code::bad_config, "job file is not YAML", error.msg, "mend it there")
            .in(source.path + ":" + std::to_string(error.mark.line + 1) + ":" + std::to_string(error.mark.column + 1));
    }
}

/// `args`: a list of names, each alone (compulsory) or with its default.
std::map<std::string, std::string> read_args(JobSource const& source, YAML::Node const& node,
                                             std::map<std::string, std::string> const& given)
{
    std::map<std::string, std::string> values;
    std::vector<std::string> names;
    if (node.IsDefined() && !node.IsSequence())
        source.fail(node, "args is not a list", "a list of names is expected",
                    "write '- name' or '- name: default' lines");
    for (auto const& item : node) {
        if (item.IsMap() && item.size() != 1)
            source.fail(item, "an argument of the job file is not one name", "each entry of args is one argument",
                        "write one '- name: default' line for each");
        auto const name = source.text(item.IsMap() ? item.begin()->first : item, "an argument's name");
        if (std::find(names.begin(), names.end(), name) != names.end())
            source.fail(item, "argument '" + name + "' is listed twice", "one of the two would be lost", "remove one");
        names.push_back(name);
        auto const found = given.find(name);
        if (found != given.end())
            values[name] = found->second;
        else if (item.IsMap())
            values[name] = source.text(item.begin()->second, "the default of " + name);
        else
            source.fail(item, "argument '" + name + "' has no value", "it is compulsory",
                        "say --arg " + name + "=VALUE");
    }
    for (auto const& [name, value] : given)
        if (std::find(names.begin(), names.end(), name) == names.end())
            throw Error(Code::bad_config, "unexpected argument '" + name + "'",
                        source.path + " does not list it under args", "remove it" + did_you_mean(name, names));
    return values;
}

/// How much the place weighs where a value was said.
enum class Weight { job_file, environment, command_line };

struct RawValue {
    std::string text, origin, where;
    Weight weight = Weight::job_file;
};

std::string environment_name(std::string name)
{
    for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return "NOCTURNE_" + name;
}

/// Before its values are looked up.
void check_tier(StageType const& stage, std::map<std::string, RawValue> const& raw)
{
    auto const found = raw.find("tier");
    if (found == raw.end()) return;
    for (auto const& spec : stage.params)
        if (spec.name == "tier")
            within(found->second.where, [&] { Params({spec}, {{"tier", parse_param(spec, found->second.text)}}); });
}

/// A tier's values go over what was said at a weaker place than the tier itself.
void add_tier(std::map<std::string, RawValue>& raw)
{
    auto const found = raw.find("tier");
    if (found == raw.end()) return;
    auto const tier = found->second;
    for (auto const& [name, text] : tier_values(tier.text)) {
        auto const known = raw.find(name);
        if (known == raw.end() || known->second.weight < tier.weight)
            raw[name] = {text, "tier " + tier.text, "tier " + tier.text, tier.weight};
    }
}

/// Values over defaults, weakest first: job file, environment, command line.
Task bind_task(std::string const& id, StageType const& stage, std::map<std::string, RawValue> raw,
               JobRequest const& request)
{
    Task task{id, &stage, {}, {}};
    std::vector<std::string> names;
    for (auto const& spec : stage.params) {
        names.push_back(spec.name);
        for (auto const& variable : {spec.environment, environment_name(spec.name)})
            if (char const* value = variable.empty() ? nullptr : std::getenv(variable.c_str()))
                raw[spec.name] = {value, "environment", variable, Weight::environment};
        auto const given = request.overrides.find(spec.name);
        if (given != request.overrides.end())
            raw[spec.name] = {given->second, "command line", "--" + spec.name, Weight::command_line};
    }
    check_tier(stage, raw);
    add_tier(raw);
    std::map<std::string, ParamValue> values;
    for (auto const& [name, value] : raw) {
        auto const spec = std::find_if(stage.params.begin(), stage.params.end(),
                                       [&, wanted = name](ParamSpec const& s) { return s.name == wanted; });
        if (spec == stage.params.end())
            throw Error(Code::bad_config, "unknown parameter '" + name + "' of stage " + stage.name,
                        "the stage does not declare it", "remove it" + did_you_mean(name, names))
                .in(value.where);
        within(value.where, [&] {
            values[name] = parse_param(*spec, value.text);
            Params({*spec}, {{name, values[name]}});  // its range, said with its place
        });
        task.origin[name] = value.origin;
    }
    for (auto const& spec : stage.params) task.origin.emplace(spec.name, "default");
    task.params = within("task " + id, [&] { return Params(stage.params, values); });
    return task;
}

/// A value, a text "a,b" with commas, or a list.
std::vector<std::string> words_of(JobSource const& source, YAML::Node const& node, std::string const& what,
                                  std::map<std::string, std::string> const& args)
{
    std::vector<std::string> words;
    auto const add = [&](YAML::Node const& one) {
        auto const text = within(source.at(one), [&] { return expand_template(source.text(one, what), args); });
        std::istringstream list(text);
        for (std::string word; std::getline(list, word, ',');)
            if (!word.empty()) words.push_back(word);
    };
    if (node.IsSequence())
        for (auto const& one : node) add(one);
    else
        add(node);
    return words;
}

double read_number(JobSource const& source, YAML::Node const& node, ParamSpec const& spec,
                   std::map<std::string, std::string> const& args)
{
    auto const text = source.text(node, spec.name);
    return within(source.at(node), [&] { return std::get<double>(parse_param(spec, expand_template(text, args))); });
}

/// `retry: {max: 3, backoff: 30, on: [io, oom]}`; what it does not say stays as it was. A plain number is max.
RetryPolicy read_retry(JobSource const& source, YAML::Node const& node, RetryPolicy policy,
                       std::map<std::string, std::string> const& args)
{
    auto const most = [&](YAML::Node const& number) {
        auto const n = read_number(source, number, {"max", "failures", 3.0, ""}, args);
        if (!(n >= 1 && n <= 1e6) || n != std::floor(n))
            source.fail(number, "retry: max is not a whole number from 1", "it counts failures",
                        "1 gives up after the first");
        return static_cast<int>(n);
    };
    if (node.IsScalar()) {
        policy.most = most(node);
        return policy;
    }
    source.expect_map(node, "retry", {"max", "backoff", "on"});
    if (node["max"].IsDefined()) policy.most = most(node["max"]);
    if (node["backoff"].IsDefined())
        policy.backoff_s = read_number(source, node["backoff"], {"backoff", "s", 2.0, ""}, args);
    if (!(policy.backoff_s >= 0)) source.fail(node, "retry: backoff is negative", "it is a pause", "give seconds");
    if (!node["on"].IsDefined()) return policy;
    policy.on = words_of(source, node["on"], "on", args);
    auto const& causes = retry_causes();
    for (auto const& cause : policy.on)
        if (std::find(causes.begin(), causes.end(), cause) == causes.end())
            source.fail(node["on"], "retry: on names '" + cause + "'", "there is no such cause",
                        "name io, space, oom, node, data or quality" + did_you_mean(cause, causes));
    return policy;
}

Task read_task(JobSource const& source, YAML::Node const& node, Job const& job, JobRequest const& request)
{
    auto const& args = job.args;
    source.expect_map(node, "a task", {"id", "task", "args", "retry"});
    auto stage_name = source.text(source.required(node, "task", "a task"), "'task' of a task");
    if (stage_name.rfind("nocturne.", 0) == 0) stage_name = stage_name.substr(9);
    auto const& stage = within(source.at(node["task"]), [&]() -> StageType const& { return stage_type(stage_name); });
    auto const id = node["id"].IsDefined() ? source.text(node["id"], "'id' of a task") : stage_name;
    std::map<std::string, RawValue> raw;
    if (node["args"].IsDefined()) {
        std::vector<std::string> known;
        for (auto const& spec : stage.params) known.push_back(spec.name);
        source.expect_map(node["args"], "args of task " + id, known);
        for (auto const& entry : node["args"]) {
            auto const text = source.text(entry.second, "a parameter");
            auto const value = within(source.at(entry.second), [&] { return expand_template(text, args); });
            auto const weight = request.args.count(lone_argument(text)) ? Weight::command_line : Weight::job_file;
            raw[entry.first.as<std::string>()] = {value, value == text ? "job file" : "argument",
                                                  source.at(entry.second), weight};
        }
    }
    auto task = bind_task(id, stage, std::move(raw), request);
    task.retry = node["retry"].IsDefined() ? read_retry(source, node["retry"], job.retry, args) : job.retry;
    return task;
}

/// An argument that a task takes whole shows the value that the task has in the end: options and the environment weigh more.
void show_effective(JobSource const& source, YAML::Node const& node, Task const& task,
                    std::map<std::string, std::string>& args)
{
    if (!node["args"].IsDefined()) return;
    for (auto const& entry : node["args"]) {
        auto const name = entry.first.as<std::string>();
        auto const argument = lone_argument(source.text(entry.second, "a parameter"));
        auto const& origin = task.origin.at(name);
        if (args.count(argument) &&
            (origin == "command line" || origin == "environment" || origin.starts_with("tier ")))
            args[argument] = to_text(task.params.values().at(name));
    }
}

/// What is said on the command line must reach a task: solutions that nobody applies are no small thing.
void check_overrides(std::vector<Job> const& jobs, JobRequest const& request)
{
    for (auto const& [name, value] : request.overrides) {
        auto const has = [&, wanted = name](Task const& task) { return task.params.values().count(wanted) > 0; };
        bool const known = std::any_of(jobs.begin(), jobs.end(), [&](Job const& job) {
            return std::any_of(job.tasks.begin(), job.tasks.end(), has);
        });
        if (!known)
            throw Error(Code::bad_config, "--" + name + " " + value,
                        "no task of " + jobs.front().path + " has this parameter",
                        "add the task that has it, or leave it out");
    }
}

/// `foreach`: items are groups, calibrators, others, or names and patterns of groups.
GroupChoice read_foreach(JobSource const& source, YAML::Node const& node,
                         std::map<std::string, std::string> const& args)
{
    using Kind = GroupChoice::Kind;
    static std::map<std::string, Kind> const kinds{
        {"groups", Kind::all}, {"calibrators", Kind::calibrators}, {"others", Kind::others}};
    GroupChoice choice;
    source.expect_map(node, "foreach", {"items", "radius", "least-flux", "catalog"});
    if (node["radius"].IsDefined())
        choice.radius_deg = read_number(source, node["radius"], {"radius", "degrees", 1.0, ""}, args);
    if (node["least-flux"].IsDefined())
        choice.least_jy = read_number(source, node["least-flux"], {"least-flux", "Jy", 1.0, ""}, args);
    if (node["catalog"].IsDefined()) choice.catalogue = expand_template(source.text(node["catalog"], "catalog"), args);
    auto const words = words_of(source, source.required(node, "items", "foreach"), "items", args);
    if (words.empty())
        source.fail(node, "foreach has no items", "nothing would be done",
                    "write groups, calibrators, others, or names of groups");
    auto const kind = kinds.find(words.front());
    if (words.size() == 1 && kind != kinds.end()) {
        choice.kind = kind->second;
        return choice;
    }
    choice.kind = Kind::named;
    for (auto const& word : words) {
        if (kinds.count(word))
            source.fail(node["items"], "items name '" + word + "' among others", "it stands alone",
                        "write it alone, or name groups");
        choice.names.push_back(word);
    }
    return choice;
}

Job read_job(JobSource const& source, std::string const& id, YAML::Node const& body, Job job, JobRequest const& request)
{
    source.expect_map(body, "job " + id, {"tasks", "needs", "foreach", "retry"});
    job.id = id;
    if (body["retry"].IsDefined()) job.retry = read_retry(source, body["retry"], job.retry, job.args);
    if (body["needs"].IsDefined()) job.needs = words_of(source, body["needs"], "needs", job.args);
    job.needs_at = source.at(body["needs"].IsDefined() ? body["needs"] : body);
    if (body["foreach"].IsDefined()) job.groups = read_foreach(source, body["foreach"], job.args);
    if (!body["tasks"].IsDefined() || !body["tasks"].IsSequence() || body["tasks"].size() == 0)
        source.fail(body, "job " + id + " has no tasks", "nothing would be done", "list them under tasks");
    std::set<std::string> ids;
    auto effective = job.args;
    for (auto const& node : body["tasks"]) {
        job.tasks.push_back(read_task(source, node, job, request));
        show_effective(source, node, job.tasks.back(), effective);
        if (!ids.insert(job.tasks.back().id).second)
            source.fail(node, "two tasks have the id '" + job.tasks.back().id + "'", "ids tell tasks apart",
                        "rename one");
    }
    job.args = std::move(effective);
    within(source.at(body), [&] { check_order(job.passes()); });
    return job;
}

}  // namespace

std::vector<Job> load_jobs(std::string const& path, JobRequest const& request)
{
    JobSource const source{path};
    auto const root = parse(source);
    source.expect_map(root, "the job file", {"id", "name", "dataset", "args", "jobs", "schema_version"});
    Job common;
    common.path = path;
    common.name = source.text(source.required(root, "name", "the job file"), "'name'");
    common.args = read_args(source, root["args"], request.args);
    auto const nodes = root["jobs"];
    if (!nodes.IsDefined() || !nodes.IsMap() || nodes.size() == 0)
        source.fail(root, "the job file needs a job under jobs", "it has none",
                    "write one: jobs: {NAME: {tasks: […]}}");
    std::vector<Job> jobs;
    std::set<std::string> ids;
    for (auto const& entry : nodes) {
        auto const id = source.text(entry.first, "the name of a job");
        if (!ids.insert(id).second)
            source.fail(entry.first, "two jobs are called '" + id + "'", "one of the two would be lost", "rename one");
        auto job = common;
        if (nodes.size() > 1) job.name += "." + id;
        jobs.push_back(read_job(source, id, entry.second, std::move(job), request));
    }
    check_overrides(jobs, request);
    return order_by_needs(std::move(jobs));
}

Job make_job(std::string const& name, std::vector<std::string> const& stages, JobRequest const& request)
{
    Job job;
    job.name = name;
    for (auto const& stage : stages) job.tasks.push_back(bind_task(stage, stage_type(stage), {}, request));
    check_order(job.passes());
    return job;
}

Passes Job::passes() const
{
    Passes all;
    for (auto const& task : tasks)
        for (auto& pass : task.stage->make(task.params)) all.push_back(std::move(pass));
    return all;
}

}  // namespace nocturne
