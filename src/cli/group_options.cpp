// Enters: an app. Leaves: a request.
#include "cli/group_options.hpp"

#include "cli/shell_words.hpp"

#include <cmath>

namespace nocturne::cli {

void add_group_options(CLI::App& app, GroupRequest& request)
{
    app.add_option("inputs", request.inputs, "Files of one group, a directory that holds them, or a Measurement Set")
        ->required();
    app.add_option("--group", request.only_group, "The group to take where a directory holds several");
    app.add_option("--backend", request.backend, "cuda, kokkos or auto")
        ->check(CLI::IsMember({"auto", "cuda", "kokkos"}));
    add_memory_option(app, request.memory_gb);
}

void add_memory_option(CLI::App& app, double& gigabytes)
{
    auto const at_least_a_kilobyte = [](std::string const& text) -> std::string {
        double gb = 0;
        bool const number = CLI::detail::lexical_cast(text, gb);
        return number && std::isfinite(gb) && gb >= 1e-6 ? "" : "a number of gigabytes, 1e-6 or more";
    };
    app.add_option(
           "--memory", gigabytes,
           "Memory for the visibilities that one rank holds at once [GB]; default 0.16 on a host, a third of a GPU")
        ->check(CLI::Validator(at_least_a_kilobyte, "GB"));
}

void complete(GroupRequest& request, Globals const& globals)
{
    request.command_line = shell_line(globals.command_line);
    request.database = globals.db;
}

}  // namespace nocturne::cli
