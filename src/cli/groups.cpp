// Verb `groups`: the groups the database knows, by time.
#include "db/groups.hpp"

#include "cli/table.hpp"
#include "cli/verb.hpp"

#include <cmath>
#include <limits>

namespace nocturne::cli {
namespace groups_verb {

struct Options {
    std::string start, end, state;
    std::int64_t limit = -1;
};

nlohmann::ordered_json to_json(db::GroupRow const& group)
{
    using Json = nlohmann::ordered_json;
    return {{"group_id", group.group_id},
            {"state", name(group.state)},
            {"stage", group.stage},
            {"n_subbands", group.n_subbands},
            {"expected_subbands", group.expected_subbands},
            {"missing", group.missing},
            {"start_mjd", group.start_mjd ? Json(*group.start_mjd) : nullptr},
            {"end_mjd", group.end_mjd ? Json(*group.end_mjd) : nullptr},
            {"path", group.path},
            {"retry_count", group.retry_count},
            {"error", group.error.empty() ? Json(nullptr) : Json(group.error)}};
}

std::string list_of(std::vector<int> const& numbers)
{
    std::string text;
    for (int n : numbers) text += (text.empty() ? "" : ",") + std::to_string(n);
    return text;
}

int run_verb(Options const& options, Globals const& globals)
{
    db::GroupWindow window;
    if (!options.start.empty()) window.start_mjd = parse_mjd(options.start, "--start");
    if (!options.end.empty()) window.end_mjd = parse_mjd(options.end, "--end");
    if (!options.state.empty()) window.state = db::queue_state(options.state);
    window.limit = options.limit;
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    auto const groups = db::list_groups(session, window);
    if (globals.json) {
        auto document = nlohmann::ordered_json::array();
        for (auto const& group : groups) document.push_back(to_json(group));
        print_json(document);
        return 0;
    }
    std::vector<std::vector<std::string>> rows;
    for (auto const& group : groups)
        rows.push_back({group.group_id, name(group.state),
                        std::to_string(group.n_subbands) + "/" + std::to_string(group.expected_subbands),
                        list_of(group.missing), format_mjd(group.start_mjd.value_or(NAN)), group.path, group.error});
    print_table({"group", "state", "subbands", "missing", "start (UTC)", "path", "error"}, rows);
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto options = std::make_shared<Options>();
    app.add_option("--start", options->start, "Groups that start at or after this time (UTC date or MJD)");
    app.add_option("--end", options->end, "Groups that start before this time (UTC date or MJD)");
    app.add_option("--state", options->state, "collecting, pending, in_progress, completed or failed");
    app.add_option("--limit", options->limit, "So many at most")->in_range(0, std::numeric_limits<int>::max());
    return [options, &globals] { return run_verb(*options, globals); };
}

VerbRegistrar const here{{"groups", "List the groups of the database", &declare}};

}  // namespace groups_verb
}  // namespace nocturne::cli
