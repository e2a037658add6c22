// Options of the verbs that work on one group by hand: which files, which group, which device, how much memory.
#pragma once

#include "cli/stage_options.hpp"
#include "cli/verb.hpp"
#include "driver/group_inputs.hpp"

namespace nocturne::cli {

/// Declares `inputs`, --group, --backend and --memory. `request` must live as long as the app.
void add_group_options(App& app, GroupRequest& request);

void add_memory_option(App& app, double& gigabytes);

/// What stage export is told to write the Measurement Set `path`; one FIELD per time has each time at its own centre. Throws
/// Error(usage) for "on" and "off", which name no set.
void write_set(Overrides& overrides, std::string const& path);

/// The command line and the database, once the options are parsed.
void complete(GroupRequest& request, Globals const& globals);

}  // namespace nocturne::cli
