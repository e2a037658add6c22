// Verb `backfill`: submits what a directory lacks of a job's results.
#include "driver/backfill.hpp"
#include "cli/submit_options.hpp"
#include "cli/table.hpp"
#include "cli/window.hpp"
#include "driver/job_arguments.hpp"

#include <iostream>

#include <spdlog/spdlog.h>

namespace nocturne::cli {
namespace backfill_verb {

struct Options {
    SubmitOptions submit;
    std::string since, until;
    int min_subbands = 12;
};

std::vector<std::string> run_words(Options const& options)
{
    std::vector<std::string> words;
    if (!options.since.empty()) words.insert(words.end(), {"--since", options.since});
    if (!options.until.empty()) words.insert(words.end(), {"--until", options.until});
    words.insert(words.end(), {"--min-subbands", std::to_string(options.min_subbands)});
    return words;
}

RunRequest question(Options const& options, SubmitRequest const& submission)
{
    RunRequest request;
    request.jobs = submission.jobs;
    request.incoming = argument_of(submission.jobs.front(), "incoming");
    request.out = submission.out;
    request.database = submission.database;
    request.min_subbands = options.min_subbands;
    if (!options.since.empty()) request.since_mjd = parse_mjd(options.since, "--since");
    if (!options.until.empty()) request.until_mjd = parse_mjd(options.until, "--until");
    require_window(request.since_mjd, request.until_mjd);
    return request;
}

void print_list(std::vector<MissingResult> const& missing, Globals const& globals)
{
    auto list = nlohmann::ordered_json::array();
    for (auto const& one : missing) {
        if (!globals.json) std::cout << one.group_id << "\n";
        list.push_back({{"job", one.job}, {"group_id", one.group_id}});
    }
    if (globals.json) print_json(list);
}

std::string why_nothing(Missing const& found)
{
    if (found.groups == 0) return "no group is there, or none in the window";
    if (found.waiting + found.unfit == 0) return "every group has its result";
    return "of " + std::to_string(found.groups) + " groups " + std::to_string(found.waiting) +
           " are still collecting, " + std::to_string(found.unfit) +
           " cannot be worked on, and the others have their results";
}

int backfill(Options const& options, Globals const& globals)
{
    if (!options.submit.run_options.empty())
        throw Error(Code::usage, "options after -- for backfill",
                    "they would make other results than those it looks for",
                    "give them as arguments of the job file: --arg imsize=4096");
    auto const submission = options.submit.request(globals, run_words(options));
    auto const found = find_missing(question(options, submission));
    auto const& missing = found.results;
    if (options.submit.dry_run || missing.empty()) {
        print_list(missing, globals);
        if (missing.empty()) spdlog::info("nothing to fill in: {}", why_nothing(found));
        return 0;
    }
    spdlog::info("{} to fill in, from {} on", missing.size(), missing.front().group_id);
    return hand_over(submission, options.submit, globals);
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    o->submit.declare(app, "None here: what is made is said by --arg");
    app.add_option("--since", o->since, "Groups that start at or after this time (UTC date or MJD)");
    app.add_option("--until", o->until, "Groups that start before this time (UTC date or MJD)");
    app.add_option("--min-subbands", o->min_subbands, "Groups with fewer are left; default 12");
    app.footer(
        "With --dry-run: the groups that lack a result of these inputs, this configuration and this code. Jobs that "
        "still "
        "wait in Slurm are not counted: said again before they ran, it submits their groups again, and who comes "
        "second "
        "finds nothing left to do.");
    return [o, &globals] { return backfill(*o, globals); };
}

VerbRegistrar const here{{"backfill", "Submit the groups that lack a result", &declare}};

}  // namespace backfill_verb
}  // namespace nocturne::cli
