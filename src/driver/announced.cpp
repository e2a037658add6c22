#include "driver/announced.hpp"

#include <map>
#include <set>

namespace nocturne {
namespace {

using Values = std::map<std::string, std::string>;

void add(Values& values, std::string const& prefix, nlohmann::json const& object)
{
    for (auto const& [key, value] : object.items()) values[prefix + key] = value.dump();
}

/// By key; what the command line gives stands in `spoken`, all of a task whose tier it gives.
Values values_by_key(nlohmann::json const& configuration, std::set<std::string>& spoken)
{
    Values values;
    values["name"] = configuration.at("job").dump();
    values["needs"] = configuration.at("needs").dump();
    for (std::string const key : {"args", "retry", "foreach"}) add(values, key + ".", configuration.at(key));
    for (auto const& [id, retry] : configuration.at("task_retry").items()) add(values, id + ".retry.", retry);
    for (auto const& task : configuration.at("tasks")) {
        auto const id = task.at("id").get<std::string>();
        values["tasks"] += id + " (" + task.at("task").get<std::string>() + ") ";
        add(values, id + ".", task.at("args"));
        auto const& origins = task.at("origin");
        bool const all = origins.value("tier", "") == "command line";
        for (auto const& [key, origin] : origins.items())
            if (all || origin == "command line") spoken.insert(id + "." + key);
    }
    return values;
}

}  // namespace

std::vector<std::string> changed_since_submission(std::string const& announced, Job const& job)
{
    auto const before_json = nlohmann::json::parse(announced, nullptr, false);
    if (!before_json.is_object() || !before_json.contains("foreach")) return {};  // of another version
    std::set<std::string> spoken;
    auto const before = values_by_key(before_json, spoken);
    spoken.clear();
    auto const now = values_by_key(job.configuration_with_origin(), spoken);
    std::set<std::string> changed;
    for (auto const& [key, value] : before)
        if (auto const same = now.find(key); same == now.end() || same->second != value) changed.insert(key);
    for (auto const& [key, value] : now)
        if (!before.count(key)) changed.insert(key);
    for (auto const& key : spoken) changed.erase(key);
    if (!spoken.empty())  // an argument shows the value that its task has in the end
        std::erase_if(changed, [](std::string const& key) { return key.starts_with("args."); });
    return {changed.begin(), changed.end()};
}

}  // namespace nocturne
