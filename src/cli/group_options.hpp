// Options of the verbs that work on one group by hand: which files, which group, which device, how much memory.
#pragma once

#include "cli/verb.hpp"
#include "driver/group_inputs.hpp"

namespace nocturne::cli {

/// Declares `inputs`, --group, --backend and --memory. `request` must live as long as the app.
void add_group_options(App& app, GroupRequest& request);

void add_memory_option(App& app, double& gigabytes);

/// The command line and the database, once the options are parsed.
void complete(GroupRequest& request, Globals const& globals);

}  // namespace nocturne::cli
