// Verb `runs logs`: what happened in a run, in the order of time: its moves, its groups, their stages and errors.
#include "cli/queue_json.hpp"
#include "cli/runs_json.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

#include <algorithm>
#include <iostream>

namespace nocturne::cli {
namespace runs_logs_verb {

struct Line {
    double at_s;
    std::string text;
};

std::string stages_text(db::GroupRunRow const& group)
{
    std::string text;
    for (auto const& stage : group.stages)
        text += (text.empty() ? " (" : ", ") + stage.stage + " " + format_number(stage.wall_s, 3) + " s";
    return text.empty() ? "" : text + ")";
}

std::vector<Line> lines_of(db::Session& session, db::RunRow const& run)
{
    std::vector<Line> lines;
    for (auto const& change : db::history_of(session, "run", run.run_id))
        lines.push_back({change.at_s, "run " + change.status + (change.detail.empty() ? "" : ": " + change.detail)});
    for (auto const& group : db::groups_of_run(session, run.run_id)) {
        if (group.started_s) lines.push_back({*group.started_s, "group " + group.group_id + " taken"});
        if (!group.finished_s) continue;
        auto const where = group.error_stage.empty() ? "" : " in " + group.error_stage;
        lines.push_back({*group.finished_s, "group " + group.group_id + " " + group.status + where +
                                                (group.error.empty() ? "" : ": " + group.error) + stages_text(group)});
    }
    std::stable_sort(lines.begin(), lines.end(), [](Line const& a, Line const& b) { return a.at_s < b.at_s; });
    return lines;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto id = std::make_shared<std::string>();
    app.add_option("run", *id, "Id of the run, or its beginning")->required();
    app.footer(
        "From the database. What the program said on standard error is where it was sent: under Slurm the job's output "
        "file.");
    return [id, &globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto const run = db::find_run(session, *id);
        auto document = nlohmann::ordered_json::array();
        for (auto const& line : lines_of(session, run)) {
            document.push_back({{"timestamp", utc_text(line.at_s)}, {"message", line.text}});
            if (!globals.json) std::cout << utc_text(line.at_s) << "  " << line.text << "\n";
        }
        if (globals.json) print_json({{"run_id", run.run_id}, {"hpc_job_id", run.hpc_job_id}, {"log", document}});
        return 0;
    };
}

VerbRegistrar const here{{"runs logs", "What happened in a run, in the order of time", &declare}};

}  // namespace runs_logs_verb
}  // namespace nocturne::cli
