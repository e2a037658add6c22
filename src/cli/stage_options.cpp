// Enters: the declarations of all stages. Leaves: options, Markdown, JSON Schema.
#include "cli/stage_options.hpp"

#include "driver/retry.hpp"

#include <map>
#include <set>
#include <sstream>

namespace nocturne::cli {
namespace {

std::string range_text(ParamSpec const& spec)
{
    std::ostringstream text;
    for (std::size_t i = 0; i < spec.choices.size(); ++i) text << (i ? ", " : "") << spec.choices[i];
    bool const number = !std::holds_alternative<std::string>(spec.fallback);
    if (number && !spec.choices.empty()) text << ", ";
    bool const low = spec.min > -std::numeric_limits<double>::infinity();
    bool const high = spec.max < std::numeric_limits<double>::infinity();
    if (low && high)
        text << spec.min << " … " << spec.max;
    else if (low)
        text << "≥ " << spec.min;
    else if (high)
        text << "≤ " << spec.max;
    return text.str();
}

std::string help_text(ParamSpec const& spec)
{
    std::string text = spec.text;
    if (!spec.unit.empty()) text += " [" + spec.unit + "]";
    auto const range = range_text(spec);
    if (!range.empty()) text += " {" + range + "}";
    auto const fallback = to_text(spec.fallback);
    return text + (fallback.empty() ? "" : "; default " + fallback);
}

char const* const json_types[] = {"boolean", "integer", "number", "string"};
char const* const value_names[] = {"BOOL", "INT", "NUMBER", "TEXT"};

nlohmann::ordered_json schema_of(ParamSpec const& spec)
{
    nlohmann::ordered_json schema;
    schema["description"] = help_text(spec);
    // A template such as ${{ args.imsize }} may stand for a value of any type.
    nlohmann::ordered_json value;
    value["type"] = json_types[spec.fallback.index()];
    bool const words = !spec.choices.empty() && std::holds_alternative<std::string>(spec.fallback);
    if (words) value["enum"] = spec.choices;
    if (spec.min > -std::numeric_limits<double>::infinity()) value["minimum"] = spec.min;
    if (spec.max < std::numeric_limits<double>::infinity()) value["maximum"] = spec.max;
    schema["anyOf"] = {value, {{"type", "string"}, {"pattern", "\\$\\{\\{.*\\}\\}"}}};
    if (!words && !spec.choices.empty()) schema["anyOf"].push_back({{"enum", spec.choices}});
    std::visit([&](auto const& v) { schema["default"] = v; }, spec.fallback);
    return schema;
}

/// One text, or a list of them.
nlohmann::ordered_json words_schema()
{
    return {{"oneOf", {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}}}};
}

nlohmann::ordered_json retry_schema()
{
    auto const& causes = retry_causes();
    return {{"description", "When a group that fails here is tried again, and when it is given up"},
            {"oneOf",
             {{{"type", "integer"}, {"minimum", 1}},
              {{"type", "object"},
               {"additionalProperties", false},
               {"properties",
                {{"max", {{"type", {"integer", "string"}}, {"default", RetryPolicy{}.most}}},
                 {"backoff", {{"type", {"number", "string"}}, {"default", RetryPolicy{}.backoff_s}}},
                 {"on", {{"oneOf", {{{"enum", causes}}, {{"type", "array"}, {"items", {{"enum", causes}}}}}}}}}}}}}};
}

nlohmann::ordered_json task_schema(StageType const& stage)
{
    nlohmann::ordered_json args{
        {"type", "object"}, {"additionalProperties", false}, {"properties", nlohmann::ordered_json::object()}};
    for (auto const& spec : stage.params) args["properties"][spec.name] = schema_of(spec);
    nlohmann::ordered_json properties{
        {"id", {{"type", "string"}}},
        {"task", {{"enum", {stage.name, "nocturne." + stage.name}}, {"description", stage.summary}}},
        {"args", args},
        {"retry", retry_schema()}};
    return {{"type", "object"}, {"additionalProperties", false}, {"required", {"task"}}, {"properties", properties}};
}

}  // namespace

