// Options made from the parameters that stages declare, and the same declarations as text, Markdown and JSON Schema.
#pragma once

#include "cli/verb.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace nocturne::cli {

/// Values the user typed, by parameter name.
using Overrides = std::map<std::string, std::string>;

/// Adds `--NAME` for each parameter of the stages to `app`; values end up in the returned map. A parameter that two stages
/// share becomes one option, which sets both. Those `of_the_verb` it declares itself.
std::shared_ptr<Overrides> add_stage_options(App& app, std::vector<std::string> const& stages,
                                             std::set<std::string> const& of_the_verb = {});

/// The words of a command line in which a switch of a stage that has no value after it, "--strict-earth", is "--strict-earth=true".
std::vector<std::string> with_switches_on(std::vector<std::string> words);

/// `--force` of stage apply, as a flag.
void add_force(App& app, std::shared_ptr<Overrides> const& overrides);

/// "docs/stages.md": a table of parameters for each stage.
std::string stages_markdown();

/// JSON Schema (draft 7) of a job file, for editors.
nlohmann::ordered_json job_schema();

}  // namespace nocturne::cli
