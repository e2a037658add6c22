// Reading of job files with yaml-cpp. Every key is looked up in a list of what may stand there; positions come from its marks.
#include "driver/job_file.hpp"

#include "driver/template_text.hpp"
#include "nocturne/nearest.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace nocturne {
namespace {

/// The file being read, for messages.
struct Source {
    std::string path;

    std::string at(YAML::Node const& node) const
    {
        auto const mark = node.Mark();
        return mark.is_null() ? path
                              : path + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    }
    [[noreturn]] void fail(YAML::Node const& node, std::string problem, std::string reason, std::string advice) const
    {
        throw Error(Code::bad_config, std::move(problem), std::move(reason), std::move(advice)).in(at(node));
    }
    void expect_map(YAML::Node const& node, std::string const& what, std::vector<std::string> const& keys) const
    {
        if (!node.IsMap())
            fail(node, what + " is not a mapping", "keys and values are expected", "write 'key: value' lines");
        std::set<std::string> seen;
        for (auto const& entry : node) {
            auto const key = entry.first.as<std::string>();
            if (std::find(keys.begin(), keys.end(), key) == keys.end())
                fail(entry.first, "unknown key '" + key + "' in " + what, "it means nothing here",
                     "remove it" + did_you_mean(key, keys));
            if (!seen.insert(key).second)
                fail(entry.first, "key '" + key + "' stands twice in " + what, "one of the two would be lost",
                     "remove one");
        }
    }
    std::string text(YAML::Node const& node, std::string const& what) const
    {
        if (!node.IsDefined() || !node.IsScalar())
            fail(node, what + " is not a single value", "a text or number is expected", "write one value");
        return node.Scalar();
    }
};

YAML::Node parse(Source const& source)
{
    if (!std::filesystem::exists(source.path))
        throw Error(Code::input_missing, "no job file " + source.path, "no such file",
                    "name an existing one, such as jobs/continuum.yaml");
    try {
        return YAML::LoadFile(source.path);
    } catch (YAML::ParserException const& error) {
        throw Error(Code::bad_config, "job file is not YAML", error.msg, "mend it there")
            .in(source.path + ":" + std::to_string(error.mark.line + 1) + ":" + std::to_string(error.mark.column + 1));
    } catch (YAML::BadFile const&) {
        throw Error(Code::input_missing, "cannot read job file " + source.path, "it cannot be opened",
                    "check its permissions");
    }
}

/// `args`: a list of names, each alone (compulsory) or with its default.
std::map<std::string, std::string> read_args(Source const& source, YAML::Node const& node,
                                             std::map<std::string, std::string> const& given)
{
    std::map<std::string, std::string> values;
    std::vector<std::string> names;
    if (node.IsDefined() && !node.IsSequence())
        source.fail(node, "args is not a list", "a list of names is expected",
                    "write '- name' or '- name: default' lines");
    for (auto const& item : node) {
        auto const name =
            item.IsMap() ? item.begin()->first.as<std::string>() : source.text(item, "an argument's name");
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

struct RawValue {
    std::string text, origin, where;
};

std::string environment_name(std::string name)
{
    for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return "NOCTURNE_" + name;
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
                raw[spec.name] = {value, "environment", variable};
        auto const given = request.overrides.find(spec.name);
        if (given != request.overrides.end()) raw[spec.name] = {given->second, "command line", "--" + spec.name};
    }
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

Task read_task(Source const& source, YAML::Node const& node, std::map<std::string, std::string> const& args,
               JobRequest const& request)
{
    source.expect_map(node, "a task", {"id", "task", "args"});
    auto stage_name = source.text(node["task"], "'task' of a task");
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
            raw[entry.first.as<std::string>()] = {value, value == text ? "job file" : "argument",
                                                  source.at(entry.second)};
        }
    }
    return bind_task(id, stage, std::move(raw), request);
}

/// An argument that a task takes whole shows the value that the task has in the end: options and the environment weigh more.
void show_effective(Source const& source, YAML::Node const& node, Task const& task,
                    std::map<std::string, std::string>& args)
{
    if (!node["args"].IsDefined()) return;
    for (auto const& entry : node["args"]) {
        auto const name = entry.first.as<std::string>();
        auto const argument = lone_argument(source.text(entry.second, "a parameter"));
        auto const& origin = task.origin.at(name);
        if (args.count(argument) && (origin == "command line" || origin == "environment"))
            args[argument] = to_text(task.params.values().at(name));
    }
}

/// What is said on the command line must reach a task: solutions that nobody applies are no small thing.
void check_overrides(Job const& job, JobRequest const& request)
{
    for (auto const& [name, value] : request.overrides) {
        bool const known = std::any_of(job.tasks.begin(), job.tasks.end(), [&, wanted = name](Task const& task) {
            return task.params.values().count(wanted);
        });
        if (!known)
            throw Error(Code::bad_config, "--" + name + " " + value, "no task of " + job.path + " has this parameter",
                        "add the task that has it, or leave it out");
    }
}

}  // namespace

Job load_job(std::string const& path, JobRequest const& request)
{
    Source const source{path};
    auto const root = parse(source);
    source.expect_map(root, "the job file", {"id", "name", "dataset", "args", "jobs", "schema_version"});
    Job job;
    job.path = path;
    job.name = source.text(root["name"], "'name'");
    job.args = read_args(source, root["args"], request.args);
    auto const jobs = root["jobs"];
    if (!jobs.IsDefined() || !jobs.IsMap() || jobs.size() != 1)
        source.fail(root, "the job file needs exactly one job under jobs",
                    "it has " + std::to_string(jobs.IsDefined() ? jobs.size() : 0),
                    "write one: jobs: {NAME: {tasks: […]}}");
    auto const body = jobs.begin()->second;
    source.expect_map(body, "job " + jobs.begin()->first.as<std::string>(), {"tasks", "needs", "foreach"});
    if (body["needs"].IsDefined() && body["needs"].size() > 0)
        source.fail(body["needs"], "this job needs another one", "there is only one job in the file", "remove needs");
    if (body["foreach"].IsDefined()) {
        source.expect_map(body["foreach"], "foreach", {"items"});
        if (source.text(body["foreach"]["items"], "items") != "groups")
            source.fail(body["foreach"]["items"], "unknown items", "a job runs once for each group",
                        "write 'items: groups'");
    }
    if (!body["tasks"].IsDefined() || !body["tasks"].IsSequence() || body["tasks"].size() == 0)
        source.fail(body, "the job has no tasks", "nothing would be done", "list them under tasks");
    std::set<std::string> ids;
    auto effective = job.args;
    for (auto const& node : body["tasks"]) {
        job.tasks.push_back(read_task(source, node, job.args, request));
        show_effective(source, node, job.tasks.back(), effective);
        if (!ids.insert(job.tasks.back().id).second)
            source.fail(node, "two tasks have the id '" + job.tasks.back().id + "'", "ids tell tasks apart",
                        "rename one");
    }
    job.args = std::move(effective);
    check_overrides(job, request);
    within(path, [&] { check_order(job.passes()); });
    return job;
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
