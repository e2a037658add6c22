// Verb `events export`: what happened in runs, for other programs.
#include "cli/events_json.hpp"

#include <iostream>

namespace nocturne::cli {
namespace events_export_verb {

struct Options {
    EventOptions which;
    bool lines = false;
};

std::vector<nlohmann::ordered_json> chosen(Options const& o, Globals const& globals)
{
    if (!o.which.spool.empty()) return waiting_events(o.which);
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    std::vector<nlohmann::ordered_json> events;
    for (auto const& row : db::list_events(session, filter_of(o.which, session, -1)))
        events.push_back(nlohmann::ordered_json::parse(row.payload));
    return events;
}

int run_verb(Options const& o, Globals const& globals)
{
    auto const events = chosen(o, globals);
    if (!o.lines) {
        print_json(events);
        return 0;
    }
    for (auto const& event : events) std::cout << event.dump() << "\n";
    return 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto o = std::make_shared<Options>();
    add_event_options(app, o->which);
    app.add_option("--spool", o->which.spool,
                   "Those that still wait in the spools of this directory, not the database's");
    app.add_flag("--ndjson", o->lines, "One event a line, not one JSON array");
    return [o, &globals] { return run_verb(*o, globals); };
}

VerbRegistrar const here{{"events export", "What happened in runs, groups and stages, as a JSON array", &declare}};

}  // namespace events_export_verb
}  // namespace nocturne::cli
