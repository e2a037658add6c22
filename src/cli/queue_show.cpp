// Verb `queue show`: who works on what, and what waits or failed; of one group its history, too.
#include "cli/queue_json.hpp"
#include "cli/table.hpp"
#include "cli/verb.hpp"

#include <iostream>
#include <limits>

namespace nocturne::cli {
namespace queue_show_verb {

struct Options {
    std::string group, state;
    std::int64_t limit = -1;
};

void print_text(db::Session& session, std::vector<db::QueueRow> const& queue, std::string const& group)
{
    std::vector<std::vector<std::string>> rows;
    for (auto const& row : queue)
        rows.push_back({row.group.group_id, name(row.group.state), row.group.stage,
                        std::to_string(row.group.retry_count), row.group.run_id, row.lease_owner,
                        utc_text(row.group.last_update_s), row.group.error});
    print_table({"group", "state", "stage", "retries", "run", "held by", "last change (UTC)", "error"}, rows);
    std::string counts;
    for (auto const& [state, n] : db::count_states(session))
        counts += (counts.empty() ? "" : ", ") + std::to_string(n) + " " + state;
    std::cout << (counts.empty() ? "the queue is empty" : counts) << "\n";
    if (group.empty()) return;
    for (auto const& change : db::history_of(session, "group", group))
        std::cout << utc_text(change.at_s) << "  " << change.status << "  " << change.run_id << "  " << change.detail
                  << "\n";
}

int run_verb(Options const& o, Globals const& globals)
{
    db::QueueFilter filter{o.group, std::nullopt, o.limit};
    if (!o.state.empty()) filter.state = db::queue_state(o.state);
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    auto const queue = db::list_queue(session, filter);
    if (!o.group.empty() && queue.empty() && !filter.state)
        throw Error(Code::input_missing, "no group " + o.group,
                    "database " + session.path() + " knows none of this name", "list them with nocturne groups");
    if (!globals.json) {
        print_text(session, queue, o.group);
        return 0;
    }
    auto document = nlohmann::ordered_json::array();
    for (auto const& row : queue) {
        document.push_back(to_json(row));
        if (!o.group.empty())
            document.back()["status_history"] = to_json(db::history_of(session, "group", row.group.group_id));
    }
    print_json(document);
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    app.add_option("group", o->group, "Only this group, with its history");
    app.add_option("--state", o->state, "collecting, pending, in_progress, completed or failed");
    app.add_option("--limit", o->limit, "So many at most")->in_range(0, std::numeric_limits<int>::max());
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"queue show", "Who works on what, what waits, what failed and why", &declare}};

}  // namespace queue_show_verb
}  // namespace nocturne::cli
