// What can be asked of a Job: its configuration as JSON, its parameters from text, the order of its passes.
#include "driver/job_file.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace nocturne {
namespace {

nlohmann::json json_of_value(ParamValue const& value)
{
    return std::visit([](auto const& v) { return nlohmann::json(v); }, value);
}

template<class T>
bool parse_all(std::string const& text, T& value)
{
    auto const result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

nlohmann::json retry_json(RetryPolicy const& retry)
{
    return {{"max", retry.most}, {"backoff", retry.backoff_s}, {"on", retry.on}};
}

nlohmann::json choice_json(GroupChoice const& choice)
{
    using Kind = GroupChoice::Kind;
    auto const items = choice.kind == Kind::all           ? nlohmann::json("groups")
                       : choice.kind == Kind::calibrators ? nlohmann::json("calibrators")
                       : choice.kind == Kind::others      ? nlohmann::json("others")
                                                          : nlohmann::json(choice.names);
    return {{"items", items},
            {"radius", choice.radius_deg},
            {"least-flux", choice.least_jy},
            {"catalog", choice.catalogue}};
}

}  // namespace

nlohmann::json Job::configuration() const
{
    nlohmann::json all = nlohmann::json::array();
    for (auto const& task : tasks) {
        nlohmann::json values = nlohmann::json::object();
        for (auto const& [key, value] : task.params.values()) values[key] = json_of_value(value);
        all.push_back({{"id", task.id}, {"task", task.stage->name}, {"args", values}});
    }
    return {{"job", name}, {"tasks", all}};
}

nlohmann::json Job::configuration_with_origin() const
{
    auto document = configuration();
    for (std::size_t i = 0; i < tasks.size(); ++i) document["tasks"][i]["origin"] = tasks[i].origin;
    document["retry"] = retry_json(retry);
    document["task_retry"] = nlohmann::json::object();  // of those that have one of their own
    for (auto const& task : tasks)
        if (task.retry != retry) document["task_retry"][task.id] = retry_json(task.retry);
    document["needs"] = needs;
    document["foreach"] = choice_json(groups);
    document["file"] = path;
    document["args"] = args;
    return document;
}

ParamValue parse_param(ParamSpec const& spec, std::string const& text)
{
    auto const fail = [&](char const* wanted) -> ParamValue {
        throw Error(Code::bad_config, "parameter " + spec.name + " = '" + text + "'",
                    std::string("it is not ") + wanted,
                    "give " + std::string(wanted) + (spec.unit.empty() ? "" : " in " + spec.unit));
    };
    if (std::holds_alternative<bool>(spec.fallback)) {
        static std::set<std::string> const yes{"true", "yes", "on", "1"}, no{"false", "no", "off", "0"};
        if (yes.count(text)) return true;
        return no.count(text) ? ParamValue(false) : fail("true or false");
    }
    if (std::holds_alternative<std::int64_t>(spec.fallback)) {
        std::int64_t value = 0;
        return parse_all(text, value) ? ParamValue(value) : fail("an integer");
    }
    if (std::holds_alternative<double>(spec.fallback)) {
        double value = 0;
        if (std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end()) return value;
        return parse_all(text, value) ? ParamValue(value) : fail("a number");
    }
    return text;
}

std::string to_text(ParamValue const& value)
{
    if (auto const* text = std::get_if<std::string>(&value)) return *text;
    return json_of_value(value).dump();
}

void check_order(Passes const& passes)
{
    std::set<Field> there{Field::header, Field::vis, Field::flag, Field::weight};
    std::set<std::string> names;
    for (auto const& pass : passes) {
        for (Field field : pass->reads())
            if (!there.count(field))
                throw Error(
                    Code::bad_config, "pass " + pass->name() + " reads " + name(field), "no task before it makes that",
                    "put the task that makes it first (convert makes uvw, flag makes counts, image makes nodes)");
        for (Field field : pass->writes()) there.insert(field);
        if (!names.insert(pass->name()).second)
            throw Error(Code::bad_config, "pass " + pass->name() + " stands twice", "a job runs each pass once",
                        "remove one of the tasks");
    }
}

}  // namespace nocturne
