#include "driver/job_arguments.hpp"

namespace nocturne {

std::map<std::string, std::string> parse_job_args(std::vector<std::string> const& given)
{
    std::map<std::string, std::string> args;
    for (auto const& text : given) {
        auto const equals = text.find('=');
        if (equals == std::string::npos || equals == 0)
            throw Error(Code::usage, "--arg " + text, "it is not NAME=VALUE", "write --arg incoming=DIR, for example");
        args[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return args;
}

std::string argument_of(Job const& job, std::string const& name)
{
    auto const found = job.args.find(name);
    if (found == job.args.end())
        throw Error(Code::bad_config, "the job has no argument '" + name + "'", "a run needs it",
                    "list it under args in " + job.path);
    return found->second;
}

}  // namespace nocturne
