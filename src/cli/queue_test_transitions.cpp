// Verb `queue test-transitions`: every move of a group between two states is tried, and undone; the database must allow the legal ones
// and no other.
#include "cli/verb.hpp"
#include "db/queue.hpp"

#include <iostream>

namespace nocturne::cli {
namespace queue_test_transitions_verb {

std::function<int()> declare(App&, Globals const& globals)
{
    return [&globals] {
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        auto moves = nlohmann::ordered_json::array();
        bool good = true;
        for (auto const& trial : db::try_all_moves(session)) {
            bool const as_said = trial.allowed == db::legal(trial.from, trial.to);
            good = good && as_said;
            moves.push_back({{"from", name(trial.from)}, {"to", name(trial.to)}, {"allowed", trial.allowed}});
            if (!globals.json && (trial.allowed || !as_said))
                std::cout << name(trial.from) << " -> " << name(trial.to)
                          << (as_said ? "" : "  WRONG: the rules say otherwise") << "\n";
        }
        if (globals.json) print_json({{"pass", good}, {"moves", moves}});
        return good ? 0 : exit_code(Code::defect);
    };
}

VerbRegistrar const here{{"queue test-transitions", "Try every move between states; nothing stays of it", &declare}};

}  // namespace queue_test_transitions_verb
}  // namespace nocturne::cli
