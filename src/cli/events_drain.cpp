// Verb `events drain`: what runs kept in spools while the database was away goes into it.
#include "cli/verb.hpp"
#include "driver/ship.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <iostream>

namespace nocturne::cli {
namespace events_drain_verb {

void add(Drained& sum, Drained const& more)
{
    sum.events += more.events, sum.moves += more.moves, sum.refused += more.refused;
    sum.spools += more.spools, sum.busy += more.busy, sum.kept += more.kept;
    sum.remarks.insert(sum.remarks.end(), more.remarks.begin(), more.remarks.end());
}

/// Where spools may be: what was named, else where the runs of this database keep theirs.
std::vector<std::string> directories(std::vector<std::string> const& named, db::Session& session)
{
    for (auto const& directory : named)
        if (!std::filesystem::is_directory(directory))
            throw Error(Code::input_missing, "no directory " + directory, "it is not there",
                        "nothing waits there, or its name is another: a run keeps its spools in OUT/spool, or --spool");
    return named.empty() ? db::spools_of_runs(session) : named;
}

int run_verb(std::vector<std::string> const& named, Globals const& globals)
{
    auto session = db::Session::open(database_of(globals), db::OpenMode::existing);
    Drained sum;
    for (auto const& directory : directories(named, session)) add(sum, drain_spools(session, directory));
    for (auto const& remark : sum.remarks) spdlog::warn("{}", remark);
    if (globals.json)
        print_json({{"spools", sum.spools},
                    {"events", sum.events},
                    {"records", sum.moves},
                    {"refused", sum.refused},
                    {"busy", sum.busy},
                    {"kept", sum.kept},
                    {"remarks", sum.remarks}});
    else
        std::cout << sum.spools << " spools shipped: " << sum.events << " new events, " << sum.moves << " records, "
                  << sum.refused << " refused; " << sum.busy << " in use by runs, " << sum.kept << " kept\n";
    return sum.kept > 0 ? exit_code(Code::bad_input) : 0;
}

std::function<int()> declare(App& app, Globals const& globals)
{
    auto named = std::make_shared<std::vector<std::string>>();
    app.add_option("--spool", *named, "Directory of spools; without it all that runs of this database named")
        ->one_value_each();
    app.footer(
        "Spools of runs that live are left to them. Shipping twice changes nothing; late results of groups that "
        "another run has claimed since are refused.");
    return [named, &globals] { return run_verb(*named, globals); };
}

VerbRegistrar const here{{"events drain", "Ship what runs kept in spools while the database was away", &declare}};

}  // namespace events_drain_verb
}  // namespace nocturne::cli
