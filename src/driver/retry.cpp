#include "driver/retry.hpp"

#include "driver/room.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

namespace nocturne {
namespace {

constexpr double longest_pause_s = 300;

bool says(GroupFailure const& failure, std::string const& words)
{
    return failure.message.find(words) != std::string::npos;
}

}  // namespace

std::vector<std::string> const& retry_causes()
{
    static std::vector<std::string> const causes{"io", "space", "oom", "node", "data", "quality"};
    return causes;
}

std::string cause_of(GroupFailure const& failure)
{
    auto const is = [&](Code code) { return failure.code == exit_code(code); };
    if (is(Code::io))
        return says(failure, std::strerror(ENOSPC)) || says(failure, std::strerror(EDQUOT)) ? "space" : "io";
    if (is(Code::system)) return says(failure, "out of memory") || says(failure, no_memory) ? "oom" : "node";
    if (is(Code::bad_input) || is(Code::input_missing)) return "data";
    return is(Code::qa_fail) ? "quality" : "";
}

std::string not_of_the_group(GroupFailure const& failure)
{
    // A file that is not what was indexed is mended by a copy of the same name and size.
    if (failure.stage == "verify") return failure.stage;
    auto const cause = cause_of(failure);
    return cause == "space" || cause == "oom" ? cause : "";
}

RetryPolicy const& policy_for(Job const& job, std::string const& stage)
{
    auto const name = stage.substr(0, stage.find('.'));
    for (auto const& task : job.tasks)
        if (task.stage->name == name) return task.retry;
    return job.retry;
}

std::optional<double> pause_before_retry(RetryPolicy const& policy, GroupFailure const& failure, int failures)
{
    auto const& on = policy.on;
    if (failures >= policy.most || std::find(on.begin(), on.end(), cause_of(failure)) == on.end()) return std::nullopt;
    return std::min(longest_pause_s, policy.backoff_s * std::pow(2.0, failures - 1));
}

}  // namespace nocturne
