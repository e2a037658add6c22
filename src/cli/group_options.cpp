// Enters: an app. Leaves: a request.
#include "cli/group_options.hpp"

#include "driver/shell_words.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace nocturne::cli {

void add_group_options(App& app, GroupRequest& request)
{
    app.add_option("inputs", request.inputs, "Files of one group, a directory that holds them, or a Measurement Set")
        ->required();
    app.add_option("--group", request.only_group, "The group to take where a directory holds several");
    app.add_option("--min-subbands", request.min_subbands,
                   "Refuse (exit 66) a group of fewer subband files; default: take what is there")
        ->in_range(0, std::numeric_limits<int>::max());
    app.add_option("--backend", request.backend, "cuda, kokkos or auto")->one_of({"auto", "cuda", "kokkos"});
    add_memory_option(app, request.memory_gb);
}

void add_memory_option(App& app, double& gigabytes)
{
    auto const at_least_a_kilobyte = [](std::string const& text) -> std::string {
        char* end = nullptr;
        double const gb = std::strtod(text.c_str(), &end);
        bool const number = !text.empty() && *end == '\0';
        return number && std::isfinite(gb) && gb >= 1e-6 ? "" : "a number of gigabytes, 1e-6 or more";
    };
    app.add_option(
           "--memory", gigabytes,
           "Memory for the visibilities that one rank holds at once [GB]; default 0.16 on a host, a third of a GPU")
        ->check(at_least_a_kilobyte, "GB");
}

void write_set(Overrides& overrides, std::string const& path)
{
    if (path == "on" || path == "off")
        throw Error(Code::usage, "--ms " + path, "here it names the set to write", "say --ms OUT.ms");
    overrides["ms"] = path;
    auto const fields = overrides.find("fields");
    if (fields != overrides.end() && fields->second == "per-time") overrides.try_emplace("phase-center", "each");
}

void complete(GroupRequest& request, Globals const& globals)
{
    request.command_line = recorded_line(globals.command_line);
    request.database = globals.db;
}

}  // namespace nocturne::cli