/// Some parameters have the names, too, that DSA-110's programs give them.
std::shared_ptr<Overrides> add_stage_options(App& app, std::vector<std::string> const& stages,
                                             std::set<std::string> const& of_the_verb)
{
    static std::map<std::string, std::string> const also{
        {"cell", "cell-arcsec"}, {"tier", "quality-tier"}, {"mask-radius", "mask-radius-arcsec"}};
    auto overrides = std::make_shared<Overrides>();
    auto seen = of_the_verb;
    for (auto const& name : stages)
        for (auto const& spec : stage_type(name).params) {
            if (!seen.insert(spec.name).second) continue;
            app.add_option_function(
                   "--" + spec.name + (also.count(spec.name) ? ",--" + also.at(spec.name) : ""),
                   [overrides, key = spec.name](std::string const& value) { (*overrides)[key] = value; },
                   help_text(spec))
                ->type_name(value_names[spec.fallback.index()])
                ->group("Stage " + name);
        }
    return overrides;
}

std::vector<std::string> with_switches_on(std::vector<std::string> words)
{
    static std::set<std::string> const values{"true", "yes", "on", "1", "false", "no", "off", "0"};
    std::set<std::string> switches;
    for (auto const& stage : stage_types())
        for (auto const& spec : stage.params)
            if (std::holds_alternative<bool>(spec.fallback)) switches.insert("--" + spec.name);
    switches.erase("--force");  // a flag: it takes no value
    for (std::size_t i = 0; i < words.size(); ++i)
        if (switches.count(words[i]) && (i + 1 == words.size() || !values.count(words[i + 1]))) words[i] += "=true";
    return words;
}

void add_force(App& app, std::shared_ptr<Overrides> const& overrides)
{
    app.add_flag_callback(
           "--force", [overrides] { (*overrides)["force"] = "true"; },
           "Apply solutions that do not fit the group, too; recorded in every product")
        ->group("Stage apply");
}

std::string stages_markdown()
{
    std::ostringstream page;
    page << "# Stages\n\nMade from the declarations by `nocturne stages --markdown`; a test keeps it true.\n\n"
            "Beside `id` and `args` a task, or a whole job, may have `retry: {max: 3, backoff: 2, on: [io, oom, "
            "node]}` (these are "
            "the defaults): a group whose failure here has one of these causes is tried again by the same run, "
            "`backoff` "
            "seconds later, then twice as long, up to 300 s; after `max` failures one after the other, of all runs "
            "together, it is given up. Causes: io, space (a full disk), oom, node, data, quality.\n";
    for (auto const& stage : stage_types()) {
        page << "\n## " << stage.name << "\n\n" << stage.summary << ".\n";
        if (stage.params.empty()) {
            page << "\nNo parameters.\n";
            continue;
        }
        page << "\n| parameter | unit | default | values | meaning |\n|---|---|---|---|---|\n";
        for (auto const& spec : stage.params) {
            auto const fallback = to_text(spec.fallback);
            page << "| `" << spec.name << "` | " << spec.unit << " | " << (fallback.empty() ? "" : "`" + fallback + "`")
                 << " | " << range_text(spec) << " | " << spec.text << " |\n";
        }
    }
    return page.str();
}

nlohmann::ordered_json job_schema()
{
    nlohmann::ordered_json tasks = nlohmann::ordered_json::array();
    for (auto const& stage : stage_types()) tasks.push_back(task_schema(stage));
    nlohmann::ordered_json const job{{"type", "object"},
                                     {"additionalProperties", false},
                                     {"required", {"tasks"}},
                                     {"properties",
                                      {{"tasks", {{"type", "array"}, {"minItems", 1}, {"items", {{"oneOf", tasks}}}}},
                                       {"needs", words_schema()},
                                       {"foreach",
                                        {{"type", "object"},
                                         {"additionalProperties", false},
                                         {"required", {"items"}},
                                         {"properties",
                                          {{"items", words_schema()},
                                           {"radius", {{"type", {"number", "string"}}}},
                                           {"least-flux", {{"type", {"number", "string"}}}},
                                           {"catalog", {{"type", "string"}}}}}}},
                                       {"retry", retry_schema()}}}};
    nlohmann::ordered_json const argument{
        {"oneOf", {{{"type", "string"}}, {{"type", "object"}, {"minProperties", 1}, {"maxProperties", 1}}}}};
    return {{"$schema", "http://json-schema.org/draft-07/schema#"},
            {"title", "Nocturne job file"},
            {"type", "object"},
            {"additionalProperties", false},
            {"required", {"name", "jobs"}},
            {"properties",
             {{"name", {{"type", "string"}}},
              {"id", {{"type", "string"}}},
              {"dataset", {{"type", "string"}}},
              {"schema_version", {{"type", "string"}}},
              {"args", {{"type", "array"}, {"items", argument}}},
              {"jobs", {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", job}}}}}};
}

}  // namespace nocturne::cli
