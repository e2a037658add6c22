// Verb `queue fake-stale`: takes the oldest waiting group in the name of nobody, as if some time ago; for trying housekeeping out.
#include "cli/table.hpp"
#include "cli/verb.hpp"
#include "db/queue.hpp"
#include "db/runs.hpp"
#include "nocturne/version.hpp"

#include <iostream>

namespace nocturne::cli {
namespace queue_fake_stale_verb {

std::function<int()> declare(App& app, Globals const& globals)
{
    auto age = std::make_shared<std::string>("4000");
    app.add_option("--age", *age, "Since when nothing was heard of it; default 4000 s");
    app.hide();
    return [age, &globals] {
        double const age_s = parse_duration_s(*age, "--age");
        auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
        db::RunStart start;
        start.job_name = "queue fake-stale";
        start.code_version = code_version();
        auto const claim = db::claim_next(session, {db::start_run(session, start), db::hand_owner("nobody"), 3600});
        if (!claim) throw Error(Code::input_missing, "no group to take", "none is pending", "see nocturne queue show");
        db::make_silent(session, claim->group_id, age_s);
        std::cout << claim->group_id << "\n";
        return 0;
    };
}

VerbRegistrar const here{{"queue fake-stale", "Take a group and fall silent, to try housekeeping out", &declare}};

}  // namespace queue_fake_stale_verb
}  // namespace nocturne::cli
