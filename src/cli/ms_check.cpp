// Verb `ms check`: a Measurement Set looked at as CASA, WSClean and DP3 will.
#include "driver/ms_check.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

#include <iostream>

namespace nocturne::cli {
namespace ms_check_verb {

struct Options {
    std::string path;
    bool strict = false;
};

std::string text_of(std::optional<double> const& value)
{
    if (!value) return "";
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", *value);
    return text;
}

nlohmann::ordered_json number_of(std::optional<double> const& value)
{
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json to_json(MsCheckReport const& report, bool strict)
{
    auto checks = nlohmann::ordered_json::array();
    for (auto const& check : report.checks)
        checks.push_back({{"name", check.name},
                          {"verdict", name(check.verdict)},
                          {"value", number_of(check.value)},
                          {"limit", number_of(check.limit)},
                          {"unit", check.unit},
                          {"message", check.sentence}});
    return {{"path", report.path}, {"verdict", name(report.verdict(strict))}, {"strict", strict}, {"checks", checks}};
}

int run_verb(Options const& options, Globals const& globals)
{
    auto const report = check_measurement_set(options.path);
    if (globals.json) {
        print_json(to_json(report, options.strict));
    } else {
        std::vector<std::vector<std::string>> rows;
        for (auto const& check : report.checks)
            rows.push_back({check.name, name(check.verdict), text_of(check.value), text_of(check.limit), check.unit,
                            check.sentence});
        print_table({"check", "verdict", "value", "limit", "unit", ""}, rows);
        std::cout << report.path << ": " << name(report.verdict(options.strict)) << std::endl;
    }
    return report.verdict(options.strict) == MsVerdict::fail ? exit_code(Code::qa_fail) : 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<Options>();
    app.add_option("ms", options->path, "Measurement Set")->required();
    app.add_flag("--strict", options->strict, "Warnings count as failures");
    return [options, &globals] { return run_verb(*options, globals); };
}

VerbRegistrar const here{{"ms check",
                          "Check a Measurement Set as CASA, WSClean and DP3 will read it (exit 3 where a check fails)",
                          &declare}};

}  // namespace ms_check_verb
}  // namespace nocturne::cli
